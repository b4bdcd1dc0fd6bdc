/** Peers that speak HTTP/3 wrongly, or only half. */
import type { Seeded } from "../fixtures/seeded.ts";
import { hashOf } from "../fixtures/wire-client.ts";
import { atOnce, type Attack, inTime, noiseOf, pause, randomOf, type Target } from "./attack.ts";
import { joined, varint } from "./client-hello.ts";
import { drain, H3, h3Connect, h3Frame, h3Settings, RawDialer } from "./raw-quic.ts";

/** Connections under way at once. */
const ABREAST = 24;

export const H3_ATTACKS = {
  /** The handshake, HTTP/3's own streams, and then nothing. */
  "h3 without CONNECT": withDialer(async (dialer, { port }, { count, seconds }) => {
    const opened = await atOnce(count, ABREAST, async () => {
      const conn = await dialer.dial("h3");
      await sayOneWay(conn, [Uint8Array.of(H3.CONTROL_STREAM), h3Settings()]);
    });
    const halves = await atOnce(count, ABREAST, async () => {
      const conn = await dialer.dial("h3");
      await sayOneWay(conn, [Uint8Array.of(H3.CONTROL_STREAM), h3Settings()]);
      const request = h3Connect(`127.0.0.1:${port}`);
      await sayBothWays(conn, [request.subarray(0, request.length >> 1)]);
    });
    await pause(seconds * 1_000);
    return { opened, halves };
  }),
  "h3 with 64 kB of settings": withDialer(async (dialer, target, { count }) => {
    const many = Array.from({ length: 8_192 }, (_, i) => joined([varint(0x4000 + i), varint(i)]));
    const whole = joined([Uint8Array.of(H3.CONTROL_STREAM), h3Frame(H3.SETTINGS, joined(many))]);
    // A frame that promises a gigabyte, of which a megabyte comes.
    const endless = joined([
      Uint8Array.of(H3.CONTROL_STREAM),
      varint(H3.SETTINGS),
      varint(0x3fffffff),
      new Uint8Array(1_048_576),
    ]);
    const opened = await atOnce(count, ABREAST, async (index) => {
      const conn = await dialer.dial("h3");
      await inTime(sayOneWay(conn, [index % 2 === 0 ? whole : endless]));
      await inTime(sayBothWays(conn, [h3Connect(`127.0.0.1:${target.port}`)]));
      conn.close();
    });
    return { opened };
  }),
  "h3 fuzz": withDialer(async (dialer, target, force) => {
    const random = randomOf(force);
    let tricks = 0;
    const opened = await atOnce(force.count, ABREAST, async () => {
      const conn = await dialer.dial("h3");
      for (let left = random.from(1, 6); left > 0; left--, tricks++) {
        await inTime(trick(conn, target, random));
      }
      // Some are left to the server to end.
      if (random.next() < 0.7) conn.close({ closeCode: random.from(0, 1000), reason: "" });
    });
    return { opened, tricks };
  }),
  "empty datagrams": async (target, { count }) => {
    const certificate = await Deno.readTextFile(`${target.dataDir}/certificate.pem`);
    const value = await hashOf(certificate);
    let sent = 0;
    await atOnce(Math.min(count, 20), 4, async () => {
      const session = new WebTransport(`https://127.0.0.1:${target.port}/quicchat/1`, {
        serverCertificateHashes: [{ algorithm: "sha-256", value }],
      });
      session.closed.catch(() => {});
      await session.ready;
      const stream = await session.createBidirectionalStream();
      await stream.writable.getWriter().write(new TextEncoder().encode("\n"));
      const writer = session.datagrams.writable.getWriter();
      for (let i = 0; i < count / 20; i++) {
        await writer.write(new Uint8Array(0));
        sent++;
      }
      session.close();
    });
    return { sent };
  },
} satisfies Record<string, Attack>;

function withDialer(
  act: (dialer: RawDialer, target: Target, force: Parameters<Attack>[1]) => ReturnType<Attack>,
): Attack {
  return async (target, force) => await act(await RawDialer.to(target), target, force);
}

/** One thing that no client does. */
async function trick(conn: Deno.QuicConn, { port }: Target, random: Seeded): Promise<void> {
  const words = random.pick([
    () => [Uint8Array.of(H3.CONTROL_STREAM), h3Settings()],
    () => [Uint8Array.of(H3.QPACK_ENCODER_STREAM)],
    () => [Uint8Array.of(H3.QPACK_DECODER_STREAM)],
    () => [h3Connect(`127.0.0.1:${port}`)],
    () => [h3Connect(`127.0.0.1:${port}`, `/${"x".repeat(random.from(0, 5_000))}`)],
    () => [h3Connect("a b\0c")],
    // A WebTransport stream's head, of this session or another.
    () => [Uint8Array.of(0x40, random.from(0x40, 0x54)), varint(random.from(0, 100)), noiseOf(random, 50)],
    () => [h3Frame(random.from(0, 0x40), noiseOf(random, random.from(0, 2_000)))],
    // Dynamic table instructions, capacities, references to nothing.
    () => [Uint8Array.of(H3.QPACK_ENCODER_STREAM), noiseOf(random, random.from(1, 500))],
    () => [noiseOf(random, random.from(0, 3_000))],
  ])?.() ?? [];
  const bytes = damaged(joined(words), random);
  const how = random.next();
  if (how < 0.1) return await conn.sendDatagram(noiseOf(random, random.from(0, 1_000)));
  if (how < 0.55) return await sayOneWay(conn, [bytes], random.next() < 0.3);
  return await sayBothWays(conn, [bytes], random.next() < 0.3);
}

function damaged(bytes: Uint8Array<ArrayBuffer>, random: Seeded): Uint8Array<ArrayBuffer> {
  if (bytes.length === 0 || random.next() < 0.4) return bytes;
  const copy = bytes.slice();
  for (let damages = random.from(1, 4); damages > 0; damages--) {
    copy[random.from(0, copy.length - 1)]! = random.from(0, 255);
  }
  return random.next() < 0.3 ? copy.slice(0, random.from(0, copy.length)) : copy;
}

async function sayOneWay(conn: Deno.QuicConn, words: readonly Uint8Array[], reset = false): Promise<void> {
  const stream = await conn.createUnidirectionalStream();
  const writer = stream.getWriter();
  await writer.write(joined(words));
  if (reset) await writer.abort();
}

async function sayBothWays(conn: Deno.QuicConn, words: readonly Uint8Array[], reset = false): Promise<void> {
  const { readable, writable } = await conn.createBidirectionalStream();
  const writer = writable.getWriter();
  await writer.write(joined(words));
  if (reset) {
    await writer.abort();
    await readable.cancel();
  } else void drain(readable);
}
