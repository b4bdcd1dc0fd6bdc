/** How a session begins and ends, and what it hears meanwhile. */
import assert from "node:assert/strict";
import { FAILURES } from "../protocol/failures.ts";
import { Stage } from "../../tests/fixtures/stage.ts";

const DEVICE = "0123456789abcdef".repeat(2);
const HELLO = { type: "CHAT_HELLO", seq: 0, name: "Ann" };

Deno.test("WELCOME: who the server is, when, in which life of its log, and who one is to the others", () => {
  const stage = new Stage({ server: "ours" });
  stage.chat.setCalendar(500_000);
  const ann = stage.enter("Ann", { device: DEVICE, version: 1 });
  const [welcome] = stage.heard(ann, "CHAT_WELCOME");
  assert.deepEqual([welcome?.server, welcome?.version, welcome?.epoch, welcome?.ts], [
    "ours",
    1,
    "e1",
    1_500,
  ]);
  assert.match(welcome?.author ?? "", /^[0-9a-f]{24}$/);
  const again = stage.enter("Ann", { device: DEVICE });
  assert.equal(stage.heard(again, "CHAT_WELCOME")[0]?.author, welcome?.author);
  const other = stage.enter("Ann");
  assert.notEqual(stage.heard(other, "CHAT_WELCOME")[0]?.author, welcome?.author);
});

Deno.test("what is written down has the calendar's date, also after it was set back", () => {
  const stage = new Stage();
  const ann = stage.enter("Ann");
  stage.chat.setCalendar(60_000.4);
  stage.say(ann, { type: "CHAT_MESSAGE", seq: 1, text: "x" });
  stage.chat.setCalendar(-10_000);
  stage.say(ann, { type: "CHAT_MESSAGE", seq: 2, text: "y" });
  stage.say(ann, { type: "CHAT_PING", seq: 3 });
  assert.deepEqual(stage.events.get("lobby")?.map(({ tsMs }) => tsMs), [1_060_000, 990_000]);
  assert.deepEqual(stage.heard(ann, "CHAT_RECEIPT").map(({ ts }) => ts), [1_060, 990]);
  assert.deepEqual(stage.heard(ann, "CHAT_PONG").map(({ ack, ts }) => [ack, ts]), [[3, 990]]);
});

