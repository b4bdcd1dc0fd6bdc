/** A client over another QUIC stack than the server's, on both wires; and beside the original's client. */
import assert from "node:assert/strict";
import { type Arrive, chat0Conversations, quicchat1Conversations } from "../interop/conversation.ts";
import { pythonWithAioquic, quicGoClient } from "../interop/foreign-programs.ts";
import { interopDir, Peer } from "../interop/peer.ts";
import { startServer } from "./running-server.ts";

const dir = await Deno.makeTempDir({ prefix: "quicchat-quicgo-" });
const quicGo = await quicGoClient(dir);
const python = await pythonWithAioquic();

function arriveBy(program: string, port: number, protocol: string): Arrive {
  return (name, args = []) =>
    new Peer(name, program, ["--port", String(port), "--name", name, "--protocol", protocol, ...args]);
}

for (
  const [protocol, conversations] of [
    ["chat/0", chat0Conversations],
    ["quicchat/1", quicchat1Conversations],
  ] as const
) {
  Deno.test({
    name: `a client over quic-go speaks ${protocol}`,
    ignore: "missing" in quicGo,
    async fn(t) {
      assert("program" in quicGo);
      await using server = await startServer();
      for (const { name, hold } of conversations) {
        await t.step(name, async () => await hold(arriveBy(quicGo.program, server.port, protocol)));
      }
    },
  });
}

Deno.test({
  name: "quicchat/1 over quic-go and the original's client share the lobby",
  ignore: "missing" in quicGo || "missing" in python,
  async fn() {
    assert("program" in quicGo && "program" in python);
    await using server = await startServer();
    await using ada = arriveBy(quicGo.program, server.port, "quicchat/1")("ada");
    await using original = new Peer("original", python.program, [
      `${interopDir}original_client.py`,
      "--port",
      String(server.port),
      "--name",
      "original",
    ]);
    await ada.pdu("CHAT_JOINED", { room: "lobby" });
    await original.pdu("CHAT_WELCOME");
    await original.say({ do: "send", text: "from the old days" });
    const heard = await ada.pdu("CHAT_MESSAGE", { sender: "original", text: "from the old days" });
    assert.equal(heard.room, "lobby");
    await original.pdu("CHAT_RECEIPT", { ack: 1 });
    await original.say({ do: "typing", status: true });
    await ada.pdu("CHAT_TYPING", { who: "original", status: true }, "datagram");
    await ada.say({ do: "burst", text: "from the new days", count: 100 });
    const answers = await original.pdus("CHAT_MESSAGE", 100, { sender: "ada" });
    assert.equal(answers.at(-1)?.text, "from the new days 100");
    // A datagram towards the server is as good as its stream.
    const status = { type: "CHAT_TYPING", seq: 0, ts: 1, room: "lobby", status: true };
    await ada.say({ do: "datagram", pdu: status });
    await original.pdu("CHAT_TYPING", { who: "ada", status: true });
    // What only quicchat/1 knows is not shown to it.
    const said = await ada.pdu("CHAT_MESSAGE", { sender: "ada", text: "from the new days 100" });
    const edit = { type: "CHAT_EDIT", seq: 101, ts: 1, target: said.offset, text: "edited" };
    await ada.say({ do: "pdu", pdu: edit });
    await ada.pdu("CHAT_RECEIPT", { ack: 101 });
    await ada.say({ do: "send", text: "the end", seq: 102 });
    await original.pdu("CHAT_MESSAGE", { text: "the end" });
    assert.deepEqual(original.seen("CHAT_EDIT"), []);
    assert.deepEqual(original.badChunks(), []);
  },
});

addEventListener("unload", () => Deno.removeSync(dir, { recursive: true }));
