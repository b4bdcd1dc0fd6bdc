/** What is asked of the log: history, the list of rooms, pages for readers that fell behind. */
import assert from "node:assert/strict";
import { LIMITS } from "../protocol/limits.ts";
import { encodePdu } from "../protocol/wire.ts";
import { Stage } from "../../tests/fixtures/stage.ts";

const FAST = { rate: { perSecond: 1e6, burst: 1e6 } };

/** Ann, in a room where so many messages were said. */
function withHistory(count: number, text = (offset: number) => `m${offset}`) {
  const stage = new Stage(FAST);
  const ann = stage.enter("Ann", { rooms: [{ room: "den" }] });
  for (let seq = 1; seq <= count; seq++) {
    stage.say(ann, { type: "CHAT_MESSAGE", seq, room: "den", text: text(seq) });
  }
  let asked = 1_000;
  const ask = (more: object = {}) =>
    stage.say(ann, { type: "CHAT_HISTORY", seq: ++asked, room: "den", ...more });
  const page = () => stage.heard(ann, "CHAT_PAGE").at(-1);
  const offsets = () => page()?.events.map(({ offset }) => offset);
  return { stage, ann, ask, page, offsets };
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, at) => from + at);
}

Deno.test("history: a page says what it answers, and when, and where the room stands", () => {
  const { ask, page } = withHistory(3);
  ask({ after: 1, limit: 1 });
  const { events, ...frame } = page() ?? { events: [] };
  assert.deepEqual(frame, {
    type: "CHAT_PAGE",
    seq: 0,
    ts: 1_000,
    ack: 1_001,
    room: "den",
    epoch: "e1",
    head: 3,
  });
  assert.deepEqual(events.map((event) => event.type === "CHAT_MESSAGE" && event.text), ["m2"]);
});

Deno.test("history: the newest 50, those before an event, those after one, so many as were asked for", () => {
  const { ask, offsets } = withHistory(120);
  ask();
  assert.deepEqual(offsets(), range(71, 120));
  ask({ before: 71 });
  assert.deepEqual(offsets(), range(21, 70));
  ask({ before: 21 });
  assert.deepEqual(offsets(), range(1, 20));
  ask({ before: 21, limit: 5 });
  assert.deepEqual(offsets(), range(16, 20));
  ask({ before: 999, limit: 2 });
  assert.deepEqual(offsets(), [119, 120], "what is not there yet is not waited for");
  ask({ after: 0 });
  assert.deepEqual(offsets(), range(1, 50));
  ask({ after: 110 });
  assert.deepEqual(offsets(), range(111, 120));
  ask({ after: 120 });
  assert.deepEqual(offsets(), []);
});

Deno.test("history: before the first event there is nothing, and the log is not asked", () => {
  const { stage, ask, offsets } = withHistory(2);
  stage.isPrompt = false;
  ask({ before: 1 });
  assert.deepEqual([offsets(), stage.questions.length], [[], 0]);
  ask({ before: 2 });
  assert.deepEqual(stage.questions.map((question) => question.do === "read" && question.limit), [1]);
});

Deno.test("history: long texts make short pages, forwards the first, backwards the last, always at least one", () => {
  // Each is about 14 kB on the wire: four fit the 64 KB of a PDU.
  const { ask, page, offsets } = withHistory(12, () => "x".repeat(14_000));
  const size = () => encodePdu(page() ?? {}, "quicchat/1").length;
  ask({ after: 2, limit: 10 });
  assert.deepEqual(offsets(), range(3, 6));
  assert.ok(size() <= LIMITS.pduBytesMax, `${size()} bytes`);
  ask({ before: 11, limit: 10 });
  assert.deepEqual(offsets(), range(7, 10));
  assert.ok(size() <= LIMITS.pduBytesMax, `${size()} bytes`);

  const longest = withHistory(2, () => "\u0001".repeat(8_000));
  longest.ask({ after: 0 });
  assert.deepEqual(longest.offsets(), [1]);
  longest.ask({});
  assert.deepEqual(longest.offsets(), [2]);
});

Deno.test("history: a log that answers in steps is asked until the end is reached", () => {
  const { stage, ann, ask, offsets } = withHistory(9);
  stage.isPrompt = false;
  ask({ limit: 6 });
  const events = stage.events.get("den") ?? [];
  for (const [after, limit, given] of [[3, 6, 2], [5, 4, 4]] as const) {
    const question = stage.questions.shift();
    assert.ok(question?.do === "read");
    assert.deepEqual([question.after, question.limit], [after, limit]);
    stage.chat.paged(question.ticket, { events: events.slice(after, after + given), head: 9 }, stage.nowMs);
    stage.run();
  }
  assert.deepEqual(offsets(), range(4, 9));
  assert.equal(stage.heard(ann, "CHAT_PAGE").length, 1);

  // One that gives nothing is not asked for ever.
  ask({ limit: 6 });
  const question = stage.questions.shift();
  stage.chat.paged(question?.ticket ?? 0, { events: [], head: 9 }, stage.nowMs);
  stage.run();
  assert.deepEqual(offsets(), []);
  assert.equal(stage.questions.length, 0);
});

