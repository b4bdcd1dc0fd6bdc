/** What a client could say, and almost could: PDUs that are right, and the same with something wrong. */
import type { ClientPduType } from "../../src/protocol/client-pdu.ts";
import type { Seeded } from "../fixtures/seeded.ts";

type Fields = Record<string, unknown>;
type Make = (random: Seeded) => unknown;

const ROOMS = ["lobby", "den", "öffentlich", "r".repeat(64), "言".repeat(64)];
const room: Make = (random) => random.pick(ROOMS);
const count: Make = (random) => random.pick([0, 1, 2, 3, 50, 2 ** 40, Number.MAX_SAFE_INTEGER]);
const offset: Make = (random) => random.from(1, 40);
const last: Make = (random) => random.pick([0, 1, 50, 200]);
const text: Make = (random) =>
  random.pick(["", "hi", "two\nlines", "\u0000\u001b[2J", "👩‍👩‍👧‍👦", "x".repeat(random.from(0, 17_000))]);
const device: Make = (random) => random.pick(["0123456789abcdef0123456789abcdef", "f".repeat(32)]);

/** Each kind's own fields: all of them, of which each may be left out. */
const FIELDS: Record<ClientPduType, Record<string, Make>> = {
  CHAT_HELLO: {
    name: (random) => random.pick(["Ann", "B".repeat(64), "ö"]),
    version: () => 1,
    device,
    token: () => "t",
    auth: () => ({ key: [1, { a: null }] }),
    window: () => 65_536,
    rooms: (random) => [{ room: room(random), last: last(random) }, { room: "lobby", offset: count(random) }],
  },
  CHAT_MESSAGE: { room, text, replyTo: offset, sender: () => "Ann" },
  CHAT_EDIT: { room, target: offset, text, sender: () => "Ann" },
  CHAT_DELETE: { room, target: offset },
  CHAT_REACT: { room, target: offset, reaction: () => "👍", on: (random) => random.next() < 0.5 },
  CHAT_TOPIC: { room, text: (random) => random.pick(["", "about this", "x".repeat(200)]) },
  CHAT_TYPING: { room, status: (random) => random.next() < 0.5, who: () => "Ann" },
  CHAT_JOIN: { room, epoch: (random) => random.pick(["e1", "other"]), offset: count, last },
  CHAT_LEAVE: { room },
  CHAT_HISTORY: { room, before: offset, after: count, limit: (random) => random.pick([1, 50, 200]) },
  CHAT_ROOMS: { after: room },
  CHAT_SEARCH: {
    query: (random) => random.pick(["hi", '"', "* OR NEAR(a b)", "言"]),
    rooms: () => ["lobby"],
    limit: last,
  },
  CHAT_WHO: { room },
  CHAT_CREDIT: { bytes: count },
  CHAT_PING: {},
  CHAT_BYE: { reason: () => "enough" },
};
const KINDS = Object.keys(FIELDS) as ClientPduType[];
/** Said seldom: they end the session. */
const LAST_WORDS = new Set<string>(["CHAT_HELLO", "CHAT_BYE"]);

/** What no field is, or is only where it should not be. */
export const ODD_VALUES: readonly unknown[] = [
  null,
  true,
  0,
  -0,
  -1,
  0.5,
  1e308,
  2 ** 53,
  "",
  " ",
  "lobby\n",
  "\ud800",
  "\u202e",
  "__proto__",
  "a".repeat(70),
  "x".repeat(16_385),
  "\u0000".repeat(9_000),
  [],
  [[]],
  {},
  { toString: 1 },
  { length: -1 },
];
export const ODD_NAMES = [
  "type",
  "seq",
  "ts",
  "room",
  "__proto__",
  "constructor",
  "toString",
  "then",
  "",
  "0",
  "text",
];

/** A PDU that a client could say. */
export function honestWords(random: Seeded): Fields {
  let type = random.pick(KINDS) ?? "CHAT_PING";
  if (LAST_WORDS.has(type) && random.next() < 0.95) type = "CHAT_MESSAGE";
  const pdu: Fields = { type, seq: random.from(0, 60), ts: 1 };
  for (const [name, make] of Object.entries(FIELDS[type])) {
    if (random.next() < 0.75) pdu[name] = make(random);
  }
  return pdu;
}

/** The same with fields taken away, replaced or added. */
export function oddWords(random: Seeded): Fields {
  const pdu = honestWords(random);
  for (let changes = random.from(1, 3); changes > 0; changes--) {
    const names = Object.keys(pdu);
    const name = (random.next() < 0.7 ? random.pick(names) : random.pick(ODD_NAMES)) ?? "type";
    const how = random.next();
    if (how < 0.3) delete pdu[name];
    else {
      const value = how < 0.5 ? { [name]: pdu[name] } : random.pick(ODD_VALUES);
      // "__proto__" as a field, not as the prototype.
      Object.defineProperty(pdu, name, { value, enumerable: true, configurable: true, writable: true });
    }
  }
  return pdu;
}

const encoder = new TextEncoder();
const PIECES = [
  "{",
  "}",
  "[",
  "]",
  '"',
  "\\",
  ":",
  ",",
  "\n",
  "\r",
  "null",
  "1e999",
  "\ufeff",
  '"type":',
  "\\ud800",
];

/** One line in bytes, right or wrong at any level: bytes, JSON, fields, meaning. */
export function fuzzedBytes(random: Seeded): Uint8Array {
  const how = random.next();
  const bytes = encoder.encode(JSON.stringify(how < 0.4 ? honestWords(random) : oddWords(random)));
  if (how < 0.75) return bytes;
  const parts: number[] = [...bytes.subarray(0, 2_000)];
  for (let changes = random.from(1, 6); changes > 0; changes--) {
    const at = random.from(0, parts.length);
    const change = random.next();
    if (change < 0.35) parts[at] = random.from(0, 255);
    else if (change < 0.6) parts.splice(at, random.from(0, 20));
    else if (change < 0.85) parts.splice(at, 0, ...encoder.encode(random.pick(PIECES) ?? ""));
    else parts.push(...parts.slice(0, at));
  }
  return Uint8Array.from(parts);
}

/** Several lines, ended as they should be, for a stream. A line that can't be read ends the session, so there is
 * seldom more than one of those. */
export function fuzzedLines(
  random: Seeded,
): { readonly bytes: Uint8Array<ArrayBuffer>; readonly lines: number } {
  const parts: number[] = [];
  let lines = 0;
  for (const count = random.from(1, 30); lines < count; lines++) {
    const words = random.next() < 0.98
      ? encoder.encode(JSON.stringify(oddWords(random)))
      : fuzzedBytes(random);
    if (parts.length + words.length > 60_000) break;
    for (const byte of words) parts.push(byte);
    parts.push(0x0a);
  }
  return { bytes: Uint8Array.from(parts), lines: Math.max(1, lines) };
}
