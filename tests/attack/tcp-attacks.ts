/** The TCP port: connections that come to nothing, half requests, half messages. */
import { atOnce, atRate, type Attack, noiseOf, pause, randomOf, type Target } from "./attack.ts";
import { joined } from "./client-hello.ts";

const encoder = new TextEncoder();

export const TCP_ATTACKS = {
  "tcp connections": async (target, { count, seconds }) => {
    const opened = await atOnce(count, 64, () => connect(target));
    await pause(seconds * 1_000);
    return { tried: count, opened };
  },
  "tcp garbage": async (target, force) => {
    const random = randomOf(force);
    const said = await atRate(force, async () => {
      const connection = await connect(target);
      const words = noiseOf(random, random.from(1, 5_000));
      if (random.next() < 0.5) words[0] = 0x16;
      await connection.write(words).catch(() => 0);
      connection.close();
    });
    return { said };
  },
  "http slowloris": slowly((port) => `GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nX: ${"x".repeat(10_000)}`),
  "tls slowloris": slowly(() => "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + "x".repeat(500)),
  "http flood": async (target, force) => {
    const request = encoder.encode(
      `GET / HTTP/1.1\r\nHost: 127.0.0.1:${target.port}\r\nConnection: close\r\n\r\n`,
    );
    const asked = await atRate(force, async () => {
      const connection = await connect(target);
      await connection.write(request).catch(() => 0);
      new Response(connection.readable).arrayBuffer().catch(() => {}); // Its answer is of no interest.
    });
    return { asked };
  },
  "websocket messages that never end": async (target, { count, seconds }) => {
    let sent = 0;
    const cut = await Promise.all(Array.from({ length: count }, async () => {
      const socket = await openWebSocket(target);
      await socket.write(frameHead(0x82, 60 * 1_048_576));
      const part = new Uint8Array(65_536);
      const untilMs = performance.now() + seconds * 1_000;
      try {
        while (performance.now() < untilMs) {
          sent += await socket.write(part);
          await pause(20);
        }
        return false;
      } catch {
        return true;
      }
    }));
    return { opened: count, sentMb: Math.round(sent / 1_048_576), cut: cut.filter(Boolean).length };
  },
  "websocket fragments, pings and nonsense": async (target, force) => {
    const random = randomOf(force);
    const done = await atOnce(force.count, 16, async (index) => {
      const socket = await openWebSocket(target);
      const kinds = [
        // A message in pieces of nothing, without an end.
        () => joined(Array.from({ length: 5_000 }, (_, i) => frameHead(i === 0 ? 0x02 : 0x00, 0))),
        () => joined(Array.from({ length: 5_000 }, () => frameHead(0x89, 0))),
        // Not masked, reserved bits, reserved kinds, a control frame that is too long.
        () => Uint8Array.of(0x82, 1, 0x7b),
        () => frameHead(0xf2, 0),
        () => frameHead(0x83, 0),
        () => joined([frameHead(0x89, 200), new Uint8Array(200)]),
        // Text that is no UTF-8, a close with a code that is none.
        () => joined([frameHead(0x81, 2), Uint8Array.of(0xff, 0xfe)]),
        () => joined([frameHead(0x88, 2), Uint8Array.of(0, 1)]),
        () => frameHead(0x82, Number.MAX_SAFE_INTEGER),
        () => noiseOf(random, random.from(1, 2_000)),
      ];
      const bytes = kinds[index % kinds.length]!();
      for (let at = 0; at < bytes.length;) at += await socket.write(bytes.subarray(at));
      await pause(20);
      socket.close();
    });
    return { done };
  },
} satisfies Record<string, Attack>;

async function connect({ port }: Target): Promise<Deno.TcpConn> {
  return await Deno.connect({ hostname: "127.0.0.1", port });
}

/** A few bytes at once, then one every now and then. */
function slowly(words: (port: number) => string): Attack {
  return async (target, { count, seconds }) => {
    const bytes = Uint8Array.from(words(target.port), (char) => char.charCodeAt(0));
    const untilMs = performance.now() + seconds * 1_000;
    let ended = 0;
    const opened = await atOnce(count, count, async () => {
      const connection = await connect(target);
      try {
        await connection.write(bytes.subarray(0, 20));
        for (let at = 20; at < bytes.length && performance.now() < untilMs; at++) {
          await pause(500);
          await connection.write(bytes.subarray(at, at + 1));
        }
      } catch {
        ended++;
      }
    });
    return { opened, ended };
  };
}

async function openWebSocket(target: Target): Promise<Deno.TcpConn> {
  const connection = await connect(target);
  await connection.write(encoder.encode(
    `GET /quicchat/1 HTTP/1.1\r\nHost: 127.0.0.1:${target.port}\r\nConnection: upgrade\r\nUpgrade: websocket\r\n` +
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
      "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n",
  ));
  await connection.read(new Uint8Array(4_096));
  return connection;
}

/** A client's frame's head, its mask all zeros, so that the payload stands as it is (RFC 6455 §5.2). */
function frameHead(first: number, length: number): Uint8Array {
  const head = new DataView(new ArrayBuffer(14));
  head.setUint8(0, first);
  head.setUint8(1, 0x80 | 127);
  head.setBigUint64(2, BigInt(length));
  return new Uint8Array(head.buffer);
}
