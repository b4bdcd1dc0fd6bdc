/** A TLS 1.3 ClientHello for QUIC (RFC 8446 §4.1.2, RFC 9001 §8), by hand: an attacker has no library's manners. */
import type { Seeded } from "../fixtures/seeded.ts";

export interface Hello {
  readonly alpn: string;
  readonly serverName: string;
  /** The connection id that the packet says to come from: a server compares them (RFC 9000 §7.3). */
  readonly sourceId: Uint8Array;
}

/** Well-formed, with a fresh random and a key share that nobody has the key of: the server does all of its
 * work, and will wait in vain. */
export function clientHello(random: Seeded, { alpn, serverName, sourceId }: Hello): Uint8Array {
  const ascii = (text: string) => new TextEncoder().encode(text);
  const noise = (length: number) => Uint8Array.from({ length }, () => random.from(0, 255));
  const extensions = [
    // server_name: a list of one host_name
    extension(0, within(2, [u8(0), within(2, [ascii(serverName)])])),
    // supported_groups: x25519
    extension(10, within(2, [u16(0x001d)])),
    // signature_algorithms: ECDSA P-256, Ed25519, RSA-PSS
    extension(13, within(2, [u16(0x0403), u16(0x0807), u16(0x0804)])),
    // application_layer_protocol_negotiation
    extension(16, within(2, [within(1, [ascii(alpn)])])),
    // supported_versions: TLS 1.3
    extension(43, within(1, [u16(0x0304)])),
    // psk_key_exchange_modes: psk_dhe_ke
    extension(45, within(1, [u8(1)])),
    // key_share: x25519, any 32 bytes are a point
    extension(51, within(2, [u16(0x001d), within(2, [noise(32)])])),
    // quic_transport_parameters: initial_max_data, a stream's, how many of those, initial_source_connection_id
    extension(
      57,
      joined([
        parameter(0x04, varint(0x100000)),
        parameter(0x05, varint(0x40000)),
        parameter(0x08, varint(16)),
        parameter(0x0f, sourceId),
      ]),
    ),
  ];
  const body = [
    u16(0x0303),
    noise(32),
    u8(0), // no legacy session id: QUIC forbids it
    within(2, [u16(0x1301), u16(0x1302), u16(0x1303)]),
    within(1, [u8(0)]),
    within(2, extensions),
  ];
  return joined([u8(1), within(3, body)]);
}

function extension(type: number, content: Uint8Array): Uint8Array {
  return joined([u16(type), within(2, [content])]);
}

/** One transport parameter (RFC 9000 §18). */
function parameter(id: number, value: Uint8Array): Uint8Array {
  return joined([varint(id), varint(value.length), value]);
}

/** RFC 9000 §16; up to 2^30 - 1. */
export function varint(value: number): Uint8Array {
  if (value < 0x40) return u8(value);
  if (value < 0x4000) return u16(0x4000 | value);
  return Uint8Array.of(0x80 | (value >>> 24), (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff);
}

/** Content with its length before it, in so many bytes. */
function within(lengthBytes: 1 | 2 | 3, content: readonly Uint8Array[]): Uint8Array {
  const bytes = joined(content);
  const length = bytes.length;
  const before = [(length >>> 16) & 0xff, (length >>> 8) & 0xff, length & 0xff].slice(3 - lengthBytes);
  return joined([Uint8Array.from(before), bytes]);
}

function u8(value: number): Uint8Array {
  return Uint8Array.of(value);
}

export function u16(value: number): Uint8Array {
  return Uint8Array.of(value >>> 8, value & 0xff);
}

export function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
