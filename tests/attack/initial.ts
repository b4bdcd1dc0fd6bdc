/** A client's Initial packet of QUIC v1, protected as RFC 9001 §5.2 to §5.4 say. */
import { createCipheriv, createHmac } from "node:crypto";
import type { Seeded } from "../fixtures/seeded.ts";
import { clientHello, joined, u16, varint } from "./client-hello.ts";

/** RFC 9001 §5.2. */
const INITIAL_SALT = Uint8Array.fromHex("38762cf7f55934b34d179ae6a4c80cadccbb7f0a");
/** A client's Initial fills at least so much of a datagram (RFC 9000 §14.1), or a server drops it. */
export const DATAGRAM_BYTES = 1_200;
const TAG_BYTES = 16;
const NUMBER_BYTES = 4;

interface Keys {
  readonly key: Uint8Array;
  readonly iv: Uint8Array;
  readonly headerKey: Uint8Array;
}

/** What is protected a client's first packets: everybody can derive it who sees the packet. */
export function initialKeys(destinationId: Uint8Array): Keys {
  const initial = hmac(INITIAL_SALT, destinationId);
  const client = expandLabel(initial, "client in", 32);
  return {
    key: expandLabel(client, "quic key", 16),
    iv: expandLabel(client, "quic iv", 12),
    headerKey: expandLabel(client, "quic hp", 16),
  };
}

/** One datagram with one Initial, whose frames are these bytes and then padding. */
export function initialPacket(
  ids: { readonly destination: Uint8Array; readonly source: Uint8Array },
  frames: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const { destination, source } = ids;
  const before = joined([
    Uint8Array.of(0xc0 | (NUMBER_BYTES - 1), 0, 0, 0, 1),
    varint(destination.length),
    destination,
    varint(source.length),
    source,
    varint(0), // no token
  ]);
  // The length is always written in two bytes, as if it were 64 or more, which it is.
  const payload = new Uint8Array(DATAGRAM_BYTES - before.length - 2 - NUMBER_BYTES - TAG_BYTES);
  payload.set(frames.subarray(0, payload.length));
  const length = u16(0x4000 | (NUMBER_BYTES + payload.length + TAG_BYTES));
  const header = joined([before, length, new Uint8Array(NUMBER_BYTES)]);
  const { key, iv, headerKey } = initialKeys(destination);
  // The packet's number is 0, so that the nonce is the IV.
  const seal = createCipheriv("aes-128-gcm", key, iv);
  seal.setAAD(header);
  const sealed = joined([seal.update(payload), seal.final(), seal.getAuthTag()]);
  const packet = joined([header, sealed]);
  const numberAt = header.length - NUMBER_BYTES;
  const mask = createCipheriv("aes-128-ecb", headerKey, null)
    .update(packet.subarray(numberAt + 4, numberAt + 20));
  packet[0]! ^= mask[0]! & 0x0f;
  for (let at = 0; at < NUMBER_BYTES; at++) packet[numberAt + at]! ^= mask[1 + at]!;
  return packet;
}

/** A first flight that a server takes for an honest client's. */
export function honestLookingInitial(random: Seeded, alpn = "quicchat/1"): Uint8Array<ArrayBuffer> {
  const ids = freshIds(random);
  const words = clientHello(random, { alpn, serverName: "localhost", sourceId: ids.source });
  // CRYPTO, offset 0 (RFC 9000 §19.6)
  return initialPacket(ids, joined([varint(6), varint(0), varint(words.length), words]));
}

/** Correctly protected, and nonsense inside. */
export function nonsenseInitial(random: Seeded): Uint8Array<ArrayBuffer> {
  const frames = Uint8Array.from({ length: random.from(1, 900) }, () => random.from(0, 255));
  return initialPacket(freshIds(random), frames);
}

export function freshIds(random: Seeded): { destination: Uint8Array; source: Uint8Array } {
  const noise = (length: number) => Uint8Array.from({ length }, () => random.from(0, 255));
  return { destination: noise(random.from(8, 20)), source: noise(8) };
}

function hmac(key: Uint8Array, data: Uint8Array): Uint8Array {
  return new Uint8Array(createHmac("sha256", key).update(data).digest());
}

/** HKDF-Expand-Label of at most one hash's length (RFC 8446 §7.1), with an empty context. */
function expandLabel(secret: Uint8Array, label: string, length: number): Uint8Array {
  const name = new TextEncoder().encode(`tls13 ${label}`);
  const info = joined([u16(length), Uint8Array.of(name.length), name, Uint8Array.of(0)]);
  return hmac(secret, joined([info, Uint8Array.of(1)])).subarray(0, length);
}
