import assert from "node:assert/strict";
import { Stage } from "../../tests/fixtures/stage.ts";

const message = (seq: number, text: string, more: object = {}) => ({
  type: "CHAT_MESSAGE",
  seq,
  text,
  ...more,
});
const DEVICE = "0123456789abcdef0123456789abcdef";

Deno.test("a message goes to everybody in the room, and its receipt comes before its own echo", () => {
  const stage = new Stage();
  const ann = stage.enter("Ann");
  const bob = stage.enter("Bob");
  const eve = stage.enter("Eve", { rooms: [{ room: "elsewhere" }] });
  stage.say(ann, message(1, "hello"));
  assert.deepEqual(stage.texts(bob), ["hello"]);
  assert.deepEqual(stage.texts(eve), []);
  const types = (stage.told.get(ann) ?? []).map(({ type }) => type);
  assert.ok(types.indexOf("CHAT_RECEIPT") < types.indexOf("CHAT_MESSAGE"), types.join());
  const [receipt] = stage.heard(ann, "CHAT_RECEIPT");
  assert.deepEqual([receipt?.ack, receipt?.room, receipt?.epoch, receipt?.offset], [1, "lobby", "e1", 1]);
  assert.equal(stage.heard(bob, "CHAT_MESSAGE")[0]?.sender, "Ann");
});

Deno.test("nothing is acknowledged or shown before it is durable", () => {
  const stage = new Stage();
  const ann = stage.enter("Ann");
  stage.isPrompt = false;
  stage.say(ann, message(1, "soon"));
  assert.deepEqual(stage.heard(ann, "CHAT_RECEIPT"), []);
  assert.deepEqual(stage.texts(ann), []);
  stage.commit();
  assert.equal(stage.heard(ann, "CHAT_RECEIPT").length, 1);
  assert.deepEqual(stage.texts(ann), ["soon"]);
});

Deno.test("greeting: anything before HELLO, a second HELLO, no HELLO at all", () => {
  const stage = new Stage();
  const early = stage.open();
  stage.say(early, message(1, "too early"));
  assert.deepEqual([stage.errors(early), stage.closed.get(early)], [["bad-order"], "bad-order"]);
  const twice = stage.enter("Twice");
  stage.say(twice, { type: "CHAT_HELLO", seq: 0, name: "Twice" });
  assert.equal(stage.closed.get(twice), "bad-order");
  const silent = stage.open();
  stage.pass(4_900);
  assert.equal(stage.closed.has(silent), false);
  stage.pass(200);
  assert.equal(stage.closed.get(silent), "hello-timeout");
});

Deno.test("greeting: a wrong version, a wrong token, a wrong name", () => {
  const stage = new Stage({ admit: ({ token }) => token === "let me in" ? null : "unauthorised" });
  assert.equal(stage.closed.get(stage.enter("Old", { version: 7, token: "let me in" })), "version");
  assert.equal(stage.closed.get(stage.enter("Mallory", { token: "?" })), "unauthorised");
  assert.equal(stage.closed.get(stage.enter(" ", { token: "let me in" })), "invalid");
  const welcome = stage.enter("Ann", { token: "let me in" });
  assert.equal(stage.heard(welcome, "CHAT_WELCOME").length, 1);
});

Deno.test("a sender can't be forged, and what isn't one's own can't be changed", () => {
  const stage = new Stage();
  const ann = stage.enter("Ann");
  const mallory = stage.enter("Ann");
  stage.say(ann, message(1, "mine"));
  stage.say(mallory, message(1, "as Bob", { sender: "Bob" }));
  stage.say(mallory, { type: "CHAT_EDIT", seq: 2, target: 1, text: "changed" });
  stage.say(mallory, { type: "CHAT_DELETE", seq: 3, target: 1 });
  stage.say(mallory, { type: "CHAT_TYPING", seq: 0, who: "Bob", status: true });
  stage.say(mallory, { type: "CHAT_EDIT", seq: 4, target: 9, text: "changed" });
  assert.deepEqual(stage.errors(mallory), ["forbidden", "forbidden", "forbidden", "forbidden", "not-found"]);
  assert.equal(stage.events.get("lobby")?.length, 1);
  stage.say(ann, { type: "CHAT_EDIT", seq: 2, target: 1, text: "mine still" });
  stage.say(mallory, { type: "CHAT_REACT", seq: 5, target: 1, reaction: "👍", on: true });
  assert.equal(stage.heard(mallory, "CHAT_EDIT")[0]?.text, "mine still");
  assert.equal(stage.heard(ann, "CHAT_REACT")[0]?.reaction, "👍");
});

