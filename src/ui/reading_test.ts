import assert from "node:assert/strict";
import { MemoryStore } from "../client/outbox/store-memory.ts";
import { adaAt, BEA, ChatWindow, keptRoom, linesOf, write } from "../../tests/fixtures/chat-window.ts";
import { ScriptedServer } from "../../tests/fixtures/scripted-server.ts";
import { LOBBY } from "../protocol/words.ts";
import { furtherRead, NOTHING_KEPT, type ReadPosition } from "./keepsakes.ts";
import { MemoryKeepsakes } from "./keepsakes-memory.ts";

const read = (window: ChatWindow, room = LOBBY): ReadPosition | null => window.kept(room)?.read ?? null;

/** Ada in her lobby and her kitchen, of which she looks at the lobby. */
async function adaInTwoRooms(server: ScriptedServer): Promise<ChatWindow> {
  const window = adaAt(server, { kept: { rooms: [keptRoom(LOBBY, 0), keptRoom("kitchen", 0)] } });
  await window.open();
  return window;
}

Deno.test("unread and mentions are counted apart for each room, and gone when they were seen", async () => {
  const server = new ScriptedServer();
  const window = await adaInTwoRooms(server);
  server.post("kitchen", { text: "hello" });
  server.post("kitchen", { text: "hey @ada!" });
  server.post("kitchen", { text: "gone" });
  server.post("kitchen", { type: "CHAT_DELETE", target: 3 });
  server.post(LOBBY, { text: "@Ada" });
  await window.settle();
  const counts = (room?: string) => {
    const { unread, unreadMore, mentions } = window.summary(room) ?? {};
    return [unread, unreadMore, mentions];
  };
  assert.deepEqual([counts("kitchen"), counts()], [[2, false, 1], [1, false, 1]]);
  assert.deepEqual([window.chat.rooms.current.unread, window.chat.rooms.current.mentions], [3, 2]);
  window.chat.setNotify("kitchen", "none");
  await window.settle();
  assert.deepEqual([window.chat.rooms.current.unread, window.chat.rooms.current.mentions], [1, 1]);
  const lobby = window.chat.open(LOBBY);
  assert.equal(lobby.view.current.below, 1);
  lobby.seen(1);
  await window.settle();
  assert.deepEqual(counts(), [0, false, 0]);
  assert.equal(lobby.view.current.below, 0);
  const kitchen = window.chat.open("kitchen");
  write(kitchen, "my own is nothing new");
  await window.settle();
  kitchen.seen(1);
  await window.settle();
  assert.deepEqual(counts("kitchen"), [1, false, 1]);
  await window.chat.close();
});

Deno.test("up to 200 are counted, then there are more", async () => {
  const server = new ScriptedServer();
  const window = await adaInTwoRooms(server);
  const counts = async () => {
    await window.settle();
    return [window.summary("kitchen")?.unread, window.summary("kitchen")?.unreadMore];
  };
  for (let n = 0; n < 200; n++) server.post("kitchen", { text: "x" });
  assert.deepEqual(await counts(), [200, false]);
  server.post("kitchen", { text: "x" });
  assert.deepEqual(await counts(), [200, true]);
  await window.chat.close();
  // Away for more than is fetched: the first that is loaded is not the first that is unread.
  for (let n = 0; n < 50; n++) {
    server.post("kitchen", { type: "CHAT_REACT", target: 1, reaction: "x", on: n % 2 > 0 });
  }
  const later = await adaInTwoRooms(server);
  assert.deepEqual([later.summary("kitchen")?.unread, later.summary("kitchen")?.unreadMore], [150, true]);
  await later.chat.close();
});

Deno.test("the read position: what was on the screen and all that changed behind it; kept, never going back", async () => {
  const server = new ScriptedServer();
  const window = adaAt(server);
  for (let n = 1; n <= 5; n++) server.post(LOBBY, { text: `${n}` });
  const room = await window.open();
  assert.deepEqual(read(window), { epoch: "epoch-1", offset: 5 }, "nothing is held against who comes first");
  for (let n = 6; n <= 9; n++) server.post(LOBBY, { text: `${n}` });
  server.post(LOBBY, { type: "CHAT_EDIT", target: 9, text: "nine" });
  await window.settle();
  room.seen(7);
  room.seen(6);
  await window.settle();
  assert.equal(room.view.current.below, 2);
  assert.deepEqual(read(window), { epoch: "epoch-1", offset: 7 });
  room.seen(9);
  assert.deepEqual(read(window), { epoch: "epoch-1", offset: 10 });
  window.chat.setVisible(false);
  server.post(LOBBY, { text: "behind one's back" });
  await window.settle();
  room.seen(11);
  assert.equal(read(window)?.offset, 10, "nobody looks");
  await window.chat.close();

  const again = adaAt(server, { kept: window.keepsakes.kept });
  await again.settle();
  assert.equal(again.summary()?.unread, 1);
  await again.chat.close();
});

Deno.test("a log that began anew: nothing is held against the reader, and no line is drawn", async () => {
  const server = new ScriptedServer();
  server.epoch = "epoch-2";
  for (let n = 1; n <= 9; n++) server.post(LOBBY, { text: `${n}` });
  const window = adaAt(server, { kept: { rooms: [keptRoom(LOBBY, 3, "epoch-1")] } });
  const room = await window.open();
  assert.deepEqual(read(window), { epoch: "epoch-2", offset: 9 });
  assert.equal(window.summary()?.unread, 0);
  assert.equal(linesOf(room).includes("-- new"), false);
  await window.chat.close();
});

