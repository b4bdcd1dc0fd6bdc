import assert from "node:assert/strict";
import { adaAt, type ChatWindow, keptRoom } from "../../tests/fixtures/chat-window.ts";
import { ScriptedServer } from "../../tests/fixtures/scripted-server.ts";
import { LOBBY } from "../protocol/words.ts";

/** Longer than a burst. */
const BURST_OVER_MS = 1_000;

async function adaInTwoRooms(server: ScriptedServer): Promise<ChatWindow> {
  const window = adaAt(server, { kept: { rooms: [keptRoom(LOBBY, 0), keptRoom("kitchen", 0)] } });
  await window.open();
  return window;
}

/** What was announced since the last time. */
async function announced(window: ChatWindow): Promise<string[]> {
  await window.settle(BURST_OVER_MS);
  return window.notices.splice(0).map(({ room, text, mention }) => `${room}: ${text}${mention ? " @" : ""}`);
}

Deno.test("all, mentions, none; nothing of one's own, and nothing of the room that one looks at", async () => {
  const server = new ScriptedServer();
  const window = await adaInTwoRooms(server);
  server.post(LOBBY, { text: "before one's eyes, @Ada" });
  server.append("d".repeat(32), "Ada", {
    type: "CHAT_MESSAGE",
    seq: 99,
    ts: 0,
    room: "kitchen",
    text: "my own",
  });
  server.session.pump();
  assert.deepEqual(await announced(window), []);
  server.post("kitchen", { text: "hello" });
  assert.deepEqual(await announced(window), ["kitchen: hello"]);
  window.chat.setNotify("kitchen", "mentions");
  server.post("kitchen", { text: "hello again" });
  assert.deepEqual(await announced(window), []);
  server.post("kitchen", { text: "@ada" });
  assert.deepEqual(await announced(window), ["kitchen: @ada @"]);
  window.chat.setNotify("kitchen", "none");
  server.post("kitchen", { text: "@ada" });
  assert.deepEqual(await announced(window), []);
  window.chat.setVisible(false);
  server.post(LOBBY, { text: "hidden" });
  assert.deepEqual(await announced(window), ["lobby: hidden"]);
  window.chat.setVisible(true);
  window.chat.rename();
  server.post(LOBBY, { text: "while one thinks of a name" });
  assert.deepEqual(await announced(window), ["lobby: while one thinks of a name"]);
  await window.chat.close();
});

Deno.test("a burst is announced once a room: by its last message, or by one that mentions oneself", async () => {
  const server = new ScriptedServer();
  const window = await adaInTwoRooms(server);
  window.chat.setVisible(false);
  for (const text of ["one", "two"]) server.post("kitchen", { text });
  for (const text of ["a", "@Ada", "b"]) server.post(LOBBY, { text });
  assert.deepEqual(await announced(window), ["kitchen: two", "lobby: @Ada @"]);
  await window.chat.close();
});

Deno.test("what is read, looked at or left by the end of the burst is not announced", async () => {
  const server = new ScriptedServer();
  const window = await adaInTwoRooms(server);
  server.post("kitchen", { text: "hello" });
  await window.settle(100);
  window.chat.open("kitchen");
  assert.deepEqual(await announced(window), [], "one looks at it by now");
  server.post(LOBBY, { text: "hello" });
  await window.settle(100);
  window.chat.leave(LOBBY);
  assert.deepEqual(await announced(window), [], "one has left");
  await window.chat.close();
});

Deno.test("what was said before the first joining is no news; what was missed is, once", async () => {
  const server = new ScriptedServer();
  server.post("attic", { text: "long ago" });
  const window = await adaInTwoRooms(server);
  await window.open("attic");
  server.post("attic", { text: "now" });
  await window.settle();
  await window.open();
  assert.deepEqual(await announced(window), []);
  server.post("attic", { text: "and now" });
  server.session.pair.cut("by the test");
  await window.settle(1);
  for (let n = 0; n < 30; n++) server.post("kitchen", { text: `missed ${n}` });
  const both = await announced(window);
  assert.deepEqual(both.sort(), ["attic: and now", "kitchen: missed 29"]);
  assert.deepEqual(await announced(window), []);
  await window.chat.close();
});

Deno.test("after the end nothing is announced", async () => {
  const server = new ScriptedServer();
  const window = await adaInTwoRooms(server);
  server.post("kitchen", { text: "hello" });
  await window.settle(100);
  await window.chat.close();
  assert.deepEqual(await announced(window), []);
});