Deno.test("the same (device, seq) again is one message and the original receipt, on any connection", () => {
  const stage = new Stage();
  const first = stage.enter("Ann", { device: DEVICE });
  stage.say(first, message(1, "once"));
  stage.leave(first);
  stage.nowMs += 60_000;
  const second = stage.enter("Ann", { device: DEVICE });
  stage.say(second, message(1, "once"));
  const [original] = stage.heard(first, "CHAT_RECEIPT");
  const [again] = stage.heard(second, "CHAT_RECEIPT");
  assert.deepEqual([again?.offset, again?.ts, again?.duplicate], [original?.offset, original?.ts, true]);
  assert.equal(stage.events.get("lobby")?.length, 1);
});

Deno.test("chat/0: a repeated seq is a 409 and dropped, others' messages come without ours", () => {
  const stage = new Stage();
  const old = stage.enter("Old", {}, "chat/0");
  const other = stage.enter("Other", {}, "chat/0");
  const ours = stage.enter("Ours");
  stage.say(old, message(1, "one", { sender: "Old" }));
  stage.say(old, message(1, "one", { sender: "Old" }));
  stage.say(old, message(2, "two", { sender: "Old" }));
  stage.say(ours, message(1, "from ours"));
  stage.say(ours, { type: "CHAT_EDIT", seq: 2, target: 3, text: "edited" });
  assert.deepEqual(stage.texts(other), ["one", "two", "from ours"]);
  assert.deepEqual(stage.texts(old), ["from ours"]);
  assert.deepEqual(stage.heard(old, "CHAT_ERROR").map(({ code }) => code), [409]);
  assert.deepEqual(stage.heard(old, "CHAT_RECEIPT").map(({ ack }) => ack), [1, 2]);
  assert.deepEqual(
    new Set((stage.told.get(other) ?? []).map(({ type }) => type)),
    new Set(["CHAT_WELCOME", "CHAT_MESSAGE"]),
  );
});

Deno.test("joining from a position gives what follows it, once, in order, then what is live", () => {
  const stage = new Stage();
  const ann = stage.enter("Ann");
  for (let seq = 1; seq <= 500; seq++) {
    stage.nowMs += 10;
    stage.say(ann, message(seq, `m${seq}`));
  }
  const late = stage.enter("Late", { rooms: [{ room: "lobby", epoch: "e1", offset: 120 }] });
  stage.say(ann, message(501, "m501"));
  assert.deepEqual(stage.heard(late, "CHAT_MESSAGE").map(({ offset }) => offset), range(121, 501));
  const [joined] = stage.heard(late, "CHAT_JOINED");
  assert.deepEqual([joined?.after, joined?.head, joined?.result], [120, 500, "complete"]);
});

Deno.test("after the room was empty the same comes from the log, in pages", () => {
  const stage = new Stage();
  const ann = stage.enter("Ann");
  for (let seq = 1; seq <= 450; seq++) {
    stage.nowMs += 10;
    stage.say(ann, message(seq, `m${seq}`));
  }
  stage.leave(ann);
  const late = stage.enter("Late", { rooms: [{ room: "lobby", epoch: "e1", offset: 0 }] });
  assert.deepEqual(stage.heard(late, "CHAT_MESSAGE").map(({ offset }) => offset), range(1, 450));
});

Deno.test("a position of another life of the log, or beyond its end, starts anew", () => {
  const stage = new Stage();
  const ann = stage.enter("Ann");
  for (let seq = 1; seq <= 5; seq++) stage.say(ann, message(seq, `m${seq}`));
  for (const position of [{ epoch: "e0", offset: 2 }, { epoch: "e1", offset: 99 }]) {
    const id = stage.enter("Back", { rooms: [{ room: "lobby", last: 3, ...position }] });
    const [joined] = stage.heard(id, "CHAT_JOINED");
    assert.deepEqual([joined?.result, joined?.after], ["reset", 2]);
    assert.deepEqual(stage.texts(id), ["m3", "m4", "m5"]);
  }
});

