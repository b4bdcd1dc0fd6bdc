/** What one member said, as they signed it (docs/peer-to-peer.md, Events). */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { checkClientPdu, type EventType } from "../protocol/client-pdu.ts";
import { bodyOf } from "../protocol/event.ts";
import { isName, isRoomName, textFits } from "../protocol/words.ts";

/** One author's sequence of events in one life of their log. */
export interface ChainId {
  /** Ed25519 public key, 64 hexadecimal digits. */
  readonly author: string;
  /** 16 hexadecimal digits: which life of the author's log. */
  readonly life: string;
}

/** One event's place in the group. */
export interface EventId extends ChainId {
  readonly seq: number;
}

export interface PeerEvent extends EventId {
  /** The author's hybrid clock, milliseconds since the epoch. */
  readonly tsMs: number;
  readonly type: EventType;
  readonly room: string;
  /** What the author called themselves then: a claim. */
  readonly name: string;
  readonly target: EventId | null;
  /** As `LoggedEvent.body`. */
  readonly body: string;
  /** `hashOf` the event before it in the chain; "" for the first. */
  readonly before: string;
}

/** The event's fields as an array, and the author's signature in base64url. Sent and kept so. */
export type SignedEvent = readonly [fields: readonly unknown[], signature: string];

/** The text that is signed and hashed: the fields as JSON (RFC 8785 gives the same bytes, as there are only
 * arrays, strings, booleans and integers). */
export function textOf(event: PeerEvent): string {
  const { author, life, seq, tsMs, type, room, name, target, body, before } = event;
  const at = target === null ? null : [target.author, target.life, target.seq];
  return JSON.stringify([author, life, seq, tsMs, type, room, name, at, wordsOf(type, body), before]);
}

/** What is signed: bound to the group, so that an event can't be carried into another. */
export function signedBytes(group: string, text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`quicchat-peer/1 event ${group} ${text}`);
}

/** 128 bits of SHA-256 in hexadecimal: finding two events of one hash takes 2^64 steps, and gives their author
 * nothing but two events that contradict each other. */
export function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}

/** Names an event in 128 bits; in the log it stands for the device that sent it. */
export function markOf({ author, life, seq }: EventId): string {
  return hashOf(`${author} ${life} ${seq}`);
}

export function chainKey({ author, life }: ChainId): string {
  return `${author} ${life}`;
}

/** What the rest of the chat takes for the author: as `authorOf` a device, of the key. */
export function shortAuthor(author: string): string {
  return createHash("sha256").update(author).digest("hex").slice(0, 24);
}

const AUTHOR = /^[0-9a-f]{64}$/;
const LIFE = /^[0-9a-f]{16}$/;
const HASH = /^(?:[0-9a-f]{32})?$/;
/** The last day that JavaScript's dates know. */
const TS_MS_MAX = 8_640_000_000_000_000;

/** Checks the fields of an event that somebody passed on; null when they are not those of one. */
export function readEvent(fields: readonly unknown[]): PeerEvent | null {
  const [author, life, seq, tsMs, type, room, name, at, words, before] = fields;
  if (fields.length !== 10 || !isPlace([author, life, seq])) return null;
  if (typeof tsMs !== "number" || !Number.isSafeInteger(tsMs) || tsMs < 0 || tsMs > TS_MS_MAX) return null;
  if (typeof name !== "string" || !isName(name) || typeof room !== "string" || !isRoomName(room)) return null;
  if (typeof before !== "string" || !HASH.test(before) || (before === "") !== (seq === 1)) return null;
  if (at !== null && !isPlace(at)) return null;
  const target = at === null ? null : eventId(at);
  const body = bodyIn(type, words, target !== null);
  if (body === null) return null;
  const id = eventId([author, life, seq]);
  return { ...id, tsMs, type: body.type, room, name, target, body: body.body, before };
}

/** The event of fields that were checked before they were kept. */
export function keptEvent(fields: readonly unknown[]): PeerEvent {
  const [author, life, seq, tsMs, type, room, name, at, words, before] = fields as [
    ...[string, string, number, number, EventType, string, string],
    [string, string, number] | null,
    unknown[],
    string,
  ];
  const target = at === null ? null : eventId(at);
  const [first, on] = words;
  const body = type === "CHAT_REACT"
    ? { reaction: first, on }
    : type === "CHAT_DELETE"
    ? {}
    : { text: first };
  return { author, life, seq, tsMs, type, room, name, target, body: JSON.stringify(body), before };
}

/** The fields that only this kind has, in the order of the page's table. */
function wordsOf(type: EventType, body: string): unknown[] {
  const { text, reaction, on }: { text?: unknown; reaction?: unknown; on?: unknown } = JSON.parse(body);
  switch (type) {
    case "CHAT_MESSAGE":
    case "CHAT_EDIT":
    case "CHAT_TOPIC":
      return [text];
    case "CHAT_REACT":
      return [reaction, on];
    case "CHAT_DELETE":
      return [];
  }
}

const NEEDS_TARGET = ["CHAT_EDIT", "CHAT_DELETE", "CHAT_REACT"];
const WORDS_OF = { CHAT_MESSAGE: 1, CHAT_EDIT: 1, CHAT_TOPIC: 1, CHAT_REACT: 2, CHAT_DELETE: 0 } as const;

/** Judged by the same rules as what one's own page says. */
function bodyIn(type: unknown, words: unknown, hasTarget: boolean): { type: EventType; body: string } | null {
  if (typeof type !== "string" || !(type in WORDS_OF) || !Array.isArray(words)) return null;
  if (words.length !== WORDS_OF[type as EventType]) return null;
  if (NEEDS_TARGET.includes(type) !== hasTarget && type !== "CHAT_MESSAGE") return null;
  const own = type === "CHAT_REACT" ? { reaction: words[0], on: words[1] } : { text: words[0] };
  const at = type === "CHAT_MESSAGE" || !hasTarget ? {} : { target: 1 };
  const checked = checkClientPdu({ type, seq: 1, ts: 0, ...own, ...at });
  if (!checked.ok) return null;
  const { pdu } = checked;
  switch (pdu.type) {
    case "CHAT_MESSAGE":
    case "CHAT_EDIT":
    case "CHAT_TOPIC":
      return textFits(pdu.text) ? { type: pdu.type, body: bodyOf(pdu) } : null;
    case "CHAT_DELETE":
    case "CHAT_REACT":
      return { type: pdu.type, body: bodyOf(pdu) };
    default:
      return null;
  }
}

function isPlace(at: unknown): at is readonly [string, string, number] {
  if (!Array.isArray(at) || at.length !== 3) return false;
  const [author, life, seq]: unknown[] = at;
  return typeof author === "string" && AUTHOR.test(author) && typeof life === "string" && LIFE.test(life) &&
    typeof seq === "number" && Number.isSafeInteger(seq) && seq >= 1;
}

function eventId([author, life, seq]: readonly unknown[]): EventId {
  return { author: String(author), life: String(life), seq: Number(seq) };
}

/** 64 bytes of signature from base64url; null for anything else. */
export function signatureBytes(signature: string): Uint8Array<ArrayBuffer> | null {
  if (!/^[\w-]{86}$/.test(signature)) return null;
  return new Uint8Array(Buffer.from(signature, "base64url"));
}
