/** A server that can't start as it was asked says why in one sentence, and leaves everything as it was. (What is
 * wrong already in the words is in command_line_test.ts.) */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { testCertificate } from "../fixtures/certificate.ts";
import { startServer } from "./running-server.ts";

const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
const one = await testCertificate();
const other = await testCertificate();

/** Starts a server that must refuse, with this sentence alone and exit code 2. */
async function assertRefuses(args: readonly string[], says: RegExp): Promise<void> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-all", main, "serve", ...args],
    stdin: "null",
    // A refusal that does not come is a server that runs for ever.
    signal: AbortSignal.timeout(20_000),
  }).output();
  const printed = new TextDecoder().decode(stderr);
  assert.match(printed, /^quicchat: [^\n]+\n$/, "one sentence");
  assert.match(printed, says);
  assert.doesNotMatch(printed, /\.ts:\d|Error:|should not/);
  assert.equal(new TextDecoder().decode(stdout), "");
  assert.equal(code, 2);
}

/** A data directory of its own for each case, with `--port 0`. */
async function withData(test: (directory: string, args: readonly string[]) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "quicchat-serve-" });
  try {
    await test(directory, ["--port", "0", "--data", directory]);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test("numbers, addresses and tokens that can't be", async (t) => {
  const cases: readonly [readonly string[], RegExp][] = [
    [["--port", "65536"], /--port 65536: give a whole number from 0 to 65535/],
    [["--port", "http"], /--port http/],
    [["--rate", "0"], /--rate 0: give a whole number from 1/],
    [["--connections", "-1"], /--connections/],
    [["--host", "203.0.113.7"], /--host 203\.0\.113\.7 is no address of this machine/],
    [["--host", "nowhere.invalid"], /nowhere\.invalid/],
    [["--token", "a b"], /token/],
    [["--token", ""], /token/],
    [["somewhere"], /"somewhere" is one word too many/],
    [["--key", "key.pem"], /--cert and --key belong together/],
  ];
  for (const [more, says] of cases) {
    await t.step(more.join(" "), async () => {
      await withData((_, args) => {
        // A flag may be given once.
        const base = more.includes("--port") ? args.slice(2) : args;
        return assertRefuses([...base, ...more], says);
      });
    });
  }
});

Deno.test("a port that another program has, on one protocol or both", async (t) => {
  await t.step("both", async () => {
    await using server = await startServer();
    await withData((_, [, , ...data]) =>
      assertRefuses([...data, "--port", String(server.port)], /TCP port \d+ is taken: .*--port/)
    );
  });
  await t.step("TCP alone", async () => {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr;
    await withData((_, [, , ...data]) =>
      assertRefuses([...data, "--port", String(port)], new RegExp(`TCP port ${port} is taken: .*--port`))
    );
  });
  await t.step("UDP alone", async () => {
    const socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
    try {
      const { port } = socket.addr as Deno.NetAddr;
      await withData((_, [, , ...data]) =>
        assertRefuses([...data, "--port", String(port)], new RegExp(`UDP port ${port} is taken: .*--port`))
      );
    } finally {
      socket.close();
    }
  });
});

Deno.test("a certificate or key that can't be used", async (t) => {
  await withData(async (directory, args) => {
    const file = async (name: string, text: string) => {
      await Deno.writeTextFile(`${directory}/${name}`, text, { mode: 0o600 });
      return `${directory}/${name}`;
    };
    const cert = await file("one.pem", one.cert);
    const key = await file("one.key", one.key);
    const words = await file("words.pem", "this is no certificate\n");
    const cut = await file("cut.pem", `${one.cert.slice(0, 200)}\n-----END CERTIFICATE-----\n`);
    const others = await file("other.key", other.key);
    const cases: readonly [string, string, string, RegExp][] = [
      ["not there", `${directory}/none.pem`, key, /none\.pem/],
      ["a directory", directory, key, /certificate/],
      ["words for a certificate", words, key, /words\.pem/],
      ["half a certificate", cut, key, /cut\.pem/],
      ["words for a key", cert, words, /words\.pem/],
      ["the key of another", cert, others, /other\.key is not the one of the certificate/],
      ["the two confused", key, cert, /one\.(key|pem)/],
    ];
    for (const [name, certPath, keyPath, says] of cases) {
      await t.step(name, () => assertRefuses([...args, "--cert", certPath, "--key", keyPath], says));
    }
  });
});

Deno.test("a data directory that can't be used is left as it was", async (t) => {
  await t.step("of a newer version", () =>
    withData(async (directory, args) => {
      const path = `${directory}/log.sqlite`;
      const db = new DatabaseSync(path);
      db.exec("CREATE TABLE future (it TEXT); PRAGMA user_version = 9999");
      db.close();
      const before = await Deno.readFile(path);
      await assertRefuses(args, /log\.sqlite is of version 9999 .*update QUICChat/);
      assert.deepEqual(await Deno.readFile(path), before);
    }));
  await t.step("another program's database", () =>
    withData(async (directory, args) => {
      const path = `${directory}/log.sqlite`;
      const db = new DatabaseSync(path);
      db.exec("CREATE TABLE recipes (name TEXT); INSERT INTO recipes VALUES ('soup')");
      db.close();
      const before = await Deno.readFile(path);
      await assertRefuses(args, /log\.sqlite/);
      assert.deepEqual(await Deno.readFile(path), before);
    }));
  await t.step("no database at all", () =>
    withData(async (directory, args) => {
      const path = `${directory}/log.sqlite`;
      const before = new Uint8Array(8_192).fill(65);
      await Deno.writeFile(path, before);
      await assertRefuses(args, /log\.sqlite/);
      assert.deepEqual(await Deno.readFile(path), before);
    }));
  await t.step("a file", () =>
    withData(async (directory) => {
      await Deno.writeTextFile(`${directory}/file`, "mine");
      await assertRefuses(["--port", "0", "--data", `${directory}/file`], /file/);
      assert.equal(await Deno.readTextFile(`${directory}/file`), "mine");
    }));
  await t.step("in use", async () => {
    await using server = await startServer();
    await assertRefuses(
      ["--port", "0", "--data", server.dataDir],
      /in use by another QUICChat \(process \d+\)/,
    );
    assert.equal((await fetch(`${server.url}/healthz`).then((answer) => answer.text())).trim(), "ok");
  });
  await t.step("cut short after it was written", async () => {
    const directory = await Deno.makeTempDir({ prefix: "quicchat-serve-" });
    try {
      const server = await startServer([], { dataDir: directory });
      assert.equal(await server.stop(), 0);
      const path = `${directory}/log.sqlite`;
      await Deno.truncate(path, 10_000);
      await assertRefuses(["--port", "0", "--data", directory], /log\.sqlite/);
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  });
});
