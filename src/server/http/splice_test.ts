import assert from "node:assert/strict";
import { Splice, writeAll } from "./splice.ts";

/** A splice on a given clock between two far ends. */
async function spliced(
  test: (ends: {
    client: Deno.TcpConn;
    server: Deno.TcpConn;
    splice: Splice;
    at: (nowMs: number) => void;
  }) => Promise<void>,
): Promise<void> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const [client, nearClient] = await Promise.all([
    Deno.connect({ port: listener.addr.port }),
    listener.accept(),
  ]);
  const [nearServer, server] = await Promise.all([
    Deno.connect({ port: listener.addr.port }),
    listener.accept(),
  ]);
  listener.close();
  let nowMs = 1_000;
  const first = new TextEncoder().encode("first ");
  const splice = new Splice({
    client: nearClient,
    server: nearServer,
    first,
    clock: () => nowMs,
    idleMs: 90_000,
  });
  try {
    await test({ client, server, splice, at: (ms) => nowMs = ms });
  } finally {
    for (const end of [client, server]) {
      try {
        end.close();
      } catch {
        // the test closed it
      }
    }
    splice.close();
    await splice.done;
  }
}

async function readText(connection: Deno.TcpConn): Promise<string> {
  const buffer = new Uint8Array(100);
  return new TextDecoder().decode(buffer.subarray(0, await connection.read(buffer) ?? 0));
}

async function readToEnd(connection: Deno.TcpConn): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for (const buffer = new Uint8Array(65_536);;) {
    const length = await connection.read(buffer);
    if (length === null) break;
    parts.push(buffer.slice(0, length));
  }
  return new Uint8Array(await new Blob(parts as Uint8Array<ArrayBuffer>[]).arrayBuffer());
}

Deno.test("what was read before goes first; half-closes pass through; then it is done", () =>
  spliced(async ({ client, server, splice }) => {
    await writeAll(client, new TextEncoder().encode("second"));
    await client.closeWrite();
    assert.equal(new TextDecoder().decode(await readToEnd(server)), "first second");
    await writeAll(server, new TextEncoder().encode("answer"));
    await server.closeWrite();
    assert.equal(new TextDecoder().decode(await readToEnd(client)), "answer");
    await splice.done;
  }));

Deno.test("megabytes both ways at once arrive whole and in order", () =>
  spliced(async ({ client, server }) => {
    assert.equal(await readText(server), "first ");
    const up = Uint8Array.from({ length: 3_000_000 }, (_, at) => (at * 7) ^ (at >> 8));
    const down = Uint8Array.from({ length: 5_000_000 }, (_, at) => (at * 13) ^ (at >> 9));
    const [gotUp, gotDown] = await Promise.all([
      readToEnd(server),
      readToEnd(client),
      writeAll(client, up).then(() => client.closeWrite()),
      writeAll(server, down).then(() => server.closeWrite()),
    ]);
    assert.ok(equal(gotUp, up) && equal(gotDown, down));
  }));

function equal(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

Deno.test("an end that closes takes the other with it", () =>
  spliced(async ({ client, server, splice }) => {
    server.close();
    assert.equal(await client.read(new Uint8Array(1)).catch(() => null), null);
    client.close();
    await splice.done;
  }));

Deno.test("silence ends it, talk keeps it", () =>
  spliced(async ({ client, server, splice, at }) => {
    await readText(server);
    at(80_000);
    await writeAll(server, new TextEncoder().encode("ping"));
    await readText(client);
    splice.sweep(150_000); // 70 s after the last word
    await writeAll(client, new TextEncoder().encode("pong"));
    assert.equal(await readText(server), "pong");
    splice.sweep(80_000 + 90_001);
    await splice.done;
    assert.equal(await client.read(new Uint8Array(1)).catch(() => null), null);
  }));

Deno.test("a client that does not hang up after the server's last word is hung up on soon", () =>
  spliced(async ({ client, server, splice, at }) => {
    await readText(server);
    at(2_000);
    await server.closeWrite();
    assert.equal(await client.read(new Uint8Array(1)), null);
    splice.sweep(6_000);
    await writeAll(client, new TextEncoder().encode("late"));
    assert.equal(await readText(server), "late");
    splice.sweep(7_001);
    await splice.done;
  }));

// Mechanism: Deno's WebSocket gathers a message of up to 64 MB before it gives any of it, and keeps what it has
// until the peer hangs up: ten connections held 620 MB for as long as they liked.
Deno.test("a WebSocket's message that does not end is cut, however slowly it comes; ended ones are not", () =>
  spliced(async ({ client, server, splice }) => {
    await readText(server);
    splice.upgraded = true;
    const part = new Uint8Array(80_000);
    const sink = new Uint8Array(65_536);
    const arrive = async (bytes: number) => {
      for (let at = 0; at < bytes;) at += await server.read(sink) ?? bytes;
    };
    for (let message = 0; message < 5; message++) {
      await Promise.all([writeAll(client, part), arrive(part.length)]);
      splice.messageEnded();
    }
    for (let piece = 0; piece < 3; piece++) await Promise.all([writeAll(client, part), arrive(part.length)]);
    await writeAll(client, part).catch(() => {}); // cut somewhere in it
    await splice.done;
  }));
