/** Found by the simulation, all in what a session may not say yet: a CHAT_CREDIT that was refused is not said again,
 * so that its reader stood still for good, and a CHAT_LEAVE left its member in the room; what waited behind a topic
 * took its tokens; what was said in a room whose joining was refused for now was refused for good. */
import assert from "node:assert/strict";
import { Stage } from "../../tests/fixtures/stage.ts";
import { HELD_MAX } from "./holds.ts";

const SLOW = { perSecond: 1, burst: 3 };

/** Somebody who has used up what may be said. */
function exhausted(stage: Stage, hello: object) {
  const id = stage.enter("Bob", hello);
  for (let seq = 1; seq <= 4; seq++) stage.say(id, { type: "CHAT_MESSAGE", seq, text: "x" });
  assert.deepEqual(stage.errors(id), ["too-fast"]);
  return id;
}

Deno.test("too fast: credit counts all the same", () => {
  const stage = new Stage({ rate: SLOW });
  const bob = exhausted(stage, { window: 65_536 });
  const ann = stage.enter("Ann");
  const more = () => {
    const before = stage.texts(bob).length;
    for (let seq = 1; seq <= 12; seq++) {
      stage.pass(1_000);
      stage.say(ann, { type: "CHAT_MESSAGE", seq: stage.nowMs, text: "y".repeat(8_000) });
    }
    return stage.texts(bob).length - before;
  };
  assert.ok(more() < 12, "the window is full");
  for (let seq = 1; seq <= 4; seq++) stage.say(bob, { type: "CHAT_WHO", seq: 2 ** 40 + seq, room: "lobby" });
  assert.equal(stage.errors(bob).at(-1), "too-fast");
  const told = stage.texts(bob).length;
  stage.say(bob, { type: "CHAT_CREDIT", seq: 0, bytes: 1e9 });
  assert.ok(stage.texts(bob).length > told, "it goes on");
});

Deno.test("too fast: a leaving is heard all the same", () => {
  const stage = new Stage({ rate: SLOW });
  const bob = exhausted(stage, {});
  stage.say(bob, { type: "CHAT_LEAVE", seq: 2 ** 40, room: "lobby" });
  assert.equal(stage.heard(bob, "CHAT_LEFT").length, 1);
});

Deno.test("too fast: a flood of what is heard all the same is one, too", () => {
  const stage = new Stage({ rate: SLOW });
  const bob = exhausted(stage, {});
  for (let at = 0; at < 1_010; at++) stage.say(bob, { type: "CHAT_LEAVE", seq: 2 ** 40 + at, room: "lobby" });
  assert.equal(stage.closed.get(bob), "flooding");
});

Deno.test("too fast: what waits behind a dear word does not eat what that one saves up for", () => {
  const stage = new Stage({ rate: { perSecond: 10, burst: 12 } });
  const bob = stage.enter("Bob");
  for (let seq = 1; seq <= 10; seq++) stage.say(bob, { type: "CHAT_MESSAGE", seq, text: "x" });
  const rest = () => {
    stage.say(bob, { type: "CHAT_TOPIC", seq: 11, text: "dear" });
    for (let seq = 12; seq <= 20; seq++) stage.say(bob, { type: "CHAT_MESSAGE", seq, text: "x" });
  };
  const isStored = () => stage.heard(bob, "CHAT_RECEIPT").some(({ ack }) => ack === 11);
  let rounds = 0;
  for (rest(); !isStored() && rounds < 20; rounds++) {
    const told = stage.heard(bob, "CHAT_ERROR").findLast(({ ack }) => ack === 11);
    stage.pass(told?.retryMs ?? 0);
    rest();
  }
  assert.equal(rounds, 1, "the time that it was told suffices");
});

Deno.test("too fast: what is said in a room whose joining was refused for now waits for it, in order", () => {
  const stage = new Stage({ rate: { perSecond: 1, burst: 1 } });
  const bob = stage.enter("Bob");
  const say = (seq: number) => stage.say(bob, { type: "CHAT_MESSAGE", seq, room: "den", text: `${seq}` });
  stage.say(bob, { type: "CHAT_JOIN", seq: 2 ** 40, room: "den" });
  say(1);
  say(2);
  assert.deepEqual(stage.errors(bob), ["too-fast", "too-fast", "too-fast"]);
  // Left again instead: then it is not waited for any more.
  stage.say(bob, { type: "CHAT_LEAVE", seq: 2 ** 40 + 1, room: "den" });
  stage.pass(2_000);
  say(1);
  assert.equal(stage.errors(bob).at(-1), "not-a-member");
});

// Mechanism: each refused number is remembered for 30 s, and a PING that succeeds in between made the session count
// as one that listens: a flood of refusals grew the memory without end.
Deno.test("too fast: refusals that are remembered have a bound, whatever succeeds in between", () => {
  const stage = new Stage({ rate: { perSecond: 10, burst: 10 } });
  const bob = stage.enter("Bob");
  let seq = 0;
  for (let round = 0; round < 10 && !stage.closed.has(bob); round++) {
    for (let i = 0; i < 900; i++) stage.say(bob, { type: "CHAT_MESSAGE", seq: ++seq, text: "x" });
    stage.pass(1_000);
    stage.say(bob, { type: "CHAT_PING", seq: 2 ** 40 });
  }
  assert.equal(stage.closed.get(bob), "flooding");
  assert.ok(seq > HELD_MAX);
});