Deno.test("events that become durable while a room is looked up are neither missed nor doubled", () => {
  for (const headFirst of [true, false]) {
    const stage = new Stage();
    stage.isPrompt = false;
    const ann = stage.enter("Ann", { rooms: [{ room: "lobby", offset: 0 }] });
    stage.say(ann, message(1, "one"));
    if (headFirst) stage.answer();
    stage.commit();
    stage.say(ann, message(2, "two"));
    if (!headFirst) stage.answer();
    stage.commit();
    while (stage.questions.length > 0) stage.answer();
    assert.deepEqual(stage.texts(ann), ["one", "two"], `headFirst ${headFirst}`);
  }
});

Deno.test("a slow reader has no queue: it goes on from where it is, from the log", () => {
  const stage = new Stage({ rate: { perSecond: 1e6, burst: 1e6 } });
  const ann = stage.enter("Ann");
  const slow = stage.enter("Slow");
  stage.reading.delete(slow);
  const text = "x".repeat(1_000);
  for (let seq = 1; seq <= 3_000; seq++) stage.say(ann, message(seq, text));
  assert.deepEqual(stage.texts(slow), []);
  stage.reading.add(slow);
  stage.read(slow);
  assert.deepEqual(stage.heard(slow, "CHAT_MESSAGE").map(({ offset }) => offset), range(1, 3_000));
});

Deno.test("flow control: a reader that confirms nothing gets no more than its window", () => {
  const stage = new Stage({ rate: { perSecond: 1e6, burst: 1e6 } });
  const ann = stage.enter("Ann");
  const reader = stage.enter("Reader", { window: 65_536 });
  for (let seq = 1; seq <= 500; seq++) stage.say(ann, message(seq, "y".repeat(500)));
  const got = stage.texts(reader).length;
  assert.ok(got > 80 && got < 130, `${got} events in a window of 64 KiB`);
  for (let round = 0; round < 10; round++) stage.say(reader, { type: "CHAT_CREDIT", seq: 0, bytes: 1e9 });
  assert.deepEqual(stage.heard(reader, "CHAT_MESSAGE").map(({ offset }) => offset), range(1, 500));
});

Deno.test("too fast: refused with a time, and nothing overtakes what was refused", () => {
  const stage = new Stage({ rate: { perSecond: 10, burst: 3 } });
  const ann = stage.enter("Ann", { rooms: [{ room: "lobby" }] });
  for (let seq = 1; seq <= 6; seq++) stage.say(ann, message(seq, `m${seq}`));
  assert.deepEqual(stage.errors(ann), ["too-fast", "too-fast", "too-fast"]);
  assert.ok((stage.heard(ann, "CHAT_ERROR")[0]?.retryMs ?? 0) > 0);
  stage.pass(1_000);
  stage.say(ann, message(6, "m6"));
  assert.equal(stage.errors(ann).length, 4, "6 waits for 4");
  stage.pass(1_000);
  for (let seq = 4; seq <= 6; seq++) stage.say(ann, message(seq, `m${seq}`));
  assert.deepEqual(stage.texts(ann), ["m1", "m2", "m3", "m4", "m5", "m6"]);
});

Deno.test("a store that can't write: refused, nothing shown, order kept when it can again", () => {
  const stage = new Stage();
  const ann = stage.enter("Ann");
  stage.isPrompt = false;
  stage.say(ann, message(1, "a"));
  stage.say(ann, message(2, "b"));
  stage.failCommit();
  assert.deepEqual(stage.errors(ann), ["not-stored", "not-stored"]);
  assert.equal(stage.appending, null, "b was withdrawn with a");
  stage.isPrompt = true;
  stage.say(ann, message(2, "b"));
  assert.equal(stage.errors(ann).length, 3);
  stage.say(ann, message(1, "a"));
  stage.say(ann, message(2, "b"));
  assert.deepEqual(stage.texts(ann), ["a", "b"]);
});

Deno.test("flooding: who goes on after a thousand refusals is cut off", () => {
  const stage = new Stage({ rate: { perSecond: 1, burst: 1 } });
  const flood = stage.enter("Flood");
  for (let seq = 1; seq <= 1_100; seq++) stage.say(flood, message(seq, "!"));
  assert.equal(stage.closed.get(flood), "flooding");
});

Deno.test("texts: too long in bytes or as JSON, at the limit", () => {
  const stage = new Stage();
  const ann = stage.enter("Ann");
  stage.say(ann, message(1, "é".repeat(8_192)));
  stage.say(ann, message(2, "é".repeat(8_193)));
  stage.say(ann, message(3, "\u0001".repeat(9_000)));
  assert.deepEqual(stage.errors(ann), ["text-too-large", "text-too-large"]);
  assert.equal(stage.texts(ann).length, 1);
});

