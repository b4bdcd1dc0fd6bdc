/** How what is ready reaches a link: it is told once, it takes in turn, it gets no more than it granted. */
import assert from "node:assert/strict";
import { decoderOf } from "../protocol/wire.ts";
import { Stage } from "../../tests/fixtures/stage.ts";
import { Chat } from "./chat.ts";

const FAST = { rate: { perSecond: 1e6, burst: 1e6 } };
const message = (seq: number, text: string, room = "lobby") => ({ type: "CHAT_MESSAGE", seq, text, room });

/** The rules without a stage, to see their effects: two who are in the lobby, and a log that answers at once. */
function bare() {
  const chat = new Chat({ epoch: "e1" });
  let offset = 0;
  /** Carries out what asks the log; what each session is told, in words. */
  const effects = (): string[] => {
    const words: string[] = [];
    for (let batch = chat.effects(); batch.length > 0; batch = chat.effects()) {
      for (const effect of batch) {
        if (effect.do === "head") chat.headed(effect.ticket, { head: 0, topic: "" });
        else if (effect.do === "append") {
          chat.stored(effect.entries.map(() => ({ status: "stored", offset: ++offset })), 0);
        } else if ("session" in effect) words.push(`${effect.do} ${effect.session}`);
      }
    }
    return words;
  };
  const opening = { wire: "quicchat/1", hasDatagrams: true } as const;
  for (const id of [1, 2]) {
    chat.opened(id, { ...opening, freshDevice: String(id).repeat(32) }, 0);
    const pdu = { type: "CHAT_HELLO", seq: 0, ts: 0, name: `n${id}`, window: 65_536 } as const;
    chat.said(id, { ok: true, pdu }, 0);
  }
  const say = (id: number, seq: number, text = "x") =>
    chat.said(id, { ok: true, pdu: { type: "CHAT_MESSAGE", seq, ts: 0, text } }, 0);
  const credit = (id: number) =>
    chat.said(id, { ok: true, pdu: { type: "CHAT_CREDIT", seq: 0, ts: 0, bytes: 1e9 } }, 0);
  const takeAll = (id: number) => {
    let bytes = 0;
    for (let chunk = chat.take(id, 65_536, 0); chunk !== null; chunk = chat.take(id, 65_536, 0)) {
      bytes += chunk.length;
    }
    return bytes;
  };
  return { chat, effects, say, credit, takeAll };
}

Deno.test("a link is told once that there is something to take, and again after it found the end of it", () => {
  const { chat, effects, say, takeAll } = bare();
  assert.deepEqual(effects().filter((word) => word.startsWith("ready")), ["ready 1", "ready 2"]);
  say(1, 1);
  say(1, 2);
  assert.deepEqual(effects(), ["tell 1", "tell 1"], "it was told before");
  assert.ok(takeAll(2) > 0);
  assert.equal(chat.take(2, 65_536, 0), null);
  say(1, 3);
  assert.deepEqual(effects(), ["tell 1", "ready 2"]);
});

Deno.test("a link that asks before it was given what was said is told to ask again", () => {
  const { chat, effects } = bare();
  assert.equal(chat.take(1, 65_536, 0), null);
  assert.deepEqual(effects().filter((word) => word.endsWith(" 1")), [
    "tell 1",
    "ready 1",
    "tell 1",
    "ready 1",
  ]);
});

Deno.test("a link without credit is told nothing, and at once when it has some again", () => {
  const { effects, say, credit, takeAll } = bare();
  effects();
  takeAll(2);
  for (let seq = 1; seq <= 9; seq++) say(1, seq, "x".repeat(16_000));
  effects();
  const taken = takeAll(2);
  assert.ok(taken >= 48_000 && taken <= 65_536 + 17_000, `${taken} bytes`);
  say(1, 10);
  assert.deepEqual(effects(), ["tell 1"]);
  credit(2);
  assert.deepEqual(effects(), ["ready 2"]);
  takeAll(2);
  credit(2);
  effects();
  takeAll(2);
  credit(2);
  assert.deepEqual(effects(), [], "nothing to take");
});

