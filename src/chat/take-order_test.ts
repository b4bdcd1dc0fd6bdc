import assert from "node:assert/strict";
import { decoderOf } from "../protocol/wire.ts";
import { Stage } from "../../tests/fixtures/stage.ts";

Deno.test("a link that asks too early gets nothing before what was said: CHAT_JOINED comes before its events", () => {
  const stage = new Stage();
  const writer = stage.enter("Ada");
  stage.say(writer, { type: "CHAT_MESSAGE", seq: 1, text: "one" });
  const reader = stage.open();
  stage.reading.delete(reader);
  const rooms = [{ room: "lobby", offset: 0 }];
  const pdu = { type: "CHAT_HELLO" as const, seq: 0, ts: 0, name: "Bea", rooms };
  stage.chat.said(reader, { ok: true, pdu }, stage.nowMs);
  assert.equal(stage.chat.take(reader, 65_536, stage.nowMs), null);
  stage.run();
  assert.deepEqual(stage.told.get(reader)?.map(({ type }) => type).slice(0, 2), [
    "CHAT_WELCOME",
    "CHAT_JOINED",
  ]);
  const bytes = stage.chat.take(reader, 65_536, stage.nowMs);
  assert.ok(bytes !== null);
  assert.equal(decoderOf("quicchat/1").push(bytes).length, 1);
});
