/** MQTT 3.1.1 as far as a member needs it: QoS 0, no will, no keep-alive. */

export const CONNACK = 2;
export const PUBLISH = 3;
export const SUBACK = 9;
const CLEAN_SESSION = 0x02;
/** A length has at most four bytes of seven bits each. */
const LENGTH_BYTES_MAX = 4;
const encoder = new TextEncoder();

export interface Packet {
  readonly kind: number;
  /** What follows the length. */
  readonly body: Uint8Array;
}

export function connectPacket(clientId: string): Uint8Array {
  return packet(0x10, [string("MQTT"), [4, CLEAN_SESSION, 0, 0], string(clientId)]);
}

export function subscribePacket(packetId: number, topics: readonly string[]): Uint8Array {
  return packet(0x82, [[packetId >> 8, packetId & 0xff], ...topics.flatMap((topic) => [string(topic), [0]])]);
}

export function publishPacket(topic: string, payload: string): Uint8Array {
  return packet(0x30, [string(topic), encoder.encode(payload)]);
}

/** What follows the topic in a PUBLISH of QoS 0. */
export function payloadOf({ body }: Packet): Uint8Array {
  return body.subarray(2 + ((body[0] ?? 0) << 8 | (body[1] ?? 0)));
}

/** Gives each whole packet; returns the bytes that they took. */
export function takePackets(bytes: Uint8Array, each: (packet: Packet) => void): number {
  let at = 0;
  for (;;) {
    let length = 0;
    let start = at + 1;
    for (let shift = 0;; shift += 7) {
      const byte = bytes[start];
      if (byte === undefined) return at;
      if (shift === 7 * LENGTH_BYTES_MAX) throw new RangeError("a length of MQTT has at most four bytes");
      length |= (byte & 0x7f) << shift;
      start++;
      if (byte < 0x80) break;
    }
    if (bytes.length < start + length) return at;
    each({ kind: (bytes[at] ?? 0) >> 4, body: bytes.subarray(start, start + length) });
    at = start + length;
  }
}

function packet(first: number, parts: readonly ArrayLike<number>[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const head = [first];
  for (let rest = length;; rest >>= 7) {
    const isLast = rest < 0x80;
    head.push(isLast ? rest : rest & 0x7f | 0x80);
    if (isLast) break;
  }
  const whole = new Uint8Array(head.length + length);
  whole.set(head);
  let at = head.length;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function string(text: string): Uint8Array {
  const bytes = encoder.encode(text);
  return Uint8Array.of(bytes.length >> 8, bytes.length & 0xff, ...bytes);
}
