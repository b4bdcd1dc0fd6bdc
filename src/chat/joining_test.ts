/** Being in rooms: how many, since when, together with whom. */
import assert from "node:assert/strict";
import { LIMITS } from "../protocol/limits.ts";
import { Stage } from "../../tests/fixtures/stage.ts";

const message = (seq: number, text: string, more: object = {}) => ({
  type: "CHAT_MESSAGE",
  seq,
  text,
  ...more,
});
const join = (seq: number, room: string, more: object = {}) => ({ type: "CHAT_JOIN", seq, room, ...more });

Deno.test("JOINED says where the reader is, in which life of the log, and when", () => {
  const stage = new Stage();
  const ann = stage.enter("Ann", { rooms: [] });
  stage.say(ann, join(7, "den"));
  stage.say(ann, message(1, "one", { room: "den" }));
  const bob = stage.enter("Bob", { rooms: [] });
  stage.say(bob, join(3, "den", { epoch: "e1", offset: 0 }));
  const [joined] = stage.heard(bob, "CHAT_JOINED");
  assert.deepEqual(joined, {
    type: "CHAT_JOINED",
    seq: 0,
    ts: 1_000,
    ack: 3,
    room: "den",
    epoch: "e1",
    after: 0,
    head: 1,
    result: "complete",
  });
});

Deno.test("joining again begins anew where it says, with one membership", () => {
  const stage = new Stage();
  const ann = stage.enter("Ann");
  for (const seq of [1, 2, 3]) stage.say(ann, message(seq, `m${seq}`));
  stage.pass(300);
  stage.say(ann, join(9, "lobby", { epoch: "e1", offset: 1 }));
  assert.deepEqual(stage.texts(ann), ["m1", "m2", "m3", "m2", "m3"]);
  assert.equal(stage.heard(ann, "CHAT_PRESENCE").at(-1)?.count, 1);
  stage.leave(ann);
  const bob = stage.enter("Bob");
  stage.pass(300);
  assert.deepEqual(stage.heard(bob, "CHAT_PRESENCE").at(-1)?.count, 1, "nobody but Bob");
});

Deno.test("a session is in 256 rooms at most, and may join those anew", () => {
  const stage = new Stage({ rate: { perSecond: 1e6, burst: 1e6 } });
  const ann = stage.enter("Ann", { rooms: [] });
  for (let at = 1; at <= LIMITS.roomsPerSessionMax + 1; at++) stage.say(ann, join(at, `room ${at}`));
  assert.equal(stage.heard(ann, "CHAT_JOINED").length, 256);
  const [error] = stage.heard(ann, "CHAT_ERROR");
  assert.deepEqual([error?.failure, error?.ack, error?.room], ["too-many-rooms", 257, "room 257"]);
  stage.say(ann, join(300, "room 5"));
  assert.equal(stage.heard(ann, "CHAT_JOINED").at(-1)?.ack, 300);
  stage.say(ann, { type: "CHAT_LEAVE", seq: 301, room: "room 5" });
  stage.say(ann, join(302, "room 257"));
  assert.equal(stage.heard(ann, "CHAT_JOINED").at(-1)?.ack, 302);
});

Deno.test("a server opens so many rooms and no more; an empty one makes place, the lobby stays", () => {
  const stage = new Stage({ roomsMax: 3 });
  const ann = stage.enter("Ann", { rooms: [{ room: "a" }, { room: "b" }] });
  assert.equal(stage.chat.roomCount, 3);
  const bob = stage.enter("Bob", { rooms: [{ room: "c" }, { room: "a" }, { room: "lobby" }] });
  assert.deepEqual(stage.heard(bob, "CHAT_JOINED").map(({ room }) => room), ["a", "lobby"]);
  const [error] = stage.heard(bob, "CHAT_ERROR");
  assert.deepEqual([error?.failure, error?.room], ["too-many-rooms", "c"]);
  assert.match(error?.msg ?? "", /\(on this server\)$/);
  stage.leave(ann);
  assert.equal(stage.chat.roomCount, 2, "b is closed, a has Bob");
  stage.say(bob, join(5, "c"));
  assert.equal(stage.heard(bob, "CHAT_JOINED").at(-1)?.room, "c");
  stage.leave(bob);
  assert.equal(stage.chat.roomCount, 1);
});

