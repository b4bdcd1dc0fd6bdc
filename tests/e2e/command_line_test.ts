/** The command line as a user types it, through the launcher: what it says, where, and the exit code. */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { startServer } from "./running-server.ts";

const launcher = fileURLToPath(new URL("../../bin/quicchat.mjs", import.meta.url));

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function quicchat(args: readonly string[], env: Record<string, string> = {}): Promise<Ran> {
  const output = await new Deno.Command("node", { args: [launcher, ...args], env, stdin: "null" }).output();
  const decoder = new TextDecoder();
  return { code: output.code, out: decoder.decode(output.stdout), err: decoder.decode(output.stderr) };
}

/** One sentence on standard error that matches, no stack trace, this exit code. */
function assertSays(ran: Ran, code: number, pattern: RegExp): void {
  const lines = ran.err.trim().split("\n").filter((line) => line.startsWith("quicchat:"));
  assert.equal(lines.length, 1, ran.err);
  assert.match(lines[0] ?? "", pattern);
  assert.doesNotMatch(ran.err, /^\s+at /m);
  assert.equal(ran.code, code, ran.err);
}

Deno.test("wrong use is told in one sentence, with exit code 2", async (t) => {
  const directory = await Deno.makeTempDir({ prefix: "quicchat-cli-" });
  try {
    const cases: readonly [string, readonly string[], RegExp][] = [
      ["no such command", ["dance"], /no command "dance"/],
      ["no such flag", ["serve", "--prot", "1"], /no flag --prot/],
      ["a value missing", ["serve", "--port"], /--port/],
      ["no number", ["tail", "--after", "x"], /whole number/],
      ["a flag twice", ["tail", "--limit", "1", "--limit", "2"], /give it once/],
      ["nothing to send", ["send"], /what shall be sent/],
      ["a text without quotes", ["send", "two", "words"], /one word too many/],
      ["no address", ["send", "--url", "ftp://x", "hi"], /--url/],
      ["no name", ["send", "--name", " x", "hi"], /--name/],
      ["no such protocol", ["send", "--protocol", "irc", "hi"], /chat\/0/],
      ["a certificate without its key", ["serve", "--data", directory, "--cert", "x.pem"], /belong together/],
      [
        "a certificate that is not there",
        ["serve", "--data", directory, "--cert", "nowhere.pem", "--key", "nowhere.key"],
        /nowhere\.pem/,
      ],
      ["open and a token", ["serve", "--data", directory, "--open", "--token", "x"], /contradict/],
    ];
    for (const [name, args, pattern] of cases) {
      await t.step(name, async () => assertSays(await quicchat(args), 2, pattern));
    }
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("a server that can't start says why: ports, directories, stores", async (t) => {
  await using server = await startServer();
  const directory = await Deno.makeTempDir({ prefix: "quicchat-cli-" });
  const serve = (more: readonly string[]) => quicchat(["serve", "--port", "0", "--data", directory, ...more]);
  try {
    await t.step("the port is taken", async () =>
      assertSays(
        await quicchat(["serve", "--data", directory, "--port", String(server.port)]),
        2,
        /port \d+ is taken.*--port/,
      ));
    await t.step("the port is taken on UDP alone", async () => {
      const endpoint = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
      const { port } = endpoint.addr as Deno.NetAddr;
      try {
        const ran = await quicchat(["serve", "--data", directory, "--port", String(port)]);
        assertSays(ran, 2, /UDP port \d+ is taken/);
      } finally {
        endpoint.close();
      }
    });
    await t.step(
      "another server has the directory",
      async () => assertSays(await quicchat(["serve", "--port", "0", "--data", server.dataDir]), 2, /in use/),
    );
    await t.step("the store is of a newer version", async () => {
      const db = new DatabaseSync(`${directory}/log.sqlite`);
      db.exec("PRAGMA user_version = 9999");
      db.close();
      assertSays(await serve([]), 2, /update QUICChat/);
      await Deno.remove(`${directory}/log.sqlite`);
    });
    await t.step("the store is damaged", async () => {
      await Deno.writeFile(`${directory}/log.sqlite`, new Uint8Array(8_192).fill(65));
      assertSays(await serve([]), 2, /log\.sqlite/);
    });
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("send, tail and chat, as typed", async (t) => {
  await using server = await startServer();
  const state = await Deno.makeTempDir({ prefix: "quicchat-cli-" });
  const env = { QUICCHAT_STATE: state };
  const at = ["--url", server.url];
  try {
    await t.step("send ends with 0 when it is stored, and prints the receipt", async () => {
      const ran = await quicchat(["send", ...at, "--json", "--name", "Ann", "hello"], env);
      assert.equal(ran.code, 0, ran.err);
      const receipt = JSON.parse(ran.out);
      assert.deepEqual([receipt.type, receipt.ack, receipt.room, receipt.offset], [
        "CHAT_RECEIPT",
        1,
        "lobby",
        1,
      ]);
    });
    await t.step("a text that looks like a flag goes after --", async () => {
      assert.equal((await quicchat(["send", ...at, "--name", "Ann", "--", "--help"], env)).code, 0);
    });
    await t.step("tail gives it from the first, over raw QUIC, and ends after --limit", async () => {
      const url = `quic://${server.host}:${server.port}`;
      const ran = await quicchat(["tail", "--url", url, "--after", "0", "--limit", "2", "--json"], env);
      const [first, second] = ran.out.trim().split("\n").map((line) => JSON.parse(line));
      assert.deepEqual([first.text, first.sender, first.offset, second.text], ["hello", "Ann", 1, "--help"]);
      assert.equal(ran.code, 0, ran.err);
    });
    await t.step("a server that is not there is trouble, exit code 1", async () => {
      const ran = await quicchat(["send", "--url", "http://127.0.0.1:9", "--wait", "1", "x"], env);
      assertSays(ran, 1, /no connection to http:\/\/127\.0\.0\.1:9/);
    });
    await t.step("chat shows the past, says what is typed and answers commands", async () => {
      const chat = new Deno.Command("node", {
        args: [launcher, "chat", ...at, "--name", "Bob"],
        env,
        stdin: "piped",
        stdout: "piped",
        stderr: "piped",
      }).spawn();
      const input = chat.stdin.getWriter();
      const type = (line: string) => input.write(new TextEncoder().encode(line + "\n"));
      let seen = "";
      const { promise: said, resolve } = Promise.withResolvers<void>();
      const reading = (async () => {
        for await (const text of chat.stdout.pipeThrough(new TextDecoderStream())) {
          seen += text;
          if (seen.includes("Bob: good evening") && seen.includes("* Bob")) resolve();
        }
        resolve();
      })();
      await type("good evening");
      await type("/who");
      await said;
      await type("/quit");
      await reading;
      await input.close().catch(() => {}); // It has ended, which is what was asked.
      assert.match(seen, /Ann: hello/);
      assert.match(seen, /Bob: good evening/);
      assert.equal((await chat.status).code, 0);
    });
  } finally {
    await Deno.remove(state, { recursive: true });
  }
});

Deno.test("send - goes on through a server that is killed and comes back: every line once, in order", async () => {
  await using server = await startServer(["--rate", "100000"]);
  const sending = new Deno.Command("node", {
    args: [launcher, "send", "--url", server.url, "--name", "Log", "--json", "-"],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const lines = Array.from({ length: 3_000 }, (_, index) => `line ${index + 1}`);
  const feeding = (async () => {
    const input = sending.stdin.getWriter();
    await input.write(new TextEncoder().encode(lines.join("\n") + "\n"));
    await input.close();
  })();
  const acknowledged: number[] = [];
  let rest = "";
  let kills = 0;
  for await (const text of sending.stdout.pipeThrough(new TextDecoderStream())) {
    const complete = (rest + text).split("\n");
    rest = complete.pop() ?? "";
    for (const line of complete) acknowledged.push(JSON.parse(line).ack);
    if (acknowledged.length > 300 * (kills * 3 + 1) && kills < 2) {
      kills++;
      await server.kill9();
      await server.restart();
    }
  }
  await feeding;
  assert.equal((await sending.status).code, 0);
  assert.ok(kills > 0, "the server was killed in the middle");
  assert.deepEqual(acknowledged.sort((a, b) => a - b), lines.map((_, index) => index + 1));
  const ran = await quicchat(["tail", "--url", server.url, "--after", "0", "--limit", "3000", "--json"]);
  assert.deepEqual(ran.out.trim().split("\n").map((line) => JSON.parse(line).text), lines);
});
