import assert from "node:assert/strict";
import { encodePdu } from "../protocol/wire.ts";
import { CONVERSATION, Conversation } from "./conversation.ts";
import type { ConversationEffect } from "./conversation-effect.ts";
import { RoomCursor } from "./room/room-cursor.ts";

function conversation(rooms: readonly string[] = ["lobby"]) {
  let nextRequest: number = CONVERSATION.requestSeqFirst;
  const cursors = new Map(rooms.map((room) => [room, new RoomCursor(room, { offset: 0 })]));
  const options = { name: "Ada", device: "d".repeat(32), windowBytes: 65_536 };
  const it = new Conversation({ ...options, nextRequest: () => nextRequest++ }, cursors);
  const hear = (pdu: object, nowMs = 0) =>
    it.receive(encodePdu({ ts: 0, seq: 0, ...pdu }, "quicchat/1"), nowMs, nowMs);
  return { it, cursors, hear };
}

function said(effects: readonly ConversationEffect[]): Record<string, unknown>[] {
  return effects.flatMap((effect) =>
    effect.do === "say"
      ? new TextDecoder().decode(effect.bytes).trim().split("\n").map((line) => JSON.parse(line))
      : []
  );
}

function kinds(effects: readonly ConversationEffect[]): string[] {
  return effects.map((effect) => effect.do);
}

const welcome = { type: "CHAT_WELCOME", seq: 1, server: "s", version: 1 };
const joined = (room: string, ack: number, after: number, head = after) => ({
  type: "CHAT_JOINED",
  ack,
  room,
  epoch: "e",
  after,
  head,
  result: "complete",
});
const message = (offset: number, room = "lobby") => ({
  type: "CHAT_MESSAGE",
  room,
  offset,
  sender: "Bea",
  author: "b".repeat(24),
  text: "x",
});

Deno.test("more rooms than a greeting holds: the others join after it", () => {
  const names = Array.from({ length: 250 }, (_, n) => `${"é".repeat(59)}${n}`);
  const { it } = conversation(names);
  const [hello, ...joins] = said(it.begin(0, 0));
  assert.equal(hello?.type, "CHAT_HELLO");
  const rooms = hello?.rooms as { room: string }[];
  assert.ok(encodePdu(hello ?? {}, "quicchat/1").length < 65_536);
  assert.deepEqual([...rooms, ...joins].map(({ room }) => room), names);
  assert.ok(joins.length > 0 && joins.every(({ type }) => type === "CHAT_JOIN"));
});

