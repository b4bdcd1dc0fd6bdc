/** What a server could say, and almost could. */
import type { ServerPduType } from "../../src/protocol/server-pdu.ts";
import type { Seeded } from "../fixtures/seeded.ts";
import { ODD_NAMES, ODD_VALUES } from "./words.ts";

type Make = (random: Seeded) => unknown;

const room: Make = (random) => random.pick(["lobby", "parlour", "den", "elsewhere"]);
const text: Make = (random) => random.pick(["", "hi", "\u001b[2J\u0000", "x".repeat(20_000)]);
const author: Make = (random) => random.pick(["a", "b", "c"])?.repeat(24);
const epoch: Make = (random) => random.pick(["epoch-1", "epoch-2", ""]);
const offset: Make = (random) => random.pick([1, 2, 3, random.from(1, 50), Number.MAX_SAFE_INTEGER]);
const ack: Make = (random) => random.pick([0, 1, 2, 3, 2 ** 40 + random.from(0, 30), 9_007_199_254_740_991]);
const members: Make = (random) =>
  Array.from(
    { length: random.from(0, 120) },
    (_, i) => ({ name: `m${i}`, author: `${random.from(0, 999)}` }),
  );
const event: Make = (random) => ({
  type: "CHAT_MESSAGE",
  seq: 1,
  ts: 1,
  sender: "Eve",
  room: room(random),
  offset: offset(random),
  text: text(random),
});

const at = { room, offset, sender: text, author };
const FIELDS: Record<ServerPduType, Record<string, Make>> = {
  CHAT_MESSAGE: { ...at, text, replyTo: offset },
  CHAT_EDIT: { ...at, target: offset, text },
  CHAT_DELETE: { ...at, target: offset },
  CHAT_REACT: { ...at, target: offset, reaction: text, on: (random) => random.next() < 0.5 },
  CHAT_TOPIC: { ...at, text },
  CHAT_WELCOME: { server: text, version: (random) => random.from(0, 3), epoch, author },
  CHAT_JOINED: {
    ack,
    room,
    epoch,
    after: ack,
    head: ack,
    result: (random) => random.pick(["complete", "reset"]),
    topic: text,
  },
  CHAT_LEFT: { ack, room },
  CHAT_RECEIPT: { ack, room, epoch, offset, duplicate: () => true },
  CHAT_TYPING: { room, who: text, author: (random) => `${random.from(0, 500)}`, status: () => true },
  CHAT_PRESENCE: { room, count: ack, members, came: members, went: members },
  CHAT_PAGE: {
    ack,
    room,
    epoch,
    head: ack,
    events: (random) => Array.from({ length: random.from(0, 5) }, () => event(random)),
  },
  CHAT_ROOMS: {
    ack,
    rooms: (random) =>
      Array.from({ length: random.from(0, 5) }, () => ({ room: room(random), head: 1, count: 1 })),
    complete: (random) => random.next() < 0.5,
  },
  CHAT_WHO: { ack, room, count: ack, members },
  CHAT_FOUND: { ack, found: () => [], next: offset },
  CHAT_PONG: { ack },
  CHAT_ERROR: {
    code: (random) => random.pick([0, 400, 401, 429, 500, 507, -1, 1e9]),
    msg: text,
    failure: (random) =>
      random.pick([
        "too-fast",
        "unauthorised",
        "duplicate",
        "not-stored",
        "going-away",
        "toString",
        "new-one",
      ]),
    ack,
    room,
    retryMs: (random) => random.pick([0, 1, 1_000, Number.MAX_SAFE_INTEGER]),
  },
  CHAT_BYE: { reason: text },
};
const KINDS = Object.keys(FIELDS) as ServerPduType[];

export function serverWords(random: Seeded): Record<string, unknown> {
  const type = random.pick(KINDS) ?? "CHAT_PONG";
  const pdu: Record<string, unknown> = { type, seq: random.from(0, 5) };
  for (const [name, make] of Object.entries(FIELDS[type])) if (random.next() < 0.9) pdu[name] = make(random);
  if (random.next() < 0.7) return pdu;
  const name = (random.next() < 0.7 ? random.pick(Object.keys(pdu)) : random.pick(ODD_NAMES)) ?? "type";
  const value = random.pick(ODD_VALUES);
  Object.defineProperty(pdu, name, { value, enumerable: true, configurable: true, writable: true });
  return pdu;
}
