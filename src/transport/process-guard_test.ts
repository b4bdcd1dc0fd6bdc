/** Four ways in which one remote peer ends a process that serves QUIC with Deno and takes no care. Each attack
 * is made on a server in a process of its own, which an honest client must find alive afterwards. */
import assert from "node:assert/strict";
import { testCertificate } from "../../tests/fixtures/certificate.ts";
import { dialQuic } from "./quic/quic-dial.ts";
import { dialWebTransport } from "./webtransport/webtransport-dial.ts";

const certificate = await testCertificate();
const hello = new TextEncoder().encode('{"hello":1}\n');

/** A process of ours and the lines that it prints. */
class Child {
  readonly lines: string[] = [];
  readonly #process: Deno.ChildProcess;
  readonly #read: Promise<void>;

  constructor(fixture: string, args: string[]) {
    const path = new URL(`../../tests/fixtures/${fixture}`, import.meta.url).pathname;
    this.#process = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--unstable-net", "--allow-net", "--allow-read", path, ...args],
      stdout: "piped",
    }).spawn();
    this.#read = this.#readLines();
  }

  async #readLines(): Promise<void> {
    let rest = "";
    for await (const text of this.#process.stdout.pipeThrough(new TextDecoderStream())) {
      const parts = (rest + text).split("\n");
      rest = parts.pop() ?? "";
      this.lines.push(...parts);
    }
  }

  async says(part: string): Promise<string> {
    const deadline = performance.now() + 20_000;
    for (;;) {
      const line = this.lines.find((text) => text.includes(part));
      if (line !== undefined) return line;
      if (performance.now() > deadline) throw new Error(`never said ${part}, but:\n${this.lines.join("\n")}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /** Ends it without leaving it a word. */
  async kill(): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#process.status;
    await this.#read;
  }
}

async function attacked(
  attack: (server: Child, port: number) => Promise<void>,
  { escapes = false } = {},
): Promise<void> {
  const directory = await Deno.makeTempDir();
  const paths = [`${directory}/cert.pem`, `${directory}/key.pem`] as const;
  await Deno.writeTextFile(paths[0], certificate.cert);
  await Deno.writeTextFile(paths[1], certificate.key, { mode: 0o600 });
  const server = new Child("quic-server.ts", [...paths]);
  try {
    const { port } = JSON.parse(await server.says('"port"'));
    await attack(server, port);
    for (const kind of ["quic", "webtransport"] as const) await honest(kind, port);
    // The guard is the last net: what can be caught where it is thrown must not reach it.
    assert.equal(server.lines.some((line) => line.includes('"escaped"')), escapes, server.lines.join("\n"));
  } finally {
    await server.kill();
    await Deno.remove(directory, { recursive: true });
  }
}

async function honest(kind: "quic" | "webtransport", port: number): Promise<void> {
  const link = kind === "quic"
    ? await dialQuic({ hostname: "127.0.0.1", port, wire: "quicchat/1", caCerts: [certificate.cert] })
    : await dialWebTransport(`https://127.0.0.1:${port}/quicchat/1`, {
      certificateHashes: [certificate.hash],
    });
  const echoed = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  link.open({ bytes: () => echoed.resolve(), datagram() {}, closed: () => ended.resolve() });
  link.push(hello);
  await Promise.race([echoed.promise, ended.promise.then(() => assert.fail("the server is gone"))]);
  link.close();
  await ended.promise;
}

async function killedClient(kind: "quic" | "webtransport", port: number): Promise<void> {
  const client = new Child("quic-client.ts", [kind, String(port), certificate.hash.toHex()]);
  await client.says("connected");
  await client.kill();
}

async function openSession(port: number): Promise<WebTransport> {
  const session = new WebTransport(`https://127.0.0.1:${port}/quicchat/1`, {
    serverCertificateHashes: [{ algorithm: "sha-256", value: certificate.hash }],
  });
  await session.ready;
  const stream = await session.createBidirectionalStream();
  await stream.writable.getWriter().write(hello);
  await stream.readable.getReader().read();
  return session;
}

Deno.test("killer 1: a WebTransport client vanishes", () =>
  attacked(async (server, port) => {
    await killedClient("webtransport", port);
    await server.says('"lost"');
  }));

Deno.test("killer 1: a WebTransport client closes its session without a word", () =>
  attacked(async (server, port) => {
    const session = await openSession(port);
    session.close();
    await session.closed;
    await server.says('"peer"');
  }));

Deno.test("killer 2: an empty WebTransport datagram", () =>
  attacked(async (server, port) => {
    const session = await openSession(port);
    await session.datagrams.writable.getWriter().write(new Uint8Array(0));
    // The rejection is inside the runtime: if an upgrade mends it, this line says so and can go.
    await server.says('"escaped"');
    session.close();
    await session.closed;
  }, { escapes: true }));

Deno.test("killer 3: an ALPN that is not spoken", () =>
  attacked(async (server, port) => {
    await assert.rejects(Deno.connectQuic<false>({
      hostname: "127.0.0.1",
      port,
      alpnProtocols: ["nonsense"],
      caCerts: [certificate.cert],
    }));
    await server.says('"handshake"');
  }));

Deno.test("killer 4: a raw QUIC client is killed", () =>
  attacked(async (server, port) => {
    await killedClient("quic", port);
    await server.says('"lost"');
  }));

Deno.test("garbage on the port", () =>
  attacked(async (_server, port) => {
    const socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
    const to: Deno.NetAddr = { transport: "udp", hostname: "127.0.0.1", port };
    for (let length = 1; length < 1_300; length += 13) {
      await socket.send(new Uint8Array(length).map((_, at) => Math.imul(at + length, 40_503) >>> 8), to);
    }
    socket.close();
  }));
