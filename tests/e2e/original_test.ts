/** The original, client and server, against ours, over its own wire. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { ClassicClient } from "../../src/client/classic.ts";
import { connect } from "../../src/client/connect.ts";
import { dialQuic } from "../../src/transport/quic/quic-dial.ts";
import type { ServerPdu } from "../../src/protocol/server-pdu.ts";
import { testCertificate } from "../fixtures/certificate.ts";
import { type Arrive, chat0Conversations } from "../interop/conversation.ts";
import { pythonWithAioquic } from "../interop/foreign-programs.ts";
import { interopDir, Peer } from "../interop/peer.ts";
import { startServer } from "./running-server.ts";

const python = await pythonWithAioquic();
const ignore = "missing" in python;

/** The original's clients, at a server on this port. */
function arriveAt(port: number): Arrive {
  assert("program" in python);
  const { program } = python;
  return (name, args = []) =>
    new Peer(name, program, [
      `${interopDir}original_client.py`,
      "--port",
      String(port),
      "--name",
      name,
      ...args,
    ]);
}

Deno.test({
  name: "original clients chat with each other on our server",
  ignore,
  async fn(t) {
    await using server = await startServer();
    for (const { name, hold } of chat0Conversations) {
      await t.step(name, async () => await hold(arriveAt(server.port)));
    }
  },
});

Deno.test({
  name: "an original client and one of ours chat on our server",
  ignore,
  async fn() {
    await using server = await startServer();
    await using original = arriveAt(server.port)("original");
    await original.pdu("CHAT_WELCOME");
    const ours = connect(server.url, { name: "ours" });
    try {
      const room = ours.room("lobby", { after: 0 });
      const events = room[Symbol.asyncIterator]();
      await ours.live();
      await original.say({ do: "send", text: "from the old days" });
      const { value: heard } = await events.next();
      assert(heard?.type === "CHAT_MESSAGE");
      assert.equal(heard.sender, "original");
      assert.equal(heard.text, "from the old days");
      const { offset } = await room.send("from the new days");
      assert.equal(offset, heard.offset + 1);
      await original.pdu("CHAT_MESSAGE", { sender: "ours", text: "from the new days" });
      room.setTyping(true);
      await original.pdu("CHAT_TYPING", { who: "ours", status: true });
      await events.return?.();
    } finally {
      await ours.close();
    }
  },
});

interface OriginalServer extends AsyncDisposable {
  readonly program: Peer;
  readonly port: number;
  readonly certificate: string;
  /** The same, as a file. */
  readonly certificatePath: string;
}

async function startOriginalServer(args: readonly string[] = []): Promise<OriginalServer> {
  assert("program" in python);
  const dir = await Deno.makeTempDir({ prefix: "quicchat-original-" });
  const { cert, key } = await testCertificate();
  await Deno.writeTextFile(`${dir}/cert.pem`, cert);
  await Deno.writeTextFile(`${dir}/key.pem`, key);
  const program = new Peer("original server", python.program, [
    `${interopDir}original_server.py`,
    "--cert",
    `${dir}/cert.pem`,
    "--key",
    `${dir}/key.pem`,
    ...args,
  ]);
  const { port } = await program.event("listening");
  return {
    program,
    port: Number(port),
    certificate: cert,
    certificatePath: `${dir}/cert.pem`,
    async [Symbol.asyncDispose]() {
      await program.leave();
      await Deno.remove(dir, { recursive: true });
    },
  };
}

async function dialOriginal(server: OriginalServer, name: string): Promise<ClassicClient> {
  const { port, certificate } = server;
  const link = await dialQuic({ hostname: "127.0.0.1", port, wire: "chat/0", caCerts: [certificate] });
  return new ClassicClient(link, { name });
}