Deno.test("flow control: confirming more than was sent grants nothing, confirming less takes nothing back", () => {
  const stage = new Stage(FAST);
  const ann = stage.enter("Ann");
  const bob = stage.enter("Bob", { window: 65_536 });
  const confirm = (bytes: number) => stage.say(bob, { type: "CHAT_CREDIT", seq: 0, bytes });
  confirm(1e9);
  let seq = 0;
  const say = (count: number) => {
    for (let at = 0; at < count; at++) stage.say(ann, message(++seq, "y".repeat(500)));
    return stage.texts(bob).length;
  };
  const got = say(200);
  assert.ok(got > 80 && got < 130, `${got} events in 64 KiB`);
  confirm(1e9);
  assert.equal(stage.texts(bob).length, 200);
  confirm(1e9);
  confirm(0);
  assert.equal(say(50), 250);
});

Deno.test("flow control: answers count as well as events", () => {
  const stage = new Stage(FAST);
  const ann = stage.enter("Ann");
  for (let seq = 1; seq <= 4; seq++) stage.say(ann, message(seq, "y".repeat(15_000)));
  const bob = stage.enter("Bob", { window: 65_536 });
  stage.say(bob, { type: "CHAT_HISTORY", seq: 1, room: "lobby", after: 0 });
  stage.say(bob, { type: "CHAT_HISTORY", seq: 2, room: "lobby", after: 0 });
  assert.equal(stage.heard(bob, "CHAT_PAGE").length, 2, "what was asked for is answered all the same");
  stage.say(ann, message(5, "hello"));
  assert.deepEqual(stage.texts(bob), []);
  stage.say(bob, { type: "CHAT_CREDIT", seq: 0, bytes: 1e9 });
  assert.deepEqual(stage.texts(bob), ["hello"]);
});

Deno.test("who left a room takes nothing of it any more, also where there was something to take", () => {
  const stage = new Stage(FAST);
  const ann = stage.enter("Ann");
  const bob = stage.enter("Bob");
  stage.read(bob);
  stage.reading.delete(bob);
  stage.say(ann, message(1, "unread"));
  stage.say(bob, { type: "CHAT_LEAVE", seq: 1, room: "lobby" });
  stage.read(bob);
  assert.deepEqual(stage.texts(bob), []);
});

Deno.test("rooms take turns: one that has much keeps none of the others waiting", () => {
  const stage = new Stage(FAST);
  const rooms = ["a", "b", "c"];
  const bob = stage.enter("Bob", { rooms: rooms.map((room) => ({ room })) });
  stage.reading.delete(bob);
  stage.read(bob);
  const ann = stage.enter("Ann", { rooms: rooms.map((room) => ({ room })) });
  let seq = 0;
  for (const [room, count] of [["a", 4], ["b", 2], ["c", 1]] as const) {
    for (let at = 0; at < count; at++) stage.say(ann, message(++seq, "x".repeat(900), room));
  }
  const turns: string[] = [];
  const decoder = decoderOf("quicchat/1");
  for (let bytes = stage.chat.take(bob, 1_000, 0); bytes !== null; bytes = stage.chat.take(bob, 1_000, 0)) {
    for (const decoded of decoder.push(bytes)) {
      if ("value" in decoded) turns.push((decoded.value as { room: string }).room);
    }
  }
  assert.deepEqual(turns, ["a", "b", "c", "a", "b", "a", "a"]);
});

Deno.test("chat/0: what is one's own or of another kind is passed over, and what follows comes all the same", () => {
  const stage = new Stage(FAST);
  const old = stage.enter("Old", {}, "chat/0");
  const ann = stage.enter("Ann");
  stage.reading.delete(old);
  stage.say(old, message(1, "mine"));
  stage.say(ann, message(1, "hers"));
  stage.say(ann, { type: "CHAT_REACT", seq: 2, target: 1, reaction: "👍", on: true });
  stage.say(ann, message(3, "hers too"));
  stage.read(old, 1);
  assert.deepEqual(stage.texts(old), ["hers", "hers too"]);
});
