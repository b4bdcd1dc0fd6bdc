/** What must hold of the checkers for any JSON value and any damaged PDU (seeded). */
import assert from "node:assert/strict";
import fc from "fast-check";
import { checkClientPdu, type ClientPdu, type ClientPduType } from "./client-pdu.ts";
import { checkServerPdu, type ServerPdu, type ServerPduType } from "./server-pdu.ts";
import { isName, isRoomName } from "./words.ts";

const seq = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const offset = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
const ts = fc.double({ noNaN: true, noDefaultInfinity: true }).map((ts) => ts === 0 ? 0 : ts);
const text = fc.string({ unit: "binary", maxLength: 20 });
const room = fc.string({ unit: "binary", minLength: 1, maxLength: 20 }).filter(isRoomName);
const name = fc.string({ unit: "binary", minLength: 1, maxLength: 20 }).filter(isName);
const device = fc.array(fc.constantFrom(..."0123456789abcdef"), { minLength: 32, maxLength: 32 })
  .map((digits) => digits.join(""));
const member = fc.record({ name: text, author: text });
const members = fc.array(member, { maxLength: 3 });
const position = { epoch: text, offset: seq, last: fc.integer({ min: 0, max: 200 }) };

type Fields = Record<string, fc.Arbitrary<unknown>>;
/** What a kind must have, and what it may. */
type Kinds<T extends string> = Record<T, readonly [must: Fields, may: Fields]>;

const clientKinds: Kinds<ClientPduType> = {
  CHAT_HELLO: [{ name }, {
    version: fc.integer(),
    device,
    token: text,
    auth: fc.constant({ key: [1, { a: null }] }),
    window: fc.integer({ min: 65_536, max: 4_194_304 }),
    rooms: fc.array(fc.record({ room, ...position }, { requiredKeys: ["room"] }), { maxLength: 3 }),
  }],
  CHAT_MESSAGE: [{ text }, { room, sender: text, replyTo: offset }],
  CHAT_EDIT: [{ target: offset, text }, { room, sender: text }],
  CHAT_DELETE: [{ target: offset }, { room, sender: text }],
  CHAT_REACT: [{ target: offset, reaction: fc.constantFrom("👍", "+1"), on: fc.boolean() }, {
    room,
    sender: text,
  }],
  CHAT_TOPIC: [{ text: fc.constantFrom("", "what we build") }, { room, sender: text }],
  CHAT_TYPING: [{ status: fc.boolean() }, { room, who: text }],
  CHAT_JOIN: [{ room }, position],
  CHAT_LEAVE: [{ room }, {}],
  CHAT_HISTORY: [{ room }, { before: offset, after: seq, limit: fc.integer({ min: 1, max: 200 }) }],
  CHAT_ROOMS: [{}, { after: text }],
  CHAT_SEARCH: [{ query: fc.string({ minLength: 1, maxLength: 200 }) }, {
    rooms: fc.array(room, { maxLength: 3 }),
    before: offset,
    limit: fc.integer({ min: 1, max: 50 }),
  }],
  CHAT_WHO: [{ room }, {}],
  CHAT_CREDIT: [{ bytes: seq }, {}],
  CHAT_PING: [{}, {}],
  CHAT_BYE: [{}, { reason: text }],
};

const told: Fields = { sender: text };
const place: Fields = { room: text, offset, author: text };
const serverKinds: Kinds<ServerPduType> = {
  CHAT_MESSAGE: [{ ...told, text }, { ...place, replyTo: offset }],
  CHAT_EDIT: [{ ...told, target: offset, text }, place],
  CHAT_DELETE: [{ ...told, target: offset }, place],
  CHAT_REACT: [{ ...told, target: offset, reaction: text, on: fc.boolean() }, place],
  CHAT_TOPIC: [{ ...told, text }, place],
  CHAT_WELCOME: [{ server: text }, { version: fc.integer(), epoch: text, author: text }],
  CHAT_JOINED: [
    {
      ack: seq,
      room: text,
      epoch: text,
      after: seq,
      head: seq,
      result: fc.constantFrom("complete", "reset"),
    },
    { topic: text },
  ],
  CHAT_LEFT: [{ ack: seq, room: text }, {}],
  CHAT_RECEIPT: [{ ack: seq }, { room: text, epoch: text, offset, duplicate: fc.boolean() }],
  CHAT_TYPING: [{ who: text, status: fc.boolean() }, { room: text, author: text }],
  CHAT_PRESENCE: [{ room: text, count: seq }, { members, came: members, went: members }],
  CHAT_PAGE: [{
    ack: seq,
    room: text,
    epoch: text,
    head: seq,
    events: fc.array(
      fc.record({ type: fc.constant("CHAT_DELETE"), seq, ts, ...told, ...place, target: offset }),
      { maxLength: 3 },
    ),
  }, {
    later: fc.array(
      fc.record({ type: fc.constant("CHAT_EDIT"), seq, ts, ...told, ...place, target: offset, text }),
      { maxLength: 3 },
    ),
  }],
  CHAT_ROOMS: [{
    ack: seq,
    rooms: fc.array(fc.record({ room: text, head: seq, count: seq }), { maxLength: 3 }),
    complete: fc.boolean(),
  }, {}],
  CHAT_WHO: [{ ack: seq, room: text, count: seq, members }, {}],
  CHAT_FOUND: [{
    ack: seq,
    found: fc.array(fc.record({ room: text, offset, ts, sender: text, author: text, text }), {
      maxLength: 3,
    }),
  }, { next: offset }],
  CHAT_PONG: [{ ack: seq }, {}],
  CHAT_ERROR: [{ code: fc.integer(), msg: text }, { failure: text, ack: seq, room: text, retryMs: seq }],
  CHAT_BYE: [{}, { reason: text }],
};

