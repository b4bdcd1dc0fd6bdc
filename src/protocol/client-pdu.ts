/** What a client may say (docs/protocol.md, What a client says), as one discriminated union. */
import * as v from "valibot";
import { checkAgainst, type Checked, type UnknownPdu } from "./check.ts";
import { LIMITS } from "./limits.ts";
import { Count, Device, Name, Offset, Reaction, RoomName, Seconds, Text, TopicText } from "./words.ts";

const numbered = { seq: Count, ts: Seconds };
const inRoom = { room: v.optional(RoomName) };
/** A claim that the server compares with the session's name; never believed. */
const claimed = { sender: v.optional(v.string()) };
const from = {
  epoch: v.optional(v.pipe(v.string(), v.maxLength(64))),
  offset: v.optional(Count),
  last: v.optional(v.pipe(Count, v.maxValue(LIMITS.pageEventsMax))),
};

const schemas = {
  CHAT_HELLO: v.object({
    type: v.literal("CHAT_HELLO"),
    ...numbered,
    name: Name,
    version: v.optional(v.number()),
    device: v.optional(Device),
    token: v.optional(v.pipe(v.string(), v.maxLength(LIMITS.tokenCharsMax))),
    /** Room for identities to come: carried, not read. */
    auth: v.optional(v.record(v.string(), v.unknown())),
    /** Bytes that the server may send beyond what CHAT_CREDIT confirmed. */
    window: v.optional(v.pipe(Count, v.minValue(LIMITS.pduBytesMax), v.maxValue(LIMITS.windowBytesMax))),
    rooms: v.optional(v.pipe(
      v.array(v.object({ room: RoomName, ...from })),
      v.maxLength(LIMITS.roomsPerSessionMax),
    )),
  }),
  CHAT_MESSAGE: v.object({
    type: v.literal("CHAT_MESSAGE"),
    ...numbered,
    ...inRoom,
    ...claimed,
    text: Text,
    replyTo: v.optional(Offset),
  }),
  CHAT_EDIT: v.object({
    type: v.literal("CHAT_EDIT"),
    ...numbered,
    ...inRoom,
    ...claimed,
    target: Offset,
    text: Text,
  }),
  CHAT_DELETE: v.object({
    type: v.literal("CHAT_DELETE"),
    ...numbered,
    ...inRoom,
    ...claimed,
    target: Offset,
  }),
  CHAT_REACT: v.object({
    type: v.literal("CHAT_REACT"),
    ...numbered,
    ...inRoom,
    ...claimed,
    target: Offset,
    reaction: Reaction,
    on: v.boolean(),
  }),
  CHAT_TOPIC: v.object({
    type: v.literal("CHAT_TOPIC"),
    ...numbered,
    ...inRoom,
    ...claimed,
    text: TopicText,
  }),
  CHAT_TYPING: v.object({
    type: v.literal("CHAT_TYPING"),
    ...numbered,
    ...inRoom,
    who: v.optional(v.string()),
    status: v.boolean(),
  }),
  CHAT_JOIN: v.object({ type: v.literal("CHAT_JOIN"), ...numbered, room: RoomName, ...from }),
  CHAT_LEAVE: v.object({ type: v.literal("CHAT_LEAVE"), ...numbered, room: RoomName }),
  CHAT_HISTORY: v.object({
    type: v.literal("CHAT_HISTORY"),
    ...numbered,
    room: RoomName,
    before: v.optional(Offset),
    after: v.optional(Count),
    limit: v.optional(v.pipe(Offset, v.maxValue(LIMITS.pageEventsMax))),
  }),
  CHAT_ROOMS: v.object({ type: v.literal("CHAT_ROOMS"), ...numbered, after: v.optional(v.string()) }),
  CHAT_SEARCH: v.object({
    type: v.literal("CHAT_SEARCH"),
    ...numbered,
    query: v.pipe(v.string(), v.minLength(1), v.maxLength(LIMITS.searchCharsMax)),
    rooms: v.optional(v.pipe(v.array(RoomName), v.maxLength(LIMITS.roomsPerSessionMax))),
    before: v.optional(Offset),
    limit: v.optional(v.pipe(Offset, v.maxValue(LIMITS.foundMax))),
  }),
  CHAT_WHO: v.object({ type: v.literal("CHAT_WHO"), ...numbered, room: RoomName }),
  CHAT_CREDIT: v.object({ type: v.literal("CHAT_CREDIT"), ...numbered, bytes: Count }),
  CHAT_PING: v.object({ type: v.literal("CHAT_PING"), ...numbered }),
  CHAT_BYE: v.object({
    type: v.literal("CHAT_BYE"),
    ...numbered,
    reason: v.optional(v.pipe(v.string(), v.maxLength(256))),
  }),
};

type Schemas = typeof schemas;
export type ClientPduType = keyof Schemas;
/** One kind of client PDU: `ClientPduOf<"CHAT_MESSAGE">`. */
export type ClientPduOf<T extends ClientPduType> = v.InferOutput<Schemas[T]>;
export type ClientPdu = { [T in ClientPduType]: ClientPduOf<T> }[ClientPduType];

/** The kinds that become an event of a room's log, and are numbered by their device. */
export type EventPdu = ClientPduOf<
  "CHAT_MESSAGE" | "CHAT_EDIT" | "CHAT_DELETE" | "CHAT_REACT" | "CHAT_TOPIC"
>;
export type EventType = EventPdu["type"];

/** Checks one decoded JSON value. The size of texts is judged later: it is a failure of its own. */
export function checkClientPdu(value: unknown): Checked<ClientPdu | UnknownPdu> {
  return checkAgainst(schemas, value);
}