Deno.test("history: asked while the room is looked up, it waits for that; of another room it is refused", () => {
  const { stage, ann } = withHistory(3);
  stage.leave(ann);
  stage.isPrompt = false;
  const eve = stage.enter("Eve", { rooms: [{ room: "den" }] });
  stage.say(eve, { type: "CHAT_HISTORY", seq: 1, room: "den" });
  assert.deepEqual(stage.questions.map((question) => question.do), ["head"]);
  stage.answer();
  stage.answer();
  assert.deepEqual(stage.heard(eve, "CHAT_PAGE")[0]?.events.map(({ offset }) => offset), [1, 2, 3]);
  stage.say(eve, { type: "CHAT_HISTORY", seq: 2, room: "attic" });
  const [error] = stage.heard(eve, "CHAT_ERROR");
  assert.deepEqual([error?.failure, error?.ack, error?.room], ["not-a-member", 2, "attic"]);
});

Deno.test("questions: eight of a session are open at once, the ninth comes again", () => {
  const { stage, ann, ask } = withHistory(3);
  stage.isPrompt = false;
  for (let at = 1; at <= 8; at++) ask();
  assert.deepEqual(stage.errors(ann), []);
  ask();
  const [error] = stage.heard(ann, "CHAT_ERROR");
  assert.deepEqual([error?.failure, error?.ack, error?.retryMs], ["too-fast", 1_009, 100]);
  stage.say(ann, { type: "CHAT_ROOMS", seq: 7 });
  assert.equal(stage.errors(ann).length, 2);
  stage.answer();
  ask();
  assert.equal(stage.errors(ann).length, 2, "an answer makes place");
  assert.equal(stage.questions.length, 8);
});

Deno.test("questions: what the log can't read now is refused for now, and makes place", () => {
  const { stage, ann, ask } = withHistory(3);
  stage.isPrompt = false;
  for (let at = 1; at <= 20; at++) {
    ask(at % 2 === 0 ? { after: 1 } : {});
    stage.answer(true);
    stage.say(ann, { type: "CHAT_ROOMS", seq: 2_000 + at });
    stage.answer(true);
  }
  assert.deepEqual([...new Set(stage.errors(ann))], ["not-read"]);
  const errors = stage.heard(ann, "CHAT_ERROR");
  assert.deepEqual([errors.length, errors[0]?.ack, errors[0]?.retryMs], [40, 1_001, 1_000]);
  assert.equal(errors[1]?.ack, 2_001);
});

Deno.test("questions: who has gone, or left the room, before the answer is told nothing", () => {
  const { stage, ann, ask } = withHistory(3);
  stage.isPrompt = false;
  ask();
  stage.say(ann, { type: "CHAT_ROOMS", seq: 1 });
  stage.say(ann, { type: "CHAT_LEAVE", seq: 2, room: "den" });
  stage.answer();
  assert.equal(stage.heard(ann, "CHAT_PAGE").length, 0);
  stage.say(ann, { type: "CHAT_ROOMS", seq: 3 });
  const told = () => stage.told.get(ann)?.length;
  stage.say(ann, { type: "CHAT_BYE", seq: 3 });
  const before = told();
  stage.answer();
  stage.answer(true);
  assert.equal(told(), before);
});

Deno.test("questions: an answer to nothing, or of another kind, changes nothing", () => {
  const { stage, ann, ask } = withHistory(3);
  stage.isPrompt = false;
  ask();
  const ticket = stage.questions[0]?.ticket ?? 0;
  stage.chat.listed(ticket, [], stage.nowMs);
  stage.chat.paged(99, null, stage.nowMs);
  stage.chat.listed(99, null, stage.nowMs);
  stage.chat.headed(99, null);
  stage.run();
  assert.equal(stage.heard(ann, "CHAT_PAGE").length + stage.errors(ann).length, 0);
});