Deno.test("who left, or is gone, while the room was looked up is told nothing of it", () => {
  const stage = new Stage();
  stage.isPrompt = false;
  const [ann, bob, cid] = [stage.enter("Ann"), stage.enter("Bob"), stage.enter("Cid")];
  stage.say(ann, { type: "CHAT_LEAVE", seq: 1, room: "lobby" });
  stage.say(bob, { type: "CHAT_BYE", seq: 1 });
  stage.say(cid, { type: "CHAT_LEAVE", seq: 1, room: "lobby" });
  stage.say(cid, join(2, "lobby"));
  stage.answer();
  assert.deepEqual([ann, bob].map((id) => stage.heard(id, "CHAT_JOINED").length), [0, 0]);
  assert.deepEqual(stage.heard(cid, "CHAT_JOINED").map(({ ack }) => ack), [2], "once, for the second");
});

Deno.test("a room that was left and opened again while it was looked up waits for its own answer", () => {
  const stage = new Stage();
  stage.isPrompt = false;
  const ann = stage.enter("Ann", { rooms: [{ room: "den" }] });
  stage.answer();
  stage.say(ann, { type: "CHAT_LEAVE", seq: 1, room: "den" });
  stage.say(ann, join(2, "den"));
  assert.equal(stage.questions.length, 2);
  stage.answer();
  assert.equal(stage.heard(ann, "CHAT_JOINED").length, 0);
  stage.answer();
  assert.deepEqual(stage.heard(ann, "CHAT_JOINED").map(({ ack }) => ack), [2]);
});

Deno.test("a room whose stand can't be read is asked for again at the next tick, while somebody is in it", () => {
  const stage = new Stage();
  stage.isPrompt = false;
  const ann = stage.enter("Ann", { rooms: [{ room: "den" }] });
  stage.answer();
  stage.answer(true);
  assert.equal(stage.questions.length, 0);
  stage.pass(100);
  assert.equal(stage.questions.length, 1);
  stage.answer(true);
  stage.leave(ann);
  stage.pass(300);
  assert.equal(stage.questions.length, 0);

  // Nor where everybody left before the answer.
  const bob = stage.enter("Bob", { rooms: [{ room: "den" }] });
  stage.leave(bob);
  stage.answer(true);
  stage.pass(300);
  assert.equal(stage.questions.length, 0);
});

Deno.test("what is said while the room is looked up is where its members begin", () => {
  const stage = new Stage();
  stage.isPrompt = false;
  const ann = stage.enter("Ann");
  stage.say(ann, message(1, "first"));
  stage.commit();
  assert.equal(stage.heard(ann, "CHAT_RECEIPT").length, 1);
  assert.equal(stage.heard(ann, "CHAT_JOINED").length, 0, "not before it is known where the room stands");
  stage.answer();
  const [joined] = stage.heard(ann, "CHAT_JOINED");
  assert.deepEqual([joined?.after, joined?.head], [0, 0]);
  assert.deepEqual(stage.texts(ann), ["first"]);
  stage.say(ann, message(2, "second"));
  stage.commit();
  assert.deepEqual(stage.texts(ann), ["first", "second"]);
});