Deno.test("a HELLO that can't be read, or an unknown word before it, ends the session with the reason", () => {
  const stage = new Stage();
  const wrong = stage.open();
  stage.say(wrong, { ...HELLO, name: 7 });
  assert.equal(stage.closed.get(wrong), "invalid");
  assert.match(stage.heard(wrong, "CHAT_ERROR")[0]?.msg ?? "", /\(name: /);
  const unknown = stage.open();
  stage.say(unknown, { type: "CHAT_DANCE", seq: 1 });
  assert.equal(stage.closed.get(unknown), "bad-order");
  const early = stage.open();
  stage.say(early, { type: "CHAT_PING", seq: 9 });
  assert.equal(stage.heard(early, "CHAT_ERROR")[0]?.ack, 9);
});

Deno.test("HELLO has its time to the millisecond, and a session that greeted is asked for no second one", () => {
  const stage = new Stage({ helloTimeoutMs: 1_000 });
  const [silent, ann] = [stage.open(), stage.enter("Ann")];
  stage.pass(500);
  const later = stage.open();
  stage.nowMs += 499;
  stage.pass(0);
  stage.chat.tick(stage.nowMs);
  stage.run();
  assert.equal(stage.closed.has(silent), false);
  stage.chat.tick(++stage.nowMs);
  stage.run();
  assert.deepEqual([stage.closed.get(silent), stage.closed.has(later)], ["hello-timeout", false]);
  stage.pass(10_000);
  assert.equal(stage.closed.has(ann), false);
});

Deno.test("BYE: is answered, without a failure, and everybody hears that one is gone", () => {
  const stage = new Stage();
  const ann = stage.enter("Ann");
  const bob = stage.enter("Bob");
  stage.pass(300);
  stage.say(bob, { type: "CHAT_BYE", seq: 1 });
  assert.deepEqual(stage.heard(bob, "CHAT_BYE").map(({ reason }) => reason), [""]);
  assert.deepEqual([stage.errors(bob), stage.closed.get(bob)], [[], null]);
  stage.pass(300);
  assert.equal(stage.heard(ann, "CHAT_PRESENCE").at(-1)?.count, 1);
  const told = stage.told.get(bob)?.length;
  stage.say(bob, { type: "CHAT_PING", seq: 2 });
  stage.chat.unreadable(bob, "invalid", stage.nowMs);
  stage.chat.sayGoodbye(stage.nowMs);
  stage.run();
  assert.equal(stage.told.get(bob)?.length, told, "nothing more is heard or said");
});

Deno.test("a failure that ends the session is told, and again as the reason of its BYE", () => {
  const stage = new Stage();
  const ann = stage.enter("Ann");
  stage.chat.unreadable(ann, "pdu-too-large", stage.nowMs);
  stage.run();
  assert.deepEqual(stage.errors(ann), ["pdu-too-large"]);
  const [bye] = stage.heard(ann, "CHAT_BYE");
  assert.deepEqual([bye?.reason, bye?.ts], [FAILURES["pdu-too-large"].says, 1_000]);
  assert.equal(stage.closed.get(ann), "pdu-too-large");
  stage.chat.unreadable(99, "invalid", stage.nowMs);
});

Deno.test("what comes from a session that is gone is nobody's", () => {
  const stage = new Stage();
  const ann = stage.enter("Ann");
  const bob = stage.enter("Bob");
  assert.equal(stage.chat.sessionCount, 2);
  stage.leave(ann);
  stage.leave(ann);
  assert.equal(stage.chat.sessionCount, 1);
  stage.say(ann, { type: "CHAT_MESSAGE", seq: 1, text: "a ghost" });
  assert.equal(stage.chat.take(ann, 1_000, stage.nowMs), null);
  assert.deepEqual(stage.texts(bob), []);
});

Deno.test("while stopping: who opens is told so, at once", () => {
  const stage = new Stage();
  stage.chat.stopListening();
  const late = stage.open();
  assert.deepEqual([stage.closed.get(late), stage.errors(late)], ["going-away", ["going-away"]]);
});

Deno.test("goodbye is said once, to everyone who was not told before", () => {
  const stage = new Stage();
  const [ann, silent] = [stage.enter("Ann"), stage.open()];
  stage.chat.sayGoodbye(stage.nowMs);
  stage.chat.sayGoodbye(stage.nowMs);
  stage.run();
  assert.deepEqual([stage.errors(ann), stage.errors(silent)], [["going-away"], ["going-away"]]);
  assert.equal(stage.heard(ann, "CHAT_BYE").length, 1);
});

Deno.test("failures are counted by name", () => {
  const stage = new Stage();
  const ann = stage.enter("Ann");
  for (const seq of [1, 2]) stage.say(ann, { type: "CHAT_WHO", seq, room: "nowhere" });
  stage.chat.unreadable(ann, "invalid", stage.nowMs);
  assert.deepEqual([...stage.chat.failures], [["not-a-member", 2], ["invalid", 1]]);
});

Deno.test("a datagram says typing and nothing else, and never too early", () => {
  const stage = new Stage();
  const ann = stage.enter("Ann");
  const bob = stage.enter("Bob");
  const early = stage.open();
  const hint = (id: number, pdu: object) => {
    const said = { ok: true, pdu: { seq: 1, ts: 0, ...pdu } } as Parameters<typeof stage.chat.hinted>[1];
    stage.chat.hinted(id, said, stage.nowMs);
    stage.run();
  };
  hint(ann, { type: "CHAT_TYPING", status: true });
  assert.equal(stage.hinted.get(bob)?.length, 1);
  hint(ann, { type: "CHAT_MESSAGE", text: "by datagram" });
  hint(early, { type: "CHAT_TYPING", status: true });
  hint(99, { type: "CHAT_TYPING", status: true });
  stage.chat.hinted(ann, { ok: false, says: "broken", seq: 1 }, stage.nowMs);
  stage.run();
  assert.deepEqual(stage.texts(bob), []);
  assert.equal(stage.closed.has(early), false);
  assert.deepEqual(stage.errors(ann), []);
});

Deno.test("unknown words cost as much as a message each", () => {
  const stage = new Stage({ rate: { perSecond: 1, burst: 2 } });
  const ann = stage.enter("Ann");
  for (const seq of [1, 2, 3]) stage.say(ann, { type: "CHAT_DANCE", seq });
  const [error] = stage.heard(ann, "CHAT_ERROR");
  assert.deepEqual([error?.failure, error?.ack, error?.retryMs], ["too-fast", 3, 1_000]);
  assert.equal(stage.errors(ann).length, 1);
});