Deno.test("typing: told to the others, renewed in silence, ends by itself", () => {
  const stage = new Stage();
  const ann = stage.enter("Ann");
  const bob = stage.enter("Bob");
  stage.say(ann, { type: "CHAT_TYPING", seq: 0, status: true });
  stage.say(ann, { type: "CHAT_TYPING", seq: 0, status: true });
  const typing = () => (stage.hinted.get(bob) ?? []).map((pdu) => pdu.type === "CHAT_TYPING" && pdu.status);
  assert.deepEqual(typing(), [true]);
  assert.deepEqual(stage.hinted.get(ann), []);
  stage.pass(6_200);
  assert.deepEqual(typing(), [true, false]);
});

Deno.test("presence: everybody at joining, then the difference; one entry for two sessions of a device", () => {
  const stage = new Stage();
  const ann = stage.enter("Ann");
  stage.pass(300);
  const bob = stage.enter("Bob", { device: DEVICE });
  const bobToo = stage.enter("Bob", { device: DEVICE });
  stage.pass(300);
  const last = () => stage.heard(ann, "CHAT_PRESENCE").at(-1);
  assert.deepEqual(last()?.came?.map(({ name }) => name), ["Bob"]);
  assert.equal(last()?.count, 2);
  stage.leave(bob);
  stage.pass(300);
  assert.deepEqual(last()?.came?.map(({ name }) => name), ["Bob"], "Bob is still here");
  stage.leave(bobToo);
  stage.pass(300);
  assert.deepEqual(last()?.went?.map(({ name }) => name), ["Bob"]);
  assert.deepEqual(stage.heard(bob, "CHAT_PRESENCE")[0]?.members?.map(({ name }) => name), ["Ann", "Bob"]);
});

Deno.test("history: backwards in pages to the first, also with texts longer than a page", () => {
  const stage = new Stage({ rate: { perSecond: 1e6, burst: 1e6 } });
  const ann = stage.enter("Ann", { rooms: [{ room: "lobby" }] });
  for (let seq = 1; seq <= 120; seq++) {
    stage.say(ann, message(seq, seq % 7 === 0 ? "z".repeat(16_000) : "short"));
  }
  const offsets: number[] = [];
  for (let before = 121, asked = 1; before > 1 && asked < 100; asked++) {
    stage.say(ann, { type: "CHAT_HISTORY", seq: asked, room: "lobby", before, limit: 40 });
    const page = stage.heard(ann, "CHAT_PAGE").at(-1);
    assert.equal(page?.ack, asked);
    const got = page?.events.map(({ offset }) => offset ?? 0) ?? [];
    assert.equal(got.at(-1), before - 1);
    offsets.unshift(...got);
    before = got[0] ?? 0;
  }
  assert.deepEqual(offsets, range(1, 120));
});

Deno.test("history: with what was said later of its messages, which is asked for only where there may be something", () => {
  const stage = new Stage({ rate: { perSecond: 1e6, burst: 1e6 } });
  const ann = stage.enter("Ann", { rooms: [{ room: "lobby" }] });
  for (let seq = 1; seq <= 9; seq++) stage.say(ann, message(seq, `${seq}`));
  stage.say(ann, { type: "CHAT_EDIT", seq: 10, room: "lobby", target: 2, text: "two" });
  stage.say(ann, { type: "CHAT_DELETE", seq: 11, room: "lobby", target: 3 });
  stage.say(ann, { type: "CHAT_REACT", seq: 12, room: "lobby", target: 5, reaction: "👍", on: true });
  const pages = () => stage.heard(ann, "CHAT_PAGE");
  const ask = (wanted: object) => {
    stage.say(ann, { type: "CHAT_HISTORY", seq: 100 + pages().length, room: "lobby", ...wanted });
    const { events, later } = pages().at(-1) ?? {};
    return [events?.map(({ offset }) => offset), later?.map(({ offset }) => offset)];
  };
  assert.deepEqual(ask({ after: 0, limit: 5 }), [[1, 2, 3, 4, 5], [10, 11, 12]]);
  assert.deepEqual(ask({ before: 4, limit: 2 }), [[2, 3], [10, 11]]);
  assert.deepEqual(ask({ before: 8, limit: 2 }), [[6, 7], undefined]);
  assert.deepEqual(ask({ limit: 4 }), [[9, 10, 11, 12], undefined]);
  stage.listsMax = 2;
  assert.deepEqual(ask({ after: 0, limit: 5 }), [[1, 2], [10]], "as much as the log tells");
  assert.deepEqual(ask({ before: 6, limit: 5 }), [[4, 5], [12]]);
  stage.isPrompt = false;
  stage.say(ann, { type: "CHAT_HISTORY", seq: 200, room: "lobby", limit: 4 });
  stage.answer();
  assert.equal(stage.questions.length, 0, "up to the newest there is nothing later");
  stage.say(ann, { type: "CHAT_HISTORY", seq: 201, room: "lobby", after: 0, limit: 4 });
  stage.answer();
  assert.deepEqual(stage.questions.map((question) => question.do), ["changes"]);
  const before = pages().length;
  stage.answer(true);
  assert.deepEqual([pages().length, stage.errors(ann)], [before, ["not-read"]]);
});

