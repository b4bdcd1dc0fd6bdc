import assert from "node:assert/strict";
import { Stage } from "../../tests/fixtures/stage.ts";

const topic = (seq: number, text: string) => ({ type: "CHAT_TOPIC", seq, text });

Deno.test("a topic is an event for those who are there, and told to those who come", () => {
  const stage = new Stage();
  const ann = stage.enter("Ann");
  const bob = stage.enter("Bob");
  assert.equal("topic" in (stage.heard(bob, "CHAT_JOINED")[0] ?? {}), false);
  stage.say(ann, topic(1, "dinner"));
  assert.deepEqual(stage.heard(bob, "CHAT_TOPIC").map(({ text, sender }) => [text, sender]), [[
    "dinner",
    "Ann",
  ]]);
  const late = stage.enter("Eve");
  assert.equal(stage.heard(late, "CHAT_JOINED")[0]?.topic, "dinner");
  stage.say(ann, topic(2, ""));
  assert.equal("topic" in (stage.heard(stage.enter("Zoe"), "CHAT_JOINED")[0] ?? {}), false);
});

Deno.test("a room that was empty meanwhile still knows its topic, from the log", () => {
  const stage = new Stage();
  const ann = stage.enter("Ann", { rooms: [{ room: "kitchen" }] });
  stage.say(ann, { ...topic(1, "dinner"), room: "kitchen" });
  stage.leave(ann);
  const bob = stage.enter("Bob", { rooms: [{ room: "kitchen" }] });
  assert.equal(stage.heard(bob, "CHAT_JOINED")[0]?.topic, "dinner");
});

Deno.test("only members set a topic, and it is one line of at most 200 characters", () => {
  const stage = new Stage();
  const ann = stage.enter("Ann");
  stage.say(ann, { ...topic(1, "x"), room: "elsewhere" });
  stage.say(ann, topic(2, "two\nlines"));
  stage.say(ann, topic(3, "x".repeat(201)));
  assert.deepEqual(stage.errors(ann), ["not-a-member", "invalid", "invalid"]);
});

Deno.test("an original peer hears nothing of topics", () => {
  const stage = new Stage();
  const ann = stage.enter("Ann");
  const old = stage.enter("Old", {}, "chat/0");
  stage.say(ann, topic(1, "dinner"));
  stage.say(ann, { type: "CHAT_MESSAGE", seq: 2, text: "hello" });
  assert.deepEqual(stage.texts(old), ["hello"]);
  assert.equal(stage.heard(old, "CHAT_TOPIC").length, 0);
});