Deno.test({
  name: "a client of ours chats with original clients on the original's server",
  ignore,
  async fn() {
    await using server = await startOriginalServer();
    await using bob = arriveAt(server.port)("bob");
    await bob.pdu("CHAT_WELCOME");
    const ours = await dialOriginal(server, "ours");
    const heard: ServerPdu[] = [];
    const hearing = (async () => {
      for await (const pdu of ours) {
        heard.push(pdu);
        if (pdu.type === "CHAT_MESSAGE" && pdu.text === "b 100") ours.close();
      }
    })();
    await ours.welcome;
    ours.setTyping(true);
    await bob.pdu("CHAT_TYPING", { who: "ours", status: true });
    // The original's server parses each chunk as exactly one object, too.
    await Promise.all(Array.from({ length: 100 }, (_, at) => ours.send(`n ${at + 1}`)));
    const texts = (await bob.pdus("CHAT_MESSAGE", 100, { sender: "ours" })).map(({ text }) => text);
    assert.deepEqual(texts, Array.from({ length: 100 }, (_, at) => `n ${at + 1}`));
    await bob.say({ do: "typing", status: true });
    await bob.say({ do: "burst", text: "b", count: 100 });
    await hearing;
    assert(heard.some((pdu) => pdu.type === "CHAT_TYPING" && pdu.who === "bob" && pdu.status));
    const messages = heard.flatMap((pdu) => pdu.type === "CHAT_MESSAGE" ? [pdu.text] : []);
    assert.deepEqual(messages, Array.from({ length: 100 }, (_, at) => `b ${at + 1}`));
    // It said goodbye before it went.
    await server.program.event("pdu", { from: "ours" });
    await server.program.pdu("CHAT_BYE");
    assert.deepEqual(server.program.badChunks(), []);
  },
});

Deno.test({
  name: "a client of ours sends again what the original's server did not acknowledge",
  ignore,
  async fn() {
    await using server = await startOriginalServer(["--deaf", "1"]);
    const ours = await dialOriginal(server, "ours");
    await ours.welcome;
    await ours.send("do you hear me?");
    const tries = server.program.seen("CHAT_MESSAGE");
    assert.deepEqual(tries.map(({ seq, text }) => ({ seq, text })), [
      { seq: 1, text: "do you hear me?" },
      { seq: 1, text: "do you hear me?" },
    ]);
    ours.close();
    await server.program.event("left");
  },
});

interface Ended {
  readonly code: number;
  readonly printed: string;
  readonly complained: string;
}

/** The command line as people start it, with the permissions that it gets then. */
async function quicchat(args: readonly string[], input = ""): Promise<Ended> {
  const stateDir = await Deno.makeTempDir({ prefix: "quicchat-state-" });
  const child = new Deno.Command("node", {
    args: ["bin/quicchat.mjs", ...args],
    cwd: fileURLToPath(new URL("../../", import.meta.url)),
    env: { QUICCHAT_STATE: stateDir },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  // A command that ends without reading has closed the pipe; its code tells what there is to tell.
  const written = writer.write(new TextEncoder().encode(input)).then(() => writer.close()).catch(() => {});
  const { code, stdout, stderr } = await child.output();
  await written;
  await Deno.remove(stateDir, { recursive: true });
  const decoder = new TextDecoder();
  return { code, printed: decoder.decode(stdout), complained: decoder.decode(stderr) };
}

function jsonLines(text: string): Record<string, unknown>[] {
  return text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
}

Deno.test({
  name: "send and tail talk to the original's server, which has no TCP port to ask for its certificate",
  ignore,
  async fn() {
    await using server = await startOriginalServer();
    await using bob = arriveAt(server.port)("bob");
    await bob.pdu("CHAT_WELCOME");
    const common = ["--url", `quic://127.0.0.1:${server.port}`, "--protocol", "chat/0"];
    const tailing = quicchat(["tail", ...common, "--insecure", "--name", "tail", "--json", "--limit", "102"]);
    await server.program.pdu("CHAT_HELLO", { name: "tail" });

    await bob.say({ do: "send", text: "before" });
    await bob.pdu("CHAT_RECEIPT");
    const one = await quicchat(["send", ...common, "--insecure", "--name", "ann", "--json", "one"]);
    assert.equal(one.code, 0, one.complained);
    assert.deepEqual(jsonLines(one.printed).map(({ type, ack }) => ({ type, ack })), [
      { type: "CHAT_RECEIPT", ack: 1 },
    ]);
    const lines = Array.from({ length: 100 }, (_, at) => `n ${at + 1}`);
    const trusted = ["--ca", server.certificatePath, "--name", "pipe", "--json", "-"];
    const many = await quicchat(["send", ...common, ...trusted], lines.join("\n") + "\n");
    assert.equal(many.code, 0, many.complained);
    assert.deepEqual(jsonLines(many.printed).map(({ ack }) => ack), lines.map((_, at) => at + 1));

    const tailed = await tailing;
    assert.equal(tailed.code, 0, tailed.complained);
    assert.deepEqual(
      jsonLines(tailed.printed).map(({ sender, text }) => ({ sender, text })),
      [
        { sender: "bob", text: "before" },
        { sender: "ann", text: "one" },
        ...lines.map((text) => ({ sender: "pipe", text })),
      ],
    );
    assert.deepEqual(server.program.badChunks(), []);
  },
});