Deno.test("two windows share what is kept: the further position counts, of another epoch the newer word", () => {
  const at = (offset: number, epoch = "e") => ({ epoch, offset });
  assert.deepEqual(furtherRead(null, at(1)), at(1));
  assert.deepEqual(furtherRead(at(5), at(3)), at(5));
  assert.deepEqual(furtherRead(at(5), at(7)), at(7));
  assert.deepEqual(furtherRead(at(5), at(1, "f")), at(1, "f"));
  const shared = new MemoryKeepsakes();
  shared.saveRead("left long ago", at(1));
  assert.deepEqual(shared.kept.rooms, [], "what is said of a room that was left does not bring it back");
});

Deno.test("what is read in one window is read in the other, is not announced there, and draws no line", async () => {
  const server = new ScriptedServer();
  server.post(LOBBY, { text: "old" });
  const shared = new MemoryKeepsakes({ ...NOTHING_KEPT, name: "Ada", rooms: [keptRoom(LOBBY, 1)] });
  const [near, aside] = [1, 2].map((n) => {
    const store = new MemoryStore(`${n}`.repeat(32));
    return new ChatWindow(server, { keepsakes: shared, kept: shared.kept, store });
  });
  assert.ok(near !== undefined && aside !== undefined);
  const room = await near.open();
  await aside.open();
  aside.chat.setVisible(false);
  server.post(LOBBY, { text: "new" });
  await near.settle();
  assert.equal(aside.summary()?.unread, 1);
  room.seen(2);
  await near.settle(1_000);
  assert.equal(aside.summary()?.unread, 0);
  assert.deepEqual(aside.notices, []);
  aside.chat.setVisible(true);
  await near.settle();
  assert.deepEqual(linesOf(aside.chat.open(LOBBY)), ["old", "new"]);
  await Promise.all([near.chat.close(), aside.chat.close()]);
});

// It was drawn by what was unread when one opened the room: at a start that is nothing, since what came meanwhile is
// still on its way.
Deno.test("new since you left: above what came while the program did not run", async () => {
  const server = new ScriptedServer();
  for (const text of ["old", "seen"]) server.post(LOBBY, { text });
  const first = adaAt(server);
  (await first.open()).seen(2);
  await first.chat.close();
  for (const text of ["while away", "and more"]) server.post(LOBBY, { text });
  const window = adaAt(server, { kept: first.keepsakes.kept });
  const room = await window.open();
  const there = ["old", "seen", "-- new", "while away", "and more"];
  assert.deepEqual(linesOf(room), there);
  room.seen(4);
  server.post(LOBBY, { text: "before one's eyes" });
  await window.settle();
  assert.deepEqual(linesOf(room), [...there, "before one's eyes"], "it stays while one looks");
  room.seen(5);
  window.chat.open("kitchen");
  await window.open();
  assert.equal(linesOf(room).includes("-- new"), false, "gone when one comes back and nothing came");
  server.post(LOBBY, { text: "still looking" });
  await window.settle();
  assert.equal(
    linesOf(room).includes("-- new"),
    false,
    "what comes while one looks is not new since one left",
  );
  await window.chat.close();
});

Deno.test("new since you left: another room, or the window hidden", async () => {
  const server = new ScriptedServer();
  const window = await adaInTwoRooms(server);
  const lobby = window.chat.open(LOBBY);
  const say = async (text: string) => {
    server.post(LOBBY, { text });
    await window.settle();
  };
  await say("one");
  lobby.seen(1);
  window.chat.open("kitchen");
  write(lobby, "my own draws no line");
  await window.settle();
  await say("two");
  window.chat.open(LOBBY);
  await window.settle();
  assert.deepEqual(linesOf(lobby), ["one", "my own draws no line", "-- new", "two"]);
  lobby.seen(3);
  window.chat.setVisible(false);
  await window.settle();
  assert.equal(linesOf(lobby).includes("-- new"), false);
  await say("three");
  assert.deepEqual(linesOf(lobby).slice(-2), ["-- new", "three"], "it stands there when one looks again");
  window.chat.setVisible(true);
  await window.settle();
  assert.deepEqual(linesOf(lobby).slice(-2), ["-- new", "three"]);
  server.post(LOBBY, { type: "CHAT_DELETE", target: 4 });
  await say("four");
  assert.deepEqual(linesOf(lobby).slice(-3), ["", "-- new", "four"], "what is deleted is not new");
  await window.chat.close();
});

Deno.test("new since you left: offline for days, it waits for what came meanwhile", async () => {
  const server = new ScriptedServer();
  server.post(LOBBY, { text: "seen" });
  const first = adaAt(server);
  (await first.open()).seen(1);
  await first.chat.close();
  const network = Promise.withResolvers<void>();
  const dial = () => network.promise.then(server.dial);
  const window = adaAt(server, { dial, kept: first.keepsakes.kept });
  const room = await window.open();
  await window.settle(5_000);
  assert.deepEqual(linesOf(room), ["seen"]);
  server.post(LOBBY, { text: "meanwhile", author: BEA });
  network.resolve();
  await window.settle();
  assert.deepEqual(linesOf(room), ["seen", "-- new", "meanwhile"]);
  await window.chat.close();
});
