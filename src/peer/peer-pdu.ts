/** What peers say to each other (docs/peer-to-peer.md, The wire). */
import * as v from "valibot";
import { checkAgainst, type Checked, type UnknownPdu } from "../protocol/check.ts";
import { Count, Name, Offset, RoomName } from "../protocol/words.ts";
import type { SignedEvent } from "./signed-event.ts";

const hex = (digits: number) => v.pipe(v.string(), v.regex(new RegExp(`^[0-9a-f]{${digits}}$`)));
const Key = hex(64);
const Life = hex(16);
/** Judged one by one later: a wrong one is told from a right one by its signature only. */
const Signed = v.custom<SignedEvent>((value) =>
  Array.isArray(value) && value.length === 2 && Array.isArray(value[0]) && typeof value[1] === "string"
);

/** More than any group has members and lives; bounds what a member can make others remember. */
export const CHAINS_MAX = 10_000;
/** Runs in one PDU: each takes about 150 bytes. */
export const RUNS_PER_PDU = 300;
/** Members named in one introduction. */
export const PEERS_PER_PDU = 64;

/** A relay's URL. */
export const RELAY_CHARS_MAX = 256;

const Peer = v.object({
  id: Key,
  addresses: v.pipe(v.array(v.pipe(v.string(), v.maxLength(64))), v.maxLength(16)),
  relay: v.optional(v.pipe(v.string(), v.maxLength(256))),
});

const schemas = {
  PEER_HELLO: v.object({
    type: v.literal("PEER_HELLO"),
    version: v.number(),
    group: hex(32),
    nonce: hex(64),
    /** Names of the secrets that the speaker holds, the newest first. */
    keys: v.pipe(v.array(hex(16)), v.minLength(1), v.maxLength(8)),
  }),
  PEER_PROOF: v.object({ type: v.literal("PEER_PROOF"), key: hex(16), proof: hex(64) }),
  PEER_RUNS: v.object({
    type: v.literal("PEER_RUNS"),
    runs: v.pipe(
      v.array(v.tuple([Key, Life, Count, Offset, hex(32), v.nullable(Offset)])),
      v.maxLength(RUNS_PER_PDU),
    ),
  }),
  PEER_ASK: v.object({ type: v.literal("PEER_ASK"), author: Key, life: Life, from: Offset, to: Offset }),
  PEER_EVENTS: v.object({
    type: v.literal("PEER_EVENTS"),
    events: v.pipe(v.array(Signed), v.maxLength(500)),
    /** The last of what was asked for with this `[author, life, from]`; absent: not the last, or not asked for. */
    ends: v.optional(v.tuple([Key, Life, Offset])),
  }),
  PEER_BROKEN: v.object({
    type: v.literal("PEER_BROKEN"),
    proof: v.pipe(v.tuple([Signed, Signed]), v.readonly()),
  }),
  PEER_PEERS: v.object({
    type: v.literal("PEER_PEERS"),
    peers: v.pipe(v.array(Peer), v.maxLength(PEERS_PER_PDU)),
  }),
  PEER_HERE: v.object({
    type: v.literal("PEER_HERE"),
    /** The speaker's clock, milliseconds since the epoch. */
    nowMs: Count,
    rooms: v.pipe(v.array(v.tuple([RoomName, Name, v.boolean()])), v.maxLength(256)),
    /** `IP:port` at which the speaker sees the other, who may not know it; absent where a relay is between. */
    seenAt: v.optional(v.pipe(v.string(), v.maxLength(64))),
  }),
  PEER_KEY: v.object({
    type: v.literal("PEER_KEY"),
    /** How often the group's secret was changed. */
    generation: Offset,
    secret: hex(64),
    removed: v.pipe(v.array(Key), v.maxLength(1_000)),
  }),
  PEER_BYE: v.object({ type: v.literal("PEER_BYE"), reason: v.pipe(v.string(), v.maxLength(256)) }),
};

type Schemas = typeof schemas;
export type PeerPduOf<T extends keyof Schemas> = v.InferOutput<Schemas[T]>;
export type PeerPdu = { [T in keyof Schemas]: PeerPduOf<T> }[keyof Schemas];

export function checkPeerPdu(value: unknown): Checked<PeerPdu | UnknownPdu> {
  return checkAgainst(schemas, value);
}
