/** What a server may say (docs/protocol.md, What a server says), as one discriminated union. A client
 * checks it too: a server is a stranger like any other. */
import * as v from "valibot";
import { checkAgainst, type Checked, type UnknownPdu } from "./check.ts";
import { Count, Offset, Seconds } from "./words.ts";

const numbered = { seq: Count, ts: Seconds };
const answers = { ...numbered, ack: Count };
const Member = v.object({ name: v.string(), author: v.string() });
const told = {
  ...numbered,
  room: v.optional(v.string()),
  offset: v.optional(Offset),
  sender: v.string(),
  author: v.optional(v.string()),
};

const events = {
  CHAT_MESSAGE: v.object({
    type: v.literal("CHAT_MESSAGE"),
    ...told,
    text: v.string(),
    replyTo: v.optional(Offset),
  }),
  CHAT_EDIT: v.object({ type: v.literal("CHAT_EDIT"), ...told, target: Offset, text: v.string() }),
  CHAT_DELETE: v.object({ type: v.literal("CHAT_DELETE"), ...told, target: Offset }),
  CHAT_REACT: v.object({
    type: v.literal("CHAT_REACT"),
    ...told,
    target: Offset,
    reaction: v.string(),
    on: v.boolean(),
  }),
  CHAT_TOPIC: v.object({ type: v.literal("CHAT_TOPIC"), ...told, text: v.string() }),
};
const AnEvent = v.variant("type", [
  events.CHAT_MESSAGE,
  events.CHAT_EDIT,
  events.CHAT_DELETE,
  events.CHAT_REACT,
  events.CHAT_TOPIC,
]);

/** What changes a message. */
const AChange = v.variant("type", [events.CHAT_EDIT, events.CHAT_DELETE, events.CHAT_REACT]);

const schemas = {
  ...events,
  CHAT_WELCOME: v.object({
    type: v.literal("CHAT_WELCOME"),
    ...numbered,
    server: v.string(),
    version: v.optional(v.number()),
    epoch: v.optional(v.string()),
    /** What others see of this session's device. */
    author: v.optional(v.string()),
    /** `time`: people see a room by `ts`, then `author`, as not everything comes in its order. */
    order: v.optional(v.string()),
  }),
  CHAT_JOINED: v.object({
    type: v.literal("CHAT_JOINED"),
    ...answers,
    room: v.string(),
    epoch: v.string(),
    /** The events that follow begin after this offset … */
    after: Count,
    /** … and the reader has caught up when it has seen this one. */
    head: Count,
    result: v.picklist(["complete", "reset"]),
    /** What the room is about at `head`; absent: nothing. */
    topic: v.optional(v.string()),
  }),
  CHAT_LEFT: v.object({ type: v.literal("CHAT_LEFT"), ...answers, room: v.string() }),
  CHAT_RECEIPT: v.object({
    type: v.literal("CHAT_RECEIPT"),
    ...answers,
    room: v.optional(v.string()),
    epoch: v.optional(v.string()),
    offset: v.optional(Offset),
    /** Present and true when the log had this (device, seq) already. */
    duplicate: v.optional(v.boolean()),
  }),
  CHAT_TYPING: v.object({
    type: v.literal("CHAT_TYPING"),
    ...numbered,
    room: v.optional(v.string()),
    who: v.string(),
    author: v.optional(v.string()),
    status: v.boolean(),
  }),
  /** Either everybody (`members`) or what changed (`came`, `went`); in big rooms only the `count`. */
  CHAT_PRESENCE: v.object({
    type: v.literal("CHAT_PRESENCE"),
    ...numbered,
    room: v.string(),
    count: Count,
    members: v.optional(v.array(Member)),
    came: v.optional(v.array(Member)),
    went: v.optional(v.array(Member)),
  }),
  CHAT_PAGE: v.object({
    type: v.literal("CHAT_PAGE"),
    ...answers,
    room: v.string(),
    epoch: v.string(),
    head: Count,
    events: v.array(AnEvent),
    /** What was said of messages among `events` after the last of them, and counts; ascending by offset. Absent:
     * nothing, or the server does not know of it. */
    later: v.optional(v.array(AChange)),
  }),
  CHAT_ROOMS: v.object({
    type: v.literal("CHAT_ROOMS"),
    ...answers,
    rooms: v.array(v.object({ room: v.string(), head: Count, count: Count })),
    /** Whether the list ends here; else ask again `after` its last name. */
    complete: v.boolean(),
  }),
  CHAT_WHO: v.object({
    type: v.literal("CHAT_WHO"),
    ...answers,
    room: v.string(),
    count: Count,
    members: v.array(Member),
  }),
  CHAT_FOUND: v.object({
    type: v.literal("CHAT_FOUND"),
    ...answers,
    /** Newest first; `text` of a long message is the part around the first hit. */
    found: v.array(v.object({
      room: v.string(),
      offset: Offset,
      ts: Seconds,
      sender: v.string(),
      author: v.string(),
      text: v.string(),
    })),
    /** `before` of a question for older ones; absent: there are none. */
    next: v.optional(Offset),
    /** The search has not read all of the log yet. */
    behind: v.optional(v.boolean()),
  }),
  CHAT_PONG: v.object({ type: v.literal("CHAT_PONG"), ...answers }),
  CHAT_ERROR: v.object({
    type: v.literal("CHAT_ERROR"),
    ...numbered,
    code: v.number(),
    msg: v.string(),
    /** The row of the failure table. */
    failure: v.optional(v.string()),
    /** The seq of the PDU that failed. */
    ack: v.optional(Count),
    room: v.optional(v.string()),
    /** Milliseconds after which a temporary failure may be tried again. */
    retryMs: v.optional(Count),
  }),
  CHAT_BYE: v.object({ type: v.literal("CHAT_BYE"), ...numbered, reason: v.optional(v.string()) }),
};

type Schemas = typeof schemas;
export type ServerPduType = keyof Schemas;
/** One kind of server PDU: `ServerPduOf<"CHAT_RECEIPT">`. */
export type ServerPduOf<T extends ServerPduType> = v.InferOutput<Schemas[T]>;
export type ServerPdu = { [T in ServerPduType]: ServerPduOf<T> }[ServerPduType];
/** The kinds that are events of a room's log. */
export type ServerEventPdu = ServerPduOf<keyof typeof events>;
export type Member = v.InferOutput<typeof Member>;

/** Checks one decoded JSON value that a server said. */
export function checkServerPdu(value: unknown): Checked<ServerPdu | UnknownPdu> {
  return checkAgainst(schemas, value);
}