Deno.test("a room whose first event comes before the log's answer is joined with its topic all the same", () => {
  const past = new Stage();
  const ann = past.enter("Ann");
  past.say(ann, { type: "CHAT_TOPIC", seq: 1, text: "what we build" });

  // The server starts anew: what it says to those who come back must not wait behind what is new.
  const stage = new Stage();
  for (const [room, events] of past.events) stage.events.set(room, events);
  stage.isPrompt = false;
  const bob = stage.enter("Bob", { rooms: [{ room: "lobby", offset: 1 }] });
  stage.say(bob, message(1, "back"));
  stage.commit();
  stage.answer();
  const [joined] = stage.heard(bob, "CHAT_JOINED");
  assert.deepEqual([joined?.topic, joined?.after, joined?.result], ["what we build", 1, "complete"]);
  assert.deepEqual(stage.texts(bob), ["back"]);
});

Deno.test("a log that can't be read is not waited for without end: a thousand new events, and the room goes on", () => {
  const stage = new Stage();
  stage.isPrompt = false;
  const ann = stage.enter("Ann");
  for (let seq = 1; seq <= 1_000; seq++) {
    stage.pass(20);
    stage.say(ann, message(seq, `${seq}`));
    stage.commit();
    assert.equal(stage.heard(ann, "CHAT_JOINED").length, seq < 1_000 ? 0 : 1, `${seq}`);
  }
  assert.equal(stage.texts(ann).length, 1_000);
});

Deno.test("presence: where very many would be told it is told less often, and then whole", () => {
  const stage = new Stage();
  const device = (index: number) => index.toString(16).padStart(32, "0");
  const [ann] = Array.from({ length: 3_000 }, (_, at) => stage.enter(`m${at}`, { device: device(at) }));
  assert.ok(ann !== undefined);
  const told = () => stage.heard(ann, "CHAT_PRESENCE").map(({ count }) => count);
  const tick = (ms: number) => {
    stage.nowMs += ms;
    stage.chat.tick(stage.nowMs);
    stage.run();
  };
  tick(250);
  assert.equal(told().at(-1), 3_000);
  const before = told().length;
  stage.enter("one", { device: device(3_001) });
  tick(250);
  stage.enter("another", { device: device(3_002) });
  tick(49);
  assert.equal(told().length, before, "3,000 took their share of 300 ms");
  tick(1);
  assert.deepEqual(told().slice(before), [3_002]);
});

Deno.test("presence: changes are gathered for 250 ms from the first, told once, to those who are there", () => {
  const stage = new Stage();
  const ann = stage.enter("Ann");
  stage.pass(1_000);
  const told = () => stage.heard(ann, "CHAT_PRESENCE").length;
  const before = told();
  const tick = (ms: number) => {
    stage.nowMs += ms;
    stage.chat.tick(stage.nowMs);
    stage.run();
  };
  const bob = stage.enter("Bob");
  tick(200);
  stage.enter("Cid");
  tick(49);
  assert.equal(told(), before);
  tick(1);
  assert.equal(told(), before + 1);
  assert.deepEqual(stage.heard(ann, "CHAT_PRESENCE").at(-1)?.came?.map(({ name }) => name), ["Bob", "Cid"]);
  tick(1_000);
  assert.equal(told(), before + 1);
  stage.leave(bob);
  stage.enter("Dot");
  tick(249);
  assert.equal(told(), before + 1, "each gathering has its own 250 ms");
  tick(1);
  assert.equal(told(), before + 2);
});

Deno.test("WHO: the members of a room that one is in, by name, and how many there are", () => {
  const stage = new Stage();
  const ann = stage.enter("Ann");
  stage.enter("Bob");
  stage.enter("Eve", { rooms: [{ room: "den" }] });
  stage.say(ann, { type: "CHAT_WHO", seq: 4, room: "lobby" });
  const [who] = stage.heard(ann, "CHAT_WHO");
  assert.deepEqual([who?.ack, who?.room, who?.count, who?.ts], [4, "lobby", 2, 1_000]);
  assert.deepEqual(who?.members?.map(({ name }) => name), ["Ann", "Bob"]);
  stage.say(ann, { type: "CHAT_WHO", seq: 5, room: "den" });
  const [error] = stage.heard(ann, "CHAT_ERROR");
  assert.deepEqual([error?.failure, error?.ack, error?.room], ["not-a-member", 5, "den"]);
});