Deno.test("no answer to the greeting, an answer that can't be read, a goodbye: it ends, with a reason each", () => {
  const silent = conversation();
  silent.it.begin(0, 0);
  assert.equal(silent.it.deadlineMs(), 10_000);
  assert.deepEqual(kinds(silent.it.tick(10_000, 0)), ["end"]);
  assert.deepEqual(silent.it.tick(20_000, 0), [], "once");
  const rubbish = conversation();
  rubbish.it.begin(0, 0);
  const [end] = rubbish.it.receive(new TextEncoder().encode("HTTP/1.1 400 Bad Request\n"), 0, 0);
  assert.ok(end?.do === "end" && /can't be followed/.test(end.because));
  const polite = conversation();
  polite.it.begin(0, 0);
  const [bye] = polite.hear({ type: "CHAT_BYE", reason: "closing time" });
  assert.ok(bye?.do === "end" && /closing time/.test(bye.because));
});

Deno.test("refusals: of the session, of a join, of a question, of an event, of nothing in particular", () => {
  const { it, hear } = conversation(["lobby", "attic"]);
  it.begin(0, 0);
  hear(welcome);
  const error = (fields: object) => hear({ type: "CHAT_ERROR", code: 403, msg: "no", ...fields }, 100);
  const [room] = error({ ack: 0, room: "attic", failure: "forbidden" });
  assert.ok(room?.do === "room-refused" && room.room === "attic");
  const [event] = error({ ack: 7, failure: "forbidden" });
  assert.ok(event?.do === "refusal" && event.seq === 7);
  const [question] = error({ ack: CONVERSATION.requestSeqFirst + 5, failure: "not-found" });
  assert.ok(question?.do === "request-refused" && question.failure.name === "not-found");
  assert.deepEqual(kinds(error({})), ["notice"]);
  hear(joined("lobby", 0, 0));
  assert.deepEqual(kinds(error({ ack: 0, room: "lobby", failure: "not-a-member" })), ["notice"], "typing's");
  assert.deepEqual(error({ ack: 0, room: "attic", failure: "too-fast", code: 429, retryMs: 50 }), []);
  assert.deepEqual(said(it.tick(150, 0)).map(({ type, room }) => [type, room]), [["CHAT_JOIN", "attic"]]);
  const [end] = error({ failure: "going-away", code: 503 });
  assert.ok(end?.do === "end" && end.failure?.reconnect);
  const early = conversation();
  early.it.begin(0, 0);
  const [no] = early.hear({
    type: "CHAT_ERROR",
    code: 499,
    msg: "newer than this client",
    failure: "unheard-of",
  });
  assert.ok(no?.do === "end" && no.failure?.reconnect === false);
});

Deno.test("events: in sequence each once; others' rooms, old ones and those before the join are dropped", () => {
  const { it, hear } = conversation();
  it.begin(0, 0);
  hear(welcome);
  assert.deepEqual(hear(message(1)), [], "nothing counts before the join is answered");
  hear(joined("lobby", 0, 0, 2));
  assert.deepEqual(kinds(hear(message(1))), ["event"]);
  assert.deepEqual(hear(message(1)), []);
  assert.deepEqual(hear(message(1, "elsewhere")), []);
  assert.deepEqual(kinds(hear(message(2))), ["event"]);
});

Deno.test("holes: joins again from where it was; a server that goes on so is left", () => {
  const { it, hear } = conversation();
  it.begin(0, 0);
  hear(welcome);
  hear(joined("lobby", 0, 0));
  hear(message(1));
  for (let n = 0; n < CONVERSATION.holesMax; n++) {
    const [join] = said(hear(message(5)));
    assert.deepEqual([join?.type, join?.offset, join?.epoch], ["CHAT_JOIN", 1, "e"]);
    assert.deepEqual(hear(message(6)), [], "until the join is answered");
    hear(joined("lobby", Number(join?.seq), 1, 6));
  }
  const [end] = hear(message(9));
  assert.ok(end?.do === "end" && /leave holes/.test(end.because));
});

Deno.test("a join that claims completeness from elsewhere is a reset", () => {
  const { it, hear } = conversation();
  it.begin(0, 0);
  hear(welcome);
  const [effect] = hear(joined("lobby", 0, 7, 9));
  assert.ok(effect?.do === "joined" && effect.result === "reset" && effect.position.offset === 7);
});

Deno.test("silence: asks after 10 s and again after 5; any byte is an answer; deafness of one's own is no silence", () => {
  const { it, hear } = conversation();
  it.begin(0, 0);
  hear(welcome, 0);
  const types = (nowMs: number) => said(it.tick(nowMs, 0)).map(({ type }) => type);
  assert.deepEqual(types(9_999), []);
  assert.deepEqual(types(10_000), ["CHAT_PING"]);
  const [half] = [encodePdu({ type: "CHAT_PONG" }, "quicchat/1").subarray(0, 5)];
  it.receive(half, 11_000, 0);
  assert.equal(it.deadlineMs(), 21_000);
  assert.deepEqual(types(21_000), ["CHAT_PING"]);
  assert.deepEqual(types(26_000), ["CHAT_PING"]);
  it.setDeaf(true, 27_000);
  assert.equal(it.deadlineMs(), null);
  assert.deepEqual(it.tick(60_000, 0), []);
  it.setDeaf(false, 60_000);
  assert.deepEqual(types(70_000), ["CHAT_PING"]);
  assert.deepEqual(types(75_000), ["CHAT_PING"]);
  assert.deepEqual(kinds(it.tick(80_000, 0)), ["end"]);
});

Deno.test("credit: each half window of what was read, and not of what waits", () => {
  const { it, hear } = conversation();
  it.begin(0, 0);
  hear(welcome);
  hear(joined("lobby", 0, 0));
  let received = encodePdu({ ...welcome, ts: 0 }, "quicchat/1").length;
  received += encodePdu({ seq: 0, ts: 0, ...joined("lobby", 0, 0) }, "quicchat/1").length;
  let heldBytes = 0;
  for (let offset = 1; received < 40_000; offset++) {
    const pdu = { ...message(offset), text: "x".repeat(900) };
    received += encodePdu({ seq: 0, ts: 0, ...pdu }, "quicchat/1").length;
    const [event] = hear(pdu);
    assert.ok(event?.do === "event");
    it.held(event.bytes);
    heldBytes += event.bytes;
  }
  assert.deepEqual(it.credit(0), []);
  it.consumed(heldBytes);
  assert.deepEqual(said(it.credit(0)).map(({ bytes }) => bytes), [received]);
  assert.deepEqual(it.credit(0), []);
});

Deno.test("a datagram is one PDU of the kinds that may be lost, and whatever else it is, is dropped", () => {
  const { it } = conversation();
  const hear = (text: string) => kinds(it.receiveDatagram(new TextEncoder().encode(text), 0));
  assert.deepEqual(hear('{"type":"CHAT_TYPING","seq":0,"ts":0,"room":"lobby","who":"Bea","status":true}'), [
    "typing",
  ]);
  assert.deepEqual(hear('{"type":"CHAT_BYE","seq":0,"ts":0}'), []);
  assert.deepEqual(hear("\u0000rubbish"), []);
  assert.deepEqual(hear(""), []);
});
