/** A chat/0 peer at the edge of the rules: what it is told, and what of its words is heard. */
import assert from "node:assert/strict";
import type { ClientPdu } from "../protocol/client-pdu.ts";
import { Stage } from "../../tests/fixtures/stage.ts";
import { classicOf, withoutOurs } from "./classic.ts";

const AUTHOR = "a".repeat(24);

Deno.test("chat/0: each PDU that the original knows is told with the original's fields alone", () => {
  const ours = { seq: 3, ts: 5, room: "lobby", author: AUTHOR };
  assert.deepEqual(classicOf({ type: "CHAT_WELCOME", ...ours, server: "S", version: 1, epoch: "e1" }), {
    type: "CHAT_WELCOME",
    seq: 3,
    ts: 5,
    server: "S",
  });
  assert.deepEqual(classicOf({ type: "CHAT_TYPING", ...ours, who: "Ann", status: true }), {
    type: "CHAT_TYPING",
    seq: 3,
    ts: 5,
    who: "Ann",
    status: true,
  });
  assert.deepEqual(classicOf({ type: "CHAT_ERROR", ...ours, code: 429, msg: "slow", retryMs: 5 }), {
    type: "CHAT_ERROR",
    seq: 3,
    ts: 5,
    code: 429,
    msg: "slow",
  });
  assert.deepEqual(classicOf({ type: "CHAT_BYE", seq: 3, ts: 5, reason: "late" }), {
    type: "CHAT_BYE",
    seq: 3,
    ts: 5,
    reason: "late",
  });
  assert.deepEqual(classicOf({ type: "CHAT_BYE", seq: 3, ts: 5 }), {
    type: "CHAT_BYE",
    seq: 3,
    ts: 5,
    reason: "",
  });
  assert.equal(classicOf({ type: "CHAT_PONG", seq: 0, ts: 5, ack: 1 }), null);
});

Deno.test("chat/0: what only our clients say means nothing in an original's words", () => {
  const base = { seq: 1, ts: 5 };
  const cases: [ClientPdu, string[]][] = [
    [{ type: "CHAT_HELLO", ...base, name: "Ann", device: "d".repeat(32), version: 9 }, ["name"]],
    [{ type: "CHAT_MESSAGE", ...base, text: "hi", sender: "Ann", room: "den", replyTo: 1 }, [
      "sender",
      "text",
    ]],
    [{ type: "CHAT_TYPING", ...base, who: "Ann", status: true, room: "den" }, ["who", "status"]],
    [{ type: "CHAT_BYE", ...base, reason: "home" }, ["reason"]],
  ];
  for (const [pdu, fields] of cases) {
    assert.deepEqual(Object.keys(withoutOurs(pdu)).sort(), ["type", "seq", "ts", ...fields].sort());
  }
});

Deno.test("chat/0: rooms, devices and answers of ours are no way round the original's rules", () => {
  const stage = new Stage();
  const old = stage.enter("Old", { device: "d".repeat(32), rooms: [{ room: "den" }], version: 7 }, "chat/0");
  const ann = stage.enter("Ann", { rooms: [{ room: "lobby" }, { room: "den" }] });
  stage.say(old, { type: "CHAT_MESSAGE", seq: 1, text: "hi", room: "den", replyTo: 1 });
  const [heard] = stage.heard(ann, "CHAT_MESSAGE");
  assert.deepEqual([heard?.room, heard?.text, heard?.replyTo], ["lobby", "hi", undefined]);
  stage.say(old, { type: "CHAT_JOIN", seq: 2, room: "den" });
  stage.say(ann, { type: "CHAT_MESSAGE", seq: 1, text: "in the den", room: "den" });
  stage.say(ann, { type: "CHAT_MESSAGE", seq: 2, text: "in the lobby" });
  assert.deepEqual(stage.texts(old), ["in the lobby"]);
  assert.equal(stage.closed.has(old), false);
  assert.deepEqual(stage.errors(old), []);
});

Deno.test("chat/0: typing is told on the stream, and heard", () => {
  const stage = new Stage();
  const old = stage.enter("Old", {}, "chat/0");
  const ann = stage.enter("Ann");
  stage.say(ann, { type: "CHAT_TYPING", seq: 0, status: true });
  assert.deepEqual(stage.heard(old, "CHAT_TYPING"), [
    { type: "CHAT_TYPING", seq: 0, ts: 1_000, who: "Ann", status: true },
  ]);
  assert.deepEqual(stage.hinted.get(old), []);
  stage.say(old, { type: "CHAT_TYPING", seq: 0, who: "Old", status: true });
  const [hint] = stage.hinted.get(ann) ?? [];
  assert.ok(hint?.type === "CHAT_TYPING");
  assert.deepEqual([hint.who, hint.status, hint.room], ["Old", true, "lobby"]);
});

Deno.test("chat/0: nothing is held for a refused message, since an original does not send it again", () => {
  const stage = new Stage({ rate: { perSecond: 1, burst: 1 } });
  const old = stage.enter("Old", {}, "chat/0");
  stage.say(old, { type: "CHAT_MESSAGE", seq: 1, text: "one" });
  stage.say(old, { type: "CHAT_MESSAGE", seq: 2, text: "two" });
  stage.pass(1_000);
  stage.say(old, { type: "CHAT_MESSAGE", seq: 3, text: "three" });
  assert.deepEqual(stage.heard(old, "CHAT_RECEIPT").map(({ ack }) => ack), [1, 3]);
});
