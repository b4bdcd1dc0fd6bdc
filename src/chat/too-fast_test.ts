/** Found by the simulation: a CHAT_CREDIT that was refused as too fast is not said again, so that its reader
 * stood still for good; a CHAT_LEAVE likewise left its member in the room. */
import assert from "node:assert/strict";
import { Stage } from "../../tests/fixtures/stage.ts";

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
