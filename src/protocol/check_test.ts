import assert from "node:assert/strict";
import { checkClientPdu } from "./client-pdu.ts";
import { LIMITS } from "./limits.ts";
import { checkServerPdu } from "./server-pdu.ts";

const CHECKERS = [checkClientPdu, checkServerPdu];
/** As it would come over a wire, `__proto__` and duplicate keys included. */
const parsed = (json: string): unknown => JSON.parse(json);
const hello = { type: "CHAT_HELLO", seq: 0, ts: 1, name: "Ann" };
const message = { type: "CHAT_MESSAGE", seq: 1, ts: 1, text: "hi" };

Deno.test("what is no object, or has no type, is refused", () => {
  for (const check of CHECKERS) {
    for (const value of [null, undefined, true, 1, "CHAT_PING", [], [message]]) {
      assert.deepEqual(check(value), { ok: false, says: "a PDU is a JSON object", seq: undefined });
    }
    for (const type of [undefined, null, 1, ["CHAT_PING"], { toString: 1 }]) {
      assert.deepEqual(check({ type, seq: 5 }), { ok: false, says: "type must be a string", seq: 5 });
    }
    assert(!check(parsed('{"__proto__":{"type":"CHAT_PING","seq":1,"ts":1}}')).ok);
  }
});

Deno.test("an unknown type is kept by its number; names that every object has are unknown too", () => {
  for (const check of CHECKERS) {
    for (
      const type of [
        "",
        "CHAT_FUTURE",
        "chat_message",
        "__proto__",
        "constructor",
        "toString",
        "hasOwnProperty",
      ]
    ) {
      assert.deepEqual(check({ type, seq: 9 }), { ok: true, pdu: { type: "unknown", seq: 9 } }, type);
      for (const seq of [undefined, "9", -1, 1.5, 2 ** 53, null]) {
        assert.deepEqual(check({ type, seq }), { ok: true, pdu: { type: "unknown", seq: 0 } });
      }
    }
  }
});

Deno.test("unknown fields are dropped, __proto__ and constructor among them, and nothing is polluted", () => {
  const json =
    '{"type":"CHAT_PING","seq":1,"ts":2,"x":1,"__proto__":{"bad":1},"constructor":{"prototype":{"bad":1}}}';
  assert.deepEqual(checkClientPdu(parsed(json)), { ok: true, pdu: { type: "CHAT_PING", seq: 1, ts: 2 } });
  const nested = `{"type":"CHAT_HELLO","seq":0,"ts":1,"name":"Ann","auth":{"__proto__":{"bad":1},"k":1},
    "rooms":[{"room":"a","__proto__":{"offset":5}}]}`;
  assert.deepEqual(checkClientPdu(parsed(nested)), {
    ok: true,
    pdu: { ...hello, auth: { k: 1 }, rooms: [{ room: "a" }] },
  });
  assert.equal(Object.hasOwn(Object.prototype, "bad"), false);
});

Deno.test("a refusal names the field and the PDU's seq, where it has one that may be named", () => {
  const refusals: [object, string, number | undefined][] = [
    [{ ...message, text: undefined }, "text: ", 1],
    [{ ...message, text: 5 }, "text: ", 1],
    [{ ...message, seq: 1.5 }, "seq: ", undefined],
    [{ ...message, seq: "1" }, "seq: ", undefined],
    [{ ...message, ts: "now" }, "ts: ", 1],
    [{ ...message, replyTo: 0 }, "replyTo: ", 1],
    [{ ...message, room: null }, "room: ", 1],
    [{ ...hello, rooms: [{ room: "a" }, { room: " b" }] }, "rooms.1.room: ", 0],
    [{ ...hello, rooms: {} }, "rooms: ", 0],
    [{ ...hello, name: "a\nb" }, "name: ", 0],
    [{ type: "CHAT_MESSAGE" }, "seq: ", undefined],
  ];
  for (const [value, start, seq] of refusals) {
    const checked = checkClientPdu(value);
    assert(!checked.ok, JSON.stringify(value));
    assert(checked.says.startsWith(start), checked.says);
    assert.equal(checked.seq, seq);
  }
});

Deno.test("a refusal says what was expected, short, and never what was sent", () => {
  for (const secret of ["secret", "secret but received secret", "secret\nsecret", "secret".repeat(1_000)]) {
    const wrong: object[] = [
      { ...message, replyTo: secret },
      { ...message, seq: secret },
      { ...hello, device: secret },
      { ...hello, token: secret.repeat(100) },
      { ...hello, name: `${secret}\n` },
      { ...hello, auth: secret },
      { type: "CHAT_REACT", seq: 1, ts: 1, target: 1, on: secret, reaction: "+1" },
      { type: "CHAT_REACT", seq: 1, ts: 1, target: 1, on: true, reaction: secret.repeat(20) },
    ];
    for (const value of wrong) {
      const checked = checkClientPdu(value);
      assert(!checked.ok);
      assert.doesNotMatch(checked.says, /secret/);
      assert.match(checked.says, /^[a-z]+: [A-Za-z]/i);
      assert(checked.says.length <= 100, checked.says);
    }
  }
  const checked = checkClientPdu({ ...message, replyTo: "7" });
  assert.deepEqual(checked, { ok: false, says: "replyTo: Invalid type: Expected number", seq: 1 });
});

