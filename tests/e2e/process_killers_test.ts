/** Four ways in which one peer ends a process that serves QUIC with Deno and takes no care, tried on the whole
 * server; `src/transport/process-guard_test.ts` looks at each more closely. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { HonestPair } from "../fixtures/honest-pair.ts";
import { hashOf, type Reachable, type Way, WAYS, WireClient } from "../fixtures/wire-client.ts";
import { type RunningServer, startServer } from "./running-server.ts";

/** Makes the attack while others talk, who must not notice. */
async function survives(
  attack: (server: RunningServer) => Promise<void>,
  { escapes = false } = {},
): Promise<void> {
  await using server = await startServer(["--verbose"]);
  const { pid } = server;
  const pair = await HonestPair.begin(server);
  await attack(server);
  await pair.stillTalks();
  await pair.end();
  for (const way of WAYS) await (await WireClient.enter(server, "late", { way })).leave();
  assert.equal(server.pid, pid);
  assert.equal(await server.stop(), 0, server.output());
  // The process's guard is the last net: what can be caught where it is thrown must not reach it.
  assert.equal(server.output().includes('"escaped-'), escapes, server.output());
}

/** Waits until it printed this so many times. */
async function says(server: RunningServer, pattern: RegExp, times = 1): Promise<void> {
  // A QUIC peer that vanished is missed after 15 s.
  const deadline = performance.now() + 40_000;
  while ([...server.output().matchAll(pattern)].length < times) {
    assert.ok(performance.now() < deadline, `never said ${pattern}: ${server.output()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const doomed = fileURLToPath(new URL("../fixtures/doomed-client.ts", import.meta.url));

/** A client in a process of its own, which is killed in the middle of a word. */
async function killClient(server: Reachable, way: Way): Promise<void> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-all", doomed, way, String(server.port), server.dataDir],
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  assert.equal(new TextDecoder().decode(value), "talks\n");
  child.kill("SIGKILL");
  await child.status;
  await reader.cancel();
}

async function openSession(server: Reachable): Promise<WebTransport> {
  const hash = await hashOf(await Deno.readTextFile(`${server.dataDir}/certificate.pem`));
  const session = new WebTransport(`https://127.0.0.1:${server.port}/quicchat/1`, {
    serverCertificateHashes: [{ algorithm: "sha-256", value: hash }],
  });
  await session.ready;
  return session;
}

/** Says hello over a session of one's own making, and hears the answer. */
async function greet(session: WebTransport): Promise<void> {
  const stream = await session.createBidirectionalStream();
  const hello = '{"type":"CHAT_HELLO","seq":0,"ts":1,"name":"rude"}\n';
  await stream.writable.getWriter().write(new TextEncoder().encode(hello));
  const { value } = await stream.readable.getReader().read();
  assert.match(new TextDecoder().decode(value), /CHAT_WELCOME/);
}

Deno.test("K1: a WebTransport client closes without a word", async () => {
  await survives(async (server) => {
    for (const greets of [true, false]) {
      const session = await openSession(server);
      if (greets) await greet(session);
      session.close();
      await session.closed;
    }
    await says(server, /"session-closed","link":"webtransport"/g);
  });
});

Deno.test("K2: an empty WebTransport datagram", async () => {
  await survives(async (server) => {
    const session = await openSession(server);
    await greet(session);
    await session.datagrams.writable.getWriter().write(new Uint8Array(0));
    // The rejection is inside the runtime: if an upgrade mends it, this waits in vain and can go.
    await says(server, /"escaped-rejection"/g);
    session.close();
    await session.closed;
  }, { escapes: true });
});

Deno.test("K3: an ALPN that is not spoken", async () => {
  await survives(async ({ port, dataDir }) => {
    const caCerts = [await Deno.readTextFile(`${dataDir}/certificate.pem`)];
    for (const alpn of ["nonsense", "h2", "quicchat/2", "chat/1"]) {
      const address = { hostname: "127.0.0.1", port, serverName: "localhost" };
      await assert.rejects(Deno.connectQuic<false>({ ...address, caCerts, alpnProtocols: [alpn] }));
    }
  });
});

Deno.test("K1 and K4: clients of every kind are killed in the middle of a word", async () => {
  await survives(async (server) => {
    const ways: readonly Way[] = [...WAYS, "quic"];
    await Promise.all(ways.map((way) => killClient(server, way)));
    // Only what happens when they are missed shows whether it is survived.
    await says(server, /"session-closed".*"why":"lost"/g, ways.length);
  });
});