Deno.test("rooms: in the order of code points, from a name on, with who is there and how far they are", () => {
  const { stage, ann } = withHistory(3);
  // As UTF-16 the emoji would come before the private letter.
  const names = ["\ue000", "\u{1f600}", "b", "ba", "a", "A"];
  const bob = stage.enter("Bob", { rooms: names.map((room) => ({ room })) });
  const list = (more: object = {}) => {
    stage.say(ann, { type: "CHAT_ROOMS", seq: 5, ...more });
    return stage.heard(ann, "CHAT_ROOMS").at(-1);
  };
  assert.deepEqual(list()?.rooms.map(({ room }) => room), [
    "A",
    "a",
    "b",
    "ba",
    "den",
    "lobby",
    "\ue000",
    "\u{1f600}",
  ]);
  assert.deepEqual([list()?.ack, list()?.ts, list()?.complete], [5, 1_000, true]);
  assert.deepEqual(list({ after: "b" })?.rooms.map(({ room }) => room).slice(0, 2), ["ba", "den"]);
  stage.leave(bob);
  stage.leave(ann);
  const eve = stage.enter("Eve");
  stage.say(eve, { type: "CHAT_ROOMS", seq: 5 });
  assert.deepEqual(stage.heard(eve, "CHAT_ROOMS")[0]?.rooms, [
    { room: "den", head: 3, count: 0 },
    { room: "lobby", head: 0, count: 1 },
  ]);
});

Deno.test("rooms: one that is being looked up stands where the log says", () => {
  const { stage, ann } = withHistory(3);
  stage.leave(ann);
  const eve = stage.enter("Eve");
  stage.isPrompt = false;
  stage.say(eve, { type: "CHAT_ROOMS", seq: 5 });
  stage.enter("Bob", { rooms: [{ room: "den" }] });
  stage.answer();
  assert.deepEqual(stage.heard(eve, "CHAT_ROOMS")[0]?.rooms[0], { room: "den", head: 3, count: 1 });
});

Deno.test("rooms: 200 in one answer, and whether that is all", () => {
  const stage = new Stage(FAST);
  const name = (at: number) => `room ${String(at).padStart(3, "0")}`;
  const ann = stage.enter("Ann", { rooms: [{ room: "lobby" }] });
  const list = (after?: string) => {
    stage.say(ann, { type: "CHAT_ROOMS", seq: 1, ...(after === undefined ? {} : { after }) });
    const pdu = stage.heard(ann, "CHAT_ROOMS").at(-1);
    return [pdu?.rooms.length, pdu?.rooms.at(-1)?.room, pdu?.complete];
  };
  for (let at = 1; at < LIMITS.roomListMax; at++) {
    stage.say(ann, { type: "CHAT_JOIN", seq: at, room: name(at) });
  }
  assert.deepEqual(list(), [200, name(199), true]);
  stage.say(ann, { type: "CHAT_JOIN", seq: 1, room: name(200) });
  assert.deepEqual(list(), [200, name(199), false]);
  assert.deepEqual(list(name(199)), [1, name(200), true]);
  for (let at = 1; at <= 200; at++) {
    stage.say(ann, { type: "CHAT_MESSAGE", seq: at, room: name(at), text: "x" });
  }
  stage.say(ann, { type: "CHAT_MESSAGE", seq: 201, room: "lobby", text: "x" });
  stage.leave(ann);
  const bob = stage.enter("Bob", { rooms: [] });
  stage.say(bob, { type: "CHAT_ROOMS", seq: 1 });
  assert.equal(stage.heard(bob, "CHAT_ROOMS")[0]?.complete, false, "all of them from the log");
});

Deno.test("readers that fell behind at one place share one read", () => {
  const { stage, ann } = withHistory(5);
  stage.leave(ann);
  const late = ["Bob", "Cid"].map((name) => stage.enter(name, { rooms: [{ room: "den" }] }));
  stage.isPrompt = false;
  for (const id of late) stage.say(id, { type: "CHAT_JOIN", seq: 1, room: "den", offset: 2, epoch: "e1" });
  assert.deepEqual(stage.questions.map((question) => question.do), ["read"]);
  stage.answer();
  for (const id of late) assert.deepEqual(stage.texts(id), ["m3", "m4", "m5"]);
});

Deno.test("a page that does not begin where the reader stands is no page: it is read again at the next tick", () => {
  const { stage, ann } = withHistory(5);
  stage.leave(ann);
  stage.isPrompt = false;
  const bob = stage.enter("Bob", { rooms: [{ room: "den", offset: 2, epoch: "e1" }] });
  stage.answer();
  const events = stage.events.get("den") ?? [];
  for (const given of [events.slice(3), []]) {
    const question = stage.questions.shift();
    assert.ok(question?.do === "read");
    stage.chat.paged(question.ticket, { events: given, head: 5 }, stage.nowMs);
    stage.run();
    assert.equal(stage.questions.length, 0, "not in a circle");
    stage.pass(100);
  }
  stage.answer();
  assert.deepEqual(stage.texts(bob), ["m3", "m4", "m5"]);
});
