/** The original's client against our server, over its own wire. */
import assert from "node:assert/strict";
import { chat0Conversations } from "../interop/conversation.ts";
import { pythonWithAioquic } from "../interop/foreign-programs.ts";
import { interopDir, Peer } from "../interop/peer.ts";
import { startServer } from "./running-server.ts";

const python = await pythonWithAioquic();

Deno.test({
  name: "original clients chat with each other",
  ignore: "missing" in python,
  async fn(t) {
    assert("program" in python);
    await using server = await startServer();
    for (const { name, hold } of chat0Conversations) {
      await t.step(name, async () => {
        await hold((name, args = []) =>
          new Peer(name, python.program, [
            `${interopDir}original_client.py`,
            "--port",
            String(server.port),
            "--name",
            name,
            ...args,
          ])
        );
      });
    }
  },
});
