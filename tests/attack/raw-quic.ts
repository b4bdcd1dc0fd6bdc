/** Connections without manners: QUIC of any ALPN, and HTTP/3 written by hand. */
import { encodePdu } from "../../src/protocol/wire.ts";
import { ATTACKER, type Target } from "./attack.ts";
import { joined, varint } from "./client-hello.ts";

/** Dials from the attacker's address, over one socket for all. */
export class RawDialer {
  readonly #endpoint = new Deno.QuicEndpoint({ hostname: ATTACKER, port: 0 });
  readonly #target: Target;
  readonly #caCerts: string[];
  /** What is not held is collected, which ends it. */
  readonly #held: unknown[] = [];

  private constructor(target: Target, certificate: string) {
    this.#target = target;
    this.#caCerts = [certificate];
  }

  static async to(target: Target): Promise<RawDialer> {
    return new RawDialer(target, await Deno.readTextFile(`${target.dataDir}/certificate.pem`));
  }

  async dial(alpn = "quicchat/1"): Promise<Deno.QuicConn> {
    const conn = await Deno.connectQuic<false>({
      endpoint: this.#endpoint,
      hostname: "127.0.0.1",
      port: this.#target.port,
      serverName: "localhost",
      alpnProtocols: [alpn],
      caCerts: this.#caCerts,
      keepAliveInterval: 5_000,
      maxIdleTimeout: 30_000,
      maxConcurrentUnidirectionalStreams: 8,
    });
    conn.closed.catch(() => {}); // How it ends is the server's choice.
    this.#held.push(conn);
    return conn;
  }

  /** Dials and says hello on a first stream; nothing is read. */
  async enter(name: string, rooms: readonly object[] = []): Promise<Entered> {
    const conn = await this.dial();
    const stream = await conn.createBidirectionalStream();
    const writer = stream.writable.getWriter();
    await writer.write(encodePdu({ type: "CHAT_HELLO", seq: 0, ts: 1, name, rooms }, "quicchat/1"));
    this.#held.push(writer);
    return { conn, writer, readable: stream.readable };
  }

  close(): void {
    this.#endpoint.close();
  }
}

export interface Entered {
  readonly conn: Deno.QuicConn;
  readonly writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly readable: ReadableStream<Uint8Array>;
}

/** Reads and forgets. Never rejects: the end is all that it waits for. */
export async function drain(readable: ReadableStream<Uint8Array>): Promise<number> {
  let bytes = 0;
  try {
    for await (const chunk of readable) bytes += chunk.length;
  } catch {
    // reset
  }
  return bytes;
}

/** Of a frame of HTTP/3 (RFC 9114 §7.2), of a stream of one direction (§6.2), and of SETTINGS. */
export const H3 = {
  DATA: 0x00,
  HEADERS: 0x01,
  SETTINGS: 0x04,
  CONTROL_STREAM: 0x00,
  QPACK_ENCODER_STREAM: 0x02,
  QPACK_DECODER_STREAM: 0x03,
} as const;

export function h3Frame(type: number, payload: Uint8Array): Uint8Array {
  return joined([varint(type), varint(payload.length), payload]);
}

/** What a WebTransport client sets: extended CONNECT, datagrams, WebTransport as its drafts 2 and 7 name it. */
export function h3Settings(): Uint8Array {
  const pairs = [[0x08, 1], [0x33, 1], [0x2b603742, 1]].flatMap(([id = 0, value = 0]) => [
    varint(id),
    varint(value),
  ]);
  // 0xc671706a needs eight bytes.
  const sessions = joined([Uint8Array.fromHex("c0000000c671706a"), varint(1)]);
  return h3Frame(H3.SETTINGS, joined([...pairs, sessions]));
}

/** The request that opens a session, its fields written out in full (RFC 9204 §4.5.6). */
export function h3Connect(authority: string, path = "/quicchat/1"): Uint8Array {
  const fields = [
    [":method", "CONNECT"],
    [":scheme", "https"],
    [":authority", authority],
    [":path", path],
    [":protocol", "webtransport"],
    ["origin", "https://evil.example"],
    ["sec-webtransport-http3-draft02", "1"],
  ];
  return h3Frame(H3.HEADERS, fieldSection(fields));
}

export function fieldSection(fields: readonly (readonly string[])[]): Uint8Array {
  const ascii = (text: string) => new TextEncoder().encode(text);
  return joined([
    Uint8Array.of(0, 0),
    ...fields.flatMap(([name = "", value = ""]) => [
      prefixed(0x20, 3, name.length),
      ascii(name),
      prefixed(0, 7, value.length),
      ascii(value),
    ]),
  ]);
}

/** A number in the low bits of a byte, and beyond where it does not fit (RFC 7541 §5.1). */
function prefixed(high: number, bits: number, value: number): Uint8Array {
  const most = (1 << bits) - 1;
  if (value < most) return Uint8Array.of(high | value);
  const bytes = [high | most];
  let rest = value - most;
  for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  return Uint8Array.of(...bytes, rest);
}
