import assert from "node:assert/strict";
import fc from "fast-check";
import { checkClientPdu, type EventPdu } from "./client-pdu.ts";
import { bodyOf, lineOf, type LoggedEvent, pduOf, targetOf, topicIn } from "./event.ts";
import { LIMITS } from "./limits.ts";
import { checkServerPdu } from "./server-pdu.ts";
import { decoderOf, encodePdu } from "./wire.ts";
import { isName, isRoomName, textFits } from "./words.ts";

const AUTHOR = "0123456789abcdef01234567";

/** What the server makes of an accepted PDU. */
function logged(pdu: EventPdu, offset: number): LoggedEvent {
  return {
    room: pdu.room ?? "lobby",
    offset,
    tsMs: 1_763_853_792_123,
    type: pdu.type,
    seq: pdu.seq,
    sender: "Ann",
    author: AUTHOR,
    target: targetOf(pdu),
    body: bodyOf(pdu),
  };
}

const told = { seq: 7, ts: 1_763_853_792.123, room: "lobby", offset: 9, sender: "Ann", author: AUTHOR };
const ts = 1;
const cases: [EventPdu, object][] = [
  [{ type: "CHAT_MESSAGE", seq: 7, ts, text: "hi" }, { type: "CHAT_MESSAGE", ...told, text: "hi" }],
  [
    { type: "CHAT_MESSAGE", seq: 7, ts, text: '"\\\n\u0000😀\u2028', replyTo: 3 },
    { type: "CHAT_MESSAGE", ...told, replyTo: 3, text: '"\\\n\u0000😀\u2028' },
  ],
  [{ type: "CHAT_EDIT", seq: 7, ts, target: 3, text: "" }, {
    type: "CHAT_EDIT",
    ...told,
    target: 3,
    text: "",
  }],
  [{ type: "CHAT_DELETE", seq: 7, ts, target: 3 }, { type: "CHAT_DELETE", ...told, target: 3 }],
  [{ type: "CHAT_REACT", seq: 7, ts, target: 3, reaction: "👍", on: false }, {
    type: "CHAT_REACT",
    ...told,
    target: 3,
    reaction: "👍",
    on: false,
  }],
];

for (const [pdu, expected] of cases) {
  Deno.test(`lineOf and pduOf tell a ${pdu.type}${targetOf(pdu) === null ? "" : " with a target"}`, () => {
    const event = logged(pdu, 9);
    assert.deepEqual(pduOf(event), expected);
    // Key by key, so that the spliced line is exactly what encoding the PDU would give.
    assert.equal(lineOf(event), JSON.stringify(pduOf(event)) + "\n");
    assert.deepEqual(checkServerPdu(pduOf(event)), { ok: true, pdu: expected });
  });
}

Deno.test("lineOf: quotes and backslashes in names and rooms stay inside their strings", () => {
  const event = {
    ...logged({ type: "CHAT_DELETE", seq: 1, ts, target: 1 }, 2),
    sender: '","a":"',
    room: '\\"}',
  };
  assert.equal(pduOf(event).sender, '","a":"');
  assert.equal(pduOf(event).room, '\\"}');
});

const offset = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
const text = fc.string({ unit: "binary", maxLength: 200 });
const anyEvent: fc.Arbitrary<LoggedEvent> = fc.record({
  room: fc.string({ unit: "binary", minLength: 1, maxLength: 64 }).filter(isRoomName),
  offset,
  tsMs: fc.integer({ min: 0, max: 8_640_000_000_000_000 }),
  seq: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
  sender: fc.string({ unit: "binary", minLength: 1, maxLength: 64 }).filter(isName),
  author: fc.constant(AUTHOR),
  kind: fc.oneof(
    fc.record({
      type: fc.constant("CHAT_MESSAGE" as const),
      target: fc.option(offset),
      body: text.map((text) => JSON.stringify({ text })),
    }),
    fc.record({
      type: fc.constant("CHAT_EDIT" as const),
      target: offset,
      body: text.map((text) => JSON.stringify({ text })),
    }),
    fc.record({ type: fc.constant("CHAT_DELETE" as const), target: offset, body: fc.constant("{}") }),
    fc.record({
      type: fc.constant("CHAT_REACT" as const),
      target: offset,
      body: fc.boolean().map((on) => JSON.stringify({ reaction: "👍", on })),
    }),
  ),
}).map(({ kind, ...event }) => ({ ...event, ...kind }));

Deno.test("every line that lineOf makes is one PDU that a client decodes and accepts, nothing lost", () => {
  fc.assert(
    fc.property(anyEvent, (event) => {
      const decoded = decoderOf("quicchat/1").push(new TextEncoder().encode(lineOf(event)));
      assert.equal(decoded.length, 1);
      const value = decoded[0] !== undefined && "value" in decoded[0] ? decoded[0].value : null;
      const checked = checkServerPdu(value);
      assert(checked.ok);
      assert.deepEqual(checked.pdu, value);
      const { type, target, body, tsMs, ...same } = event;
      assert.deepEqual(value, {
        type,
        ts: tsMs / 1000,
        ...same,
        ...(target === null ? {} : type === "CHAT_MESSAGE" ? { replyTo: target } : { target }),
        ...JSON.parse(body) as object,
      });
    }),
    { seed: 7, numRuns: 1_000 },
  );
});

Deno.test("the longest events that a client may say are PDUs that every reader accepts", () => {
  // An event is longer than the PDU it came from. Without a bound on the text's JSON one text of control
  // characters would end every session in its room, again at each catch-up.
  const most = { room: "€".repeat(64), sender: '"'.repeat(64), offset: Number.MAX_SAFE_INTEGER };
  for (const character of ["x", "€", '"', "\n", "\u0001"]) {
    const times = Math.min(
      LIMITS.textBytesMax / new TextEncoder().encode(character).length,
      (LIMITS.textJsonBytesMax - 2) / new TextEncoder().encode(JSON.stringify(character).slice(1, -1)).length,
    );
    const text = character.repeat(times);
    assert(textFits(text) && !textFits(text + character));
    const pdu = {
      type: "CHAT_MESSAGE",
      seq: Number.MAX_SAFE_INTEGER,
      ts,
      text,
      replyTo: most.offset,
    } as const;
    assert(encodePdu(pdu, "quicchat/1").length <= LIMITS.pduBytesMax);
    assert(checkClientPdu(pdu).ok);
    const line = lineOf({ ...logged(pdu, 1), ...most });
    assert(new TextEncoder().encode(line).length <= LIMITS.pduBytesMax, JSON.stringify(character));
    // A page of history that holds nothing but this event fits as well.
    const page = {
      type: "CHAT_PAGE",
      seq: 1,
      ts,
      ack: 1,
      room: most.room,
      epoch: "e".repeat(64),
      head: most.offset,
    };
    const event = pduOf({ ...logged(pdu, 1), ...most });
    assert(encodePdu({ ...page, events: [event] }, "quicchat/1").length <= LIMITS.pduBytesMax);
  }
});

Deno.test("topicIn: the text of a topic, and nothing where there is none", () => {
  assert.equal(topicIn({ body: `{"text":"dinner"}` }), "dinner");
  for (const body of ["{}", `{"text":7}`]) assert.equal(topicIn({ body }), "");
});
