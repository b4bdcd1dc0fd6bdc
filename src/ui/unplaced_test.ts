import assert from "node:assert/strict";
import { adaAt, linesOf, messagesOf, WALL_ZERO_MS, write } from "../../tests/fixtures/chat-window.ts";
import { DEVICE } from "../../tests/fixtures/scripted-client.ts";
import { ScriptedServer } from "../../tests/fixtures/scripted-server.ts";
import { MemoryStore } from "../client/outbox/store-memory.ts";
import { LOBBY } from "../protocol/words.ts";
import type { RoomModel } from "./models.ts";

/** How far each of one's messages is: key and delivery, and where it stands in the log. */
function ways(room: RoomModel): (string | number | null)[][] {
  return messagesOf(room).map(({ key, delivery, offset }) => [key, delivery, offset]);
}

Deno.test("queued, sent, stored: one row under one key all the way", async () => {
  const server = new ScriptedServer();
  const network = Promise.withResolvers<void>();
  const window = adaAt(server, { dial: () => network.promise.then(server.dial) });
  const room = window.chat.open(LOBBY);
  assert.ok(write(room, "hello"));
  await window.settle(0);
  assert.deepEqual(ways(room), [["own 1", "queued", null]]);
  assert.equal(window.summary()?.unsent, 1);
  server.intercept = (pdu, session) => {
    if (pdu.type !== "CHAT_MESSAGE") return false;
    const where = server.append(DEVICE, "Ada", pdu);
    if (where !== null) session.say({ type: "CHAT_RECEIPT", ack: pdu.seq, epoch: server.epoch, ...where });
    return true;
  };
  network.resolve();
  await window.settle(1);
  assert.deepEqual(ways(room), [["own 1", "sent", null]]);
  await window.settle();
  assert.deepEqual(ways(room), [["own 1", "stored", null]], "the receipt came, the event did not yet");
  assert.equal(window.summary()?.unsent, 0);
  server.session.pump();
  await window.settle();
  assert.deepEqual(ways(room), [["own 1", "stored", 1]]);
  await window.chat.close();
});

// The receipt of a message that lies before what is loaded was waited for at the end of the timeline for ever; so was
// one whose event came with more than a thousand others.
Deno.test("a receipt for a place that is not loaded, or passed by with many others: no ghost at the end", async () => {
  const server = new ScriptedServer();
  const store = new MemoryStore(DEVICE);
  const first = adaAt(server, { store });
  await first.open();
  server.intercept = (pdu) => pdu.type === "CHAT_MESSAGE" && server.append(DEVICE, "Ada", pdu) !== null;
  write(first.chat.open(LOBBY), "stored, but no receipt came");
  await first.settle();
  await first.chat.close();
  server.intercept = () => false;
  for (let n = 0; n < 1_500; n++) server.post(LOBBY, { text: `${n}` });
  for (const kept of [{}, { rooms: first.keepsakes.kept.rooms }]) {
    const window = adaAt(server, { store, kept });
    const room = await window.open();
    await window.settle(500);
    assert.equal(messagesOf(room).at(-1)?.text, "1499");
    assert.equal(window.summary()?.unsent, 0);
    await window.chat.close();
  }
});

Deno.test("after a crash: what is in the log and still in the outbox is one message", async () => {
  const server = new ScriptedServer();
  const store = new MemoryStore(DEVICE);
  const draft = { type: "CHAT_MESSAGE", room: LOBBY, text: "once" } as const;
  await store.put({ seq: 1, queuedAtMs: 0, draft });
  server.append(DEVICE, "Ada", { ...draft, seq: 1, ts: 0 });
  const window = adaAt(server, { store });
  // Its answer is held back: the outbox knows of nothing.
  server.intercept = (pdu) => pdu.type === "CHAT_MESSAGE";
  const room = await window.open();
  server.session.say({
    type: "CHAT_JOINED",
    ack: 0,
    room: LOBBY,
    epoch: server.epoch,
    after: 0,
    head: 1,
    result: "complete",
  });
  await window.settle();
  assert.deepEqual(messagesOf(room).map(({ text }) => text), ["once"]);
  await window.chat.close();
});

Deno.test("refused: shown with its reason, until it is sent again or thrown away", async () => {
  const server = new ScriptedServer();
  const window = adaAt(server);
  const room = await window.open();
  server.intercept = (pdu, session) => {
    if (pdu.type !== "CHAT_MESSAGE") return false;
    session.refuse(pdu.seq, "forbidden", 403);
    return true;
  };
  write(room, "one");
  write(room, "two");
  await window.settle();
  const [one, two] = messagesOf(room);
  assert.deepEqual([one?.delivery, one?.problem?.name, one?.seq], ["failed", "forbidden", 1]);
  server.intercept = () => false;
  room.discard(one?.seq ?? 0);
  await window.settle(0);
  assert.deepEqual(linesOf(room), ["two"]);
  room.retry(two?.seq ?? 0);
  await window.settle();
  assert.deepEqual(server.texts(LOBBY), ["two"]);
  assert.deepEqual(ways(room), [["own 2", "stored", 1]]);
  await window.chat.close();
});

Deno.test("written long ago: waits for a word, while what is young goes out", async () => {
  const server = new ScriptedServer();
  const store = new MemoryStore(DEVICE);
  const old = WALL_ZERO_MS - 3_600_000;
  await store.put({ seq: 1, queuedAtMs: old, draft: { type: "CHAT_MESSAGE", room: LOBBY, text: "old" } });
  await store.put({
    seq: 2,
    queuedAtMs: old,
    draft: { type: "CHAT_REACT", room: LOBBY, target: 9, reaction: "👍", on: true },
  });
  const window = adaAt(server, { store });
  const room = await window.open();
  write(room, "young");
  await window.settle();
  assert.deepEqual(messagesOf(room).map(({ text, delivery }) => [text, delivery]), [
    ["young", "stored"],
    ["old", "stale"],
  ]);
  const undone = { seq: 2, what: "react", offset: 9, delivery: "stale", problem: null };
  assert.deepEqual(room.view.current.undone, [undone]);
  room.retry(1);
  room.discard(2);
  await window.settle();
  assert.deepEqual(server.texts(LOBBY), ["young", "old"]);
  assert.deepEqual(room.view.current.undone, []);
  await window.chat.close();
});

// A message that the device could not keep was gone with the field emptied, and nobody was told.
Deno.test("what this device can't keep stands in the field again, with the reason", async () => {
  const server = new ScriptedServer();
  const store = new MemoryStore(DEVICE);
  const window = adaAt(server, { store });
  const room = await window.open();
  store.put = () => Promise.reject(new Error("the disk is full"));
  write(room, "precious");
  room.composer.input("next", 4);
  await window.settle(0);
  const { text, problem } = room.composer.view.current;
  assert.deepEqual([text, problem?.name], ["precious\nnext", "outbox"]);
  assert.equal(window.kept()?.draft, "precious\nnext");
  room.composer.input("precious", 8);
  assert.equal(room.composer.view.current.problem, null);
  assert.deepEqual(linesOf(room), []);
  await window.chat.close();
});