Deno.test("only members see a room: no history, no list of members, no events after leaving", () => {
  const stage = new Stage();
  const ann = stage.enter("Ann");
  const eve = stage.enter("Eve");
  stage.say(eve, { type: "CHAT_LEAVE", seq: 5, room: "lobby" });
  stage.say(ann, message(1, "private"));
  stage.say(eve, { type: "CHAT_HISTORY", seq: 6, room: "lobby" });
  stage.say(eve, { type: "CHAT_WHO", seq: 7, room: "lobby" });
  stage.say(eve, message(1, "let me"));
  assert.equal(stage.heard(eve, "CHAT_LEFT")[0]?.ack, 5);
  assert.deepEqual(stage.errors(eve), ["not-a-member", "not-a-member", "not-a-member"]);
  assert.deepEqual(stage.texts(eve), []);
});

Deno.test("rooms: those with talk and those just opened, with how many are there", () => {
  const stage = new Stage();
  const ann = stage.enter("Ann", { rooms: [{ room: "b" }, { room: "a" }] });
  stage.say(ann, message(1, "hi", { room: "b" }));
  stage.say(ann, { type: "CHAT_ROOMS", seq: 3 });
  const [list] = stage.heard(ann, "CHAT_ROOMS");
  assert.deepEqual(list?.rooms, [
    { room: "a", head: 0, count: 1 },
    { room: "b", head: 1, count: 1 },
    { room: "lobby", head: 0, count: 0 },
  ]);
  assert.equal(list?.complete, true);
});

Deno.test("a store that can't read loses nothing: the reader waits and goes on", () => {
  const stage = new Stage();
  const ann = stage.enter("Ann", { rooms: [{ room: "attic" }] });
  for (let seq = 1; seq <= 10; seq++) stage.say(ann, message(seq, `m${seq}`, { room: "attic" }));
  stage.leave(ann);
  stage.isPrompt = false;
  const late = stage.enter("Late", { rooms: [{ room: "attic", offset: 0 }] });
  stage.answer(true);
  stage.pass(100);
  stage.answer();
  stage.answer(true);
  assert.deepEqual(stage.texts(late), []);
  stage.pass(100);
  stage.answer();
  assert.equal(stage.texts(late).length, 10);
});

Deno.test("shutdown: what is under way is acknowledged, what comes later is not, all are told", () => {
  const stage = new Stage();
  const ann = stage.enter("Ann");
  stage.isPrompt = false;
  stage.say(ann, message(1, "in time"));
  stage.chat.stopListening();
  stage.say(ann, message(2, "too late"));
  assert.equal(stage.chat.isSettled, false);
  stage.commit();
  assert.equal(stage.chat.isSettled, true);
  stage.chat.sayGoodbye(stage.nowMs);
  stage.run();
  assert.deepEqual(stage.heard(ann, "CHAT_RECEIPT").map(({ ack }) => ack), [1]);
  assert.equal(stage.closed.get(ann), "going-away");
});

Deno.test("unknown words are ignored, wrong fields are named, the session goes on", () => {
  const stage = new Stage();
  const ann = stage.enter("Ann");
  stage.say(ann, { type: "CHAT_DANCE", seq: 1 });
  stage.say(ann, { type: "CHAT_MESSAGE", seq: 1, text: 7 });
  stage.say(ann, message(1, "fine"));
  assert.deepEqual(stage.errors(ann), ["invalid"]);
  assert.equal(stage.heard(ann, "CHAT_ERROR")[0]?.ack, 1);
  assert.deepEqual(stage.texts(ann), ["fine"]);
});

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