Deno.test("numbers: only what JSON carries exactly counts", () => {
  const withSeq = (seq: string) => checkClientPdu(parsed(`{"type":"CHAT_PING","seq":${seq},"ts":1}`));
  for (const seq of ["0", "-0", "1.0", "1e3", "9007199254740991"]) assert(withSeq(seq).ok, seq);
  for (
    const seq of [
      "-1",
      "0.5",
      "9007199254740992",
      "9007199254740993",
      "1e999",
      "-1e999",
      '"1"',
      "null",
      "[1]",
    ]
  ) {
    assert(!withSeq(seq).ok, seq);
  }
  assert(!checkClientPdu(parsed('{"type":"CHAT_PING","seq":1,"ts":1e999}')).ok);
});

Deno.test("a second value under the same key counts, as JSON.parse has it", () => {
  assert.deepEqual(checkClientPdu(parsed('{"type":"CHAT_BYE","type":"CHAT_PING","seq":1,"seq":2,"ts":1}')), {
    ok: true,
    pdu: { type: "CHAT_PING", seq: 2, ts: 1 },
  });
});

Deno.test("texts and names must be well-formed Unicode", () => {
  assert(!checkClientPdu(parsed(String.raw`{"type":"CHAT_MESSAGE","seq":1,"ts":1,"text":"\ud83d"}`)).ok);
  assert(checkClientPdu(parsed(String.raw`{"type":"CHAT_MESSAGE","seq":1,"ts":1,"text":"\ud83d\ude00"}`)).ok);
  assert(!checkClientPdu({ ...hello, name: "\udc00" }).ok);
});

Deno.test("lists and numbers at their limits are taken, one more is not", () => {
  const rooms = (count: number) => Array.from({ length: count }, (_, at) => ({ room: `r${at}` }));
  const limits: [object, object][] = [
    [{ ...hello, rooms: rooms(LIMITS.roomsPerSessionMax) }, {
      ...hello,
      rooms: rooms(LIMITS.roomsPerSessionMax + 1),
    }],
    [{ ...hello, rooms: [] }, { ...hello, rooms: rooms(50_000) }],
    [{ ...hello, window: LIMITS.pduBytesMax }, { ...hello, window: LIMITS.pduBytesMax - 1 }],
    [{ ...hello, window: LIMITS.windowBytesMax }, { ...hello, window: LIMITS.windowBytesMax + 1 }],
    [{ ...hello, token: "x".repeat(LIMITS.tokenCharsMax) }, {
      ...hello,
      token: "x".repeat(LIMITS.tokenCharsMax + 1),
    }],
    [{ ...hello, name: "x".repeat(LIMITS.nameCharsMax) }, {
      ...hello,
      name: "x".repeat(LIMITS.nameCharsMax + 1),
    }],
    [{ type: "CHAT_JOIN", seq: 1, ts: 1, room: "a", last: LIMITS.pageEventsMax }, {
      type: "CHAT_JOIN",
      seq: 1,
      ts: 1,
      room: "a",
      last: LIMITS.pageEventsMax + 1,
    }],
    [{ type: "CHAT_HISTORY", seq: 1, ts: 1, room: "a", limit: LIMITS.pageEventsMax }, {
      type: "CHAT_HISTORY",
      seq: 1,
      ts: 1,
      room: "a",
      limit: LIMITS.pageEventsMax + 1,
    }],
  ];
  for (const [fits, over] of limits) {
    assert(checkClientPdu(fits).ok, JSON.stringify(fits).slice(0, 120));
    assert(!checkClientPdu(over).ok, JSON.stringify(over).slice(0, 120));
  }
});

Deno.test("a text's size is not the schema's business: it has a failure of its own", () => {
  assert(checkClientPdu({ ...message, text: "x".repeat(LIMITS.textBytesMax + 1) }).ok);
});

Deno.test("what a server says is checked in depth too", () => {
  const page = { type: "CHAT_PAGE", seq: 1, ts: 1, ack: 1, room: "a", epoch: "e", head: 1 };
  assert(checkServerPdu({ ...page, events: [{ ...message, sender: "Ann" }] }).ok);
  for (const event of [null, {}, { ...message }, { ...hello }, { ...message, sender: "Ann", offset: 0 }]) {
    assert(!checkServerPdu({ ...page, events: [event] }).ok, JSON.stringify(event));
  }
  const joined = { type: "CHAT_JOINED", seq: 1, ts: 1, ack: 1, room: "a", epoch: "e", after: 0, head: 0 };
  assert(checkServerPdu({ ...joined, result: "reset" }).ok);
  assert(!checkServerPdu({ ...joined, result: "maybe" }).ok);
});