Deno.test("typing: ends for the others when one stops, leaves or goes; what is said ends it unsaid", () => {
  const stage = new Stage();
  const ann = stage.enter("Ann");
  const bob = stage.enter("Bob");
  const typing = (status: boolean, seq = 0) => stage.say(ann, { type: "CHAT_TYPING", seq, status });
  const heard = () =>
    (stage.hinted.get(bob) ?? []).map((pdu) => pdu.type === "CHAT_TYPING" ? pdu.status : null).splice(0);
  typing(false);
  assert.deepEqual(heard(), [], "none was");
  typing(true);
  typing(false);
  typing(false);
  assert.deepEqual(heard(), [true, false]);
  typing(true);
  stage.say(ann, message(1, "said"));
  stage.pass(10_000);
  assert.deepEqual(heard(), [true, false, true]);
  typing(true);
  stage.say(ann, { type: "CHAT_LEAVE", seq: 2, room: "lobby" });
  stage.pass(10_000);
  assert.deepEqual(heard(), [true, false, true, true, false]);
  stage.say(ann, join(3, "lobby"));
  typing(true);
  stage.leave(ann);
  assert.deepEqual(heard(), [true, false, true, true, false, true, false]);
});

Deno.test("typing: in a room that one is not in, or under another's name, is refused", () => {
  const stage = new Stage();
  const ann = stage.enter("Ann");
  const bob = stage.enter("Bob", { rooms: [{ room: "den" }] });
  stage.say(ann, { type: "CHAT_TYPING", seq: 5, status: true, room: "den" });
  stage.say(ann, { type: "CHAT_TYPING", seq: 6, status: true, who: "Bob" });
  stage.say(ann, { type: "CHAT_TYPING", seq: 7, status: true, who: "Ann" });
  assert.deepEqual(
    stage.heard(ann, "CHAT_ERROR").map(({ failure, ack, room }) => [failure, ack, room]),
    [["not-a-member", 5, "den"], ["forbidden", 6, "lobby"]],
  );
  assert.deepEqual(stage.hinted.get(bob), []);
});

Deno.test("typing: is shown among up to 100 members, not in a hall", () => {
  const stage = new Stage();
  const ann = stage.enter("Ann");
  const people = Array.from({ length: 99 }, (_, at) => stage.enter(`n${at}`));
  stage.say(ann, { type: "CHAT_TYPING", seq: 0, status: true });
  assert.ok(people.every((id) => stage.hinted.get(id)?.length === 1));
  stage.pass(3_000);
  stage.enter("one too many");
  stage.say(ann, { type: "CHAT_TYPING", seq: 0, status: true });
  assert.ok(people.every((id) => stage.hinted.get(id)?.length === 1));
});

Deno.test("typing: where there are no datagrams it goes on the stream, but not to a reader that is behind", () => {
  const stage = new Stage();
  const hello = { type: "CHAT_HELLO", seq: 0, window: 65_536 };
  const bob = stage.open("quicchat/1", false);
  stage.say(bob, { ...hello, name: "Bob" });
  const ann = stage.enter("Ann");
  const type = () => {
    stage.pass(3_000);
    stage.say(ann, { type: "CHAT_TYPING", seq: 0, status: true });
    return stage.heard(bob, "CHAT_TYPING").filter(({ status }) => status).length;
  };
  assert.equal(type(), 1);
  assert.deepEqual(stage.hinted.get(bob), []);
  for (let seq = 1; seq <= 9; seq++) stage.say(ann, message(seq, "x".repeat(8_000)));
  assert.equal(type(), 1, "its window is used up");
  stage.say(bob, { type: "CHAT_CREDIT", seq: 0, bytes: 1e9 });
  assert.equal(type(), 2);
});