function anyPdu(kinds: Kinds<string>): fc.Arbitrary<Record<string, unknown>> {
  return fc.oneof(
    ...Object.entries(kinds).map(([type, [must, may]]) => {
      const always = { type: fc.constant(type), seq, ts, ...must };
      const fields: Fields = { ...always, ...may };
      return fc.record(fields, { requiredKeys: Object.keys(always), noNullPrototype: true });
    }),
  );
}

const sides = [
  { who: "client", check: checkClientPdu, pdu: anyPdu(clientKinds) },
  { who: "server", check: checkServerPdu, pdu: anyPdu(serverKinds) },
] as const;

/** As it comes off a wire. */
function parsed(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

const anyJson = fc.jsonValue({ stringUnit: "binary", maxDepth: 3 }).map(parsed);

/** One field taken away, replaced by anything, or added. */
function damaged(pdu: fc.Arbitrary<Record<string, unknown>>): fc.Arbitrary<unknown> {
  return fc.tuple(
    pdu,
    fc.nat(),
    fc.option(anyJson),
    fc.option(fc.constantFrom("__proto__", "constructor", "zz"), { freq: 1 }),
  )
    .map(([pdu, at, value, added]) => {
      const keys = Object.keys(pdu);
      const key = added ?? keys[at % keys.length] ?? "type";
      if (value === null) return Object.fromEntries(Object.entries(pdu).filter(([name]) => name !== key));
      return Object.fromEntries([...Object.entries(pdu).filter(([name]) => name !== key), [key, value]]);
    });
}

for (const { who, check, pdu } of sides) {
  Deno.test(`any well-formed ${who} PDU is accepted, every field kept`, () => {
    fc.assert(
      fc.property(pdu.map(parsed), (value) => assert.deepEqual(check(value), { ok: true, pdu: value })),
      { seed: 8, numRuns: 2_000 },
    );
  });

  Deno.test(`any JSON value at all is answered, never thrown at (${who})`, () => {
    fc.assert(
      fc.property(fc.oneof(anyJson, fc.record({ type: anyJson, seq: anyJson, ts: anyJson })), (value) => {
        judge(check(value));
      }),
      { seed: 9, numRuns: 3_000 },
    );
  });

  Deno.test(`a damaged ${who} PDU is accepted whole or answered with what is wrong`, () => {
    let refused = 0;
    fc.assert(
      fc.property(damaged(pdu), (value) => {
        const checked = check(value);
        judge(checked);
        if (!checked.ok) refused++;
        else if (checked.pdu.type !== "unknown") assert.deepEqual(check(parsed(checked.pdu)), checked);
      }),
      { seed: 10, numRuns: 3_000 },
    );
    assert(refused > 1_000, `only ${refused} were refused: the damage does not reach the schemas`);
  });
}

function judge(checked: ReturnType<typeof checkClientPdu> | ReturnType<typeof checkServerPdu>): void {
  if (checked.ok) {
    const { type, seq }: ClientPdu | ServerPdu | { type: "unknown"; seq: number } = checked.pdu;
    assert.equal(typeof type, "string");
    assert(Number.isSafeInteger(seq) && seq >= 0);
  } else {
    assert(checked.says.length > 0 && checked.says.length <= 200 && checked.says.isWellFormed());
    assert(checked.seq === undefined || (Number.isSafeInteger(checked.seq) && checked.seq >= 0));
  }
}
