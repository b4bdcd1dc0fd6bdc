import assert from "node:assert/strict";
import { ADA, adaAt, BEA, linesOf, messagesOf, write } from "../../tests/fixtures/chat-window.ts";
import { DEVICE } from "../../tests/fixtures/scripted-client.ts";
import { ScriptedServer } from "../../tests/fixtures/scripted-server.ts";
import { MemoryStore } from "../client/outbox/store-memory.ts";
import { LOBBY } from "../protocol/words.ts";

Deno.test("edits, deletions and reactions that are refused are told apart from the messages", async () => {
  const server = new ScriptedServer();
  const window = adaAt(server);
  const room = await window.open();
  write(room, "mine");
  await window.settle();
  server.intercept = (pdu, session) => {
    if (!["CHAT_EDIT", "CHAT_DELETE", "CHAT_REACT", "CHAT_TOPIC"].includes(pdu.type)) return false;
    session.refuse(pdu.seq, "not-found", 404);
    return true;
  };
  room.edit(1);
  room.composer.input("changed", 7);
  assert.ok(room.composer.submit());
  room.delete(1);
  room.react(1, "👍", true);
  room.setTopic("quiet");
  await window.settle();
  assert.deepEqual(
    room.view.current.undone.map((
      { what, offset, delivery, problem },
    ) => [what, offset, delivery, problem?.name]),
    [
      ["edit", 1, "failed", "not-found"],
      ["delete", 1, "failed", "not-found"],
      ["react", 1, "failed", "not-found"],
      ["topic", null, "failed", "not-found"],
    ],
  );
  assert.deepEqual(linesOf(room), ["mine"]);
  await window.chat.close();
});

Deno.test("edited, deleted, reacted to, answered: as it stands now, with names, and what is mine", async () => {
  const server = new ScriptedServer();
  const window = adaAt(server);
  const room = await window.open();
  server.post(LOBBY, { text: "from Bea\nand more" });
  await window.settle();
  room.reply(1);
  write(room, "to Bea");
  await window.settle();
  room.react(1, "👍", true);
  await window.settle();
  server.post(LOBBY, { type: "CHAT_REACT", target: 1, reaction: "👍", on: true });
  server.post(LOBBY, {
    type: "CHAT_REACT",
    target: 2,
    reaction: "🎉",
    on: true,
    author: "c".repeat(24),
    sender: "Cyd",
  });
  await window.settle();
  const [theirs, mine] = messagesOf(room);
  assert.deepEqual(theirs?.reactions, [{ reaction: "👍", count: 2, mine: true, names: ["Ada", "Bea"] }]);
  assert.deepEqual(mine?.reactions, [{ reaction: "🎉", count: 1, mine: false, names: ["Cyd"] }]);
  assert.deepEqual(mine?.reply, { offset: 1, sender: "Bea", text: "from Bea" });
  assert.deepEqual([theirs?.mine, mine?.mine, theirs?.author, mine?.author], [false, true, BEA, ADA]);
  room.react(1, "👍", false);
  server.post(LOBBY, { type: "CHAT_EDIT", target: 1, text: "changed" });
  await window.settle();
  assert.deepEqual(messagesOf(room)[0]?.reactions, [{
    reaction: "👍",
    count: 1,
    mine: false,
    names: ["Bea"],
  }]);
  assert.deepEqual([messagesOf(room)[0]?.text, messagesOf(room)[0]?.edited], ["changed", true]);
  server.post(LOBBY, { type: "CHAT_DELETE", target: 1 });
  await window.settle();
  const [deleted, answer] = messagesOf(room);
  assert.deepEqual([deleted?.deleted, deleted?.text, deleted?.reactions], [true, "", []]);
  assert.deepEqual(answer?.reply, { offset: 1, sender: "Bea", text: null });
  room.edit(1);
  room.reply(1);
  assert.equal(room.composer.view.current.mode.is, "write", "nothing to edit or to answer");
  await window.chat.close();
});

Deno.test("a message that is deleted while it is changed: the field has what was there before", async () => {
  const server = new ScriptedServer();
  const window = adaAt(server);
  const room = await window.open();
  write(room, "mine");
  await window.settle();
  room.composer.input("a draft", 7);
  room.edit(1);
  room.composer.input("changed", 7);
  room.delete(1);
  await window.settle();
  assert.deepEqual(room.composer.view.current, {
    text: "a draft",
    mode: { is: "write" },
    completion: null,
    bytesOver: 0,
    problem: null,
  });
  assert.equal(server.session.of("CHAT_EDIT").length, 0);
  await window.chat.close();
});

// The author was set after the outbox had been shown: without a connection nobody was told, and one's own messages
// were a stranger's, not to be edited.
Deno.test("with no server: the history that was seen, one's own among it, and what was not sent", async () => {
  const server = new ScriptedServer();
  const store = new MemoryStore(DEVICE);
  const window = adaAt(server, { store });
  const room = await window.open();
  server.post(LOBBY, { text: "theirs" });
  write(room, "mine");
  await window.settle(1_000);
  await window.chat.close();
  const dial = () => Promise.reject(new Error("no server"));
  const offline = adaAt(server, { store, dial, kept: window.keepsakes.kept });
  const there = await offline.open();
  write(there, "later");
  await offline.settle(1_000);
  assert.deepEqual(
    messagesOf(there).map(({ text, mine, delivery }) => [text, mine, delivery]),
    [["theirs", false, "stored"], ["mine", true, "stored"], ["later", true, "queued"]],
  );
  there.edit(2);
  assert.equal(there.composer.view.current.mode.is, "edit");
  assert.equal(there.view.current.state, "joining");
  await offline.chat.close();
});

Deno.test("a snapshot is another only when something in it is; what stayed is the same object", async () => {
  const server = new ScriptedServer();
  const window = adaAt(server);
  const room = await window.open();
  const elsewhere = await window.open("kitchen");
  await window.open();
  server.post(LOBBY, { text: "one" });
  server.post(LOBBY, { text: "two" });
  server.session.say({
    type: "CHAT_PRESENCE",
    room: LOBBY,
    count: 1,
    members: [{ name: "Ada", author: ADA }],
  });
  await window.settle();
  const before = room.view.current;
  let told = 0;
  room.view.subscribe(() => told++);
  write(elsewhere, "in another room");
  room.toNewest();
  room.seen(2);
  await window.settle(20_000);
  assert.equal(told, 1, "read now, and once told");
  const read = room.view.current;
  assert.deepEqual({ ...read, below: 2 }, before);
  assert.equal(read.rows, before.rows);
  server.post(LOBBY, { text: "three" });
  await window.settle();
  const after = room.view.current;
  assert.notEqual(after, read);
  assert.deepEqual(after.rows.slice(0, before.rows.length).every((row, at) => row === before.rows[at]), true);
  assert.equal(after.here, before.here);
  await window.chat.close();
});

Deno.test("what comes in one turn is told once, and nobody's view is not made", async () => {
  const server = new ScriptedServer();
  const window = adaAt(server);
  const room = await window.open();
  let told = 0;
  room.view.subscribe(() => told++);
  for (let n = 0; n < 100; n++) {
    server.log(LOBBY).push({ ...server.post("elsewhere", { text: "x" }), room: LOBBY });
  }
  server.session.pump();
  await window.settle();
  assert.equal(messagesOf(room).length, 100);
  assert.ok(told <= 3, `told ${told} times`);
  await window.chat.close();
});

Deno.test("whom one may name: everybody who was heard of, but not oneself", async () => {
  const server = new ScriptedServer();
  const window = adaAt(server);
  const room = await window.open();
  const offered = () => {
    room.composer.input("@a", 2);
    return room.composer.view.current.completion?.items.map(({ label }) => label);
  };
  const members = [{ name: "Aaron", author: "c".repeat(24) }, { name: "Ada", author: ADA }];
  server.session.say({ type: "CHAT_PRESENCE", room: LOBBY, count: 2, members });
  await window.settle();
  assert.deepEqual(offered(), ["Aaron"]);
  const namesake = { name: "Ada", author: "d".repeat(24) };
  server.session.say({ type: "CHAT_PRESENCE", room: LOBBY, count: 3, members: [...members, namesake] });
  await window.settle();
  room.composer.input("", 0);
  assert.deepEqual(offered(), ["Aaron", "Ada"]);
  await window.chat.close();
});

Deno.test("who is here, oneself first; who types, said at the first key and ended", async () => {
  const server = new ScriptedServer();
  const window = adaAt(server);
  const room = await window.open();
  const members = [{ name: "Aaron", author: "c".repeat(24) }, { name: "Ada", author: ADA }];
  server.session.say({ type: "CHAT_PRESENCE", room: LOBBY, count: 2, members });
  server.session.say({
    type: "CHAT_TYPING",
    seq: 0,
    room: LOBBY,
    who: "Aaron",
    author: "c".repeat(24),
    status: true,
  });
  await window.settle();
  assert.deepEqual(room.view.current.here?.map(({ name, me, typing }) => [name, me, typing]), [
    ["Ada", true, false],
    ["Aaron", false, true],
  ]);
  assert.deepEqual([room.view.current.typing, room.view.current.hereCount], [["Aaron"], 2]);
  server.session.say({ type: "CHAT_PRESENCE", room: LOBBY, count: 500 });
  await window.settle();
  assert.deepEqual([room.view.current.here, room.view.current.hereCount], [null, 500]);

  const told = () => server.session.of("CHAT_TYPING").map(({ room, status }) => [room, status]);
  room.composer.input("h", 1);
  room.composer.input("he", 2);
  await window.settle();
  assert.deepEqual(told(), [[LOBBY, true]]);
  room.composer.input("", 0);
  await window.settle();
  assert.deepEqual(told().slice(1), [[LOBBY, false]]);
  room.composer.input("again", 5);
  window.chat.open("kitchen");
  await window.settle();
  assert.deepEqual(told().slice(2), [[LOBBY, true], [LOBBY, false]], "one looks elsewhere");
  window.chat.open("kitchen").composer.input("x", 1);
  window.chat.leave("kitchen");
  await window.settle();
  assert.deepEqual(told().slice(4), [["kitchen", true], ["kitchen", false]], "left while typing");
  await window.chat.close();
});

Deno.test("each room has its draft, here and after a restart", async () => {
  const server = new ScriptedServer();
  const window = adaAt(server);
  (await window.open()).composer.input("for the lobby", 3);
  (await window.open("kitchen")).composer.input("for the kitchen", 3);
  assert.equal((await window.open()).composer.view.current.text, "for the lobby");
  await window.chat.close();
  const again = adaAt(server, { kept: window.keepsakes.kept });
  assert.equal((await again.open("kitchen")).composer.view.current.text, "for the kitchen");
  assert.deepEqual(again.chat.rooms.current.rooms.map(({ draft }) => draft), [true, true]);
  write(again.chat.open("kitchen"), "sent");
  assert.equal(again.kept("kitchen")?.draft, "");
  await again.chat.close();
});

Deno.test("rooms aside hold what is shown first; the one that is shown holds what is scrolled through", async () => {
  const server = new ScriptedServer();
  const window = adaAt(server);
  await window.open();
  const kitchen = await window.open("kitchen");
  await window.open();
  for (let n = 0; n < 6_000; n++) {
    server.log("kitchen").push({ ...server.post("x", { text: "x" }), offset: n + 1, room: "kitchen" });
  }
  server.session.pump();
  await window.settle(500);
  const aside = messagesOf(kitchen).length;
  assert.ok(aside >= 2_000 && aside <= 2_500, `${aside}`);
  await window.open("kitchen");
  while (!kitchen.view.current.atBeginning) {
    const older = kitchen.older();
    await window.settle();
    await older;
    await window.settle(0);
  }
  assert.equal(messagesOf(kitchen).length, 6_000);
  await window.open();
  assert.equal(messagesOf(kitchen).length, 2_000);
  await window.chat.close();
});

Deno.test("offline: one's edits, deletions and reactions show at once, and are the log's when it has them", async () => {
  const server = new ScriptedServer();
  const window = adaAt(server);
  const room = await window.open();
  server.post(LOBBY, { text: "theirs" });
  await window.settle();
  write(room, "mine");
  write(room, "mine too");
  await window.settle();
  server.intercept = (pdu) => pdu.type !== "CHAT_HELLO";
  room.edit(2);
  write(room, "changed");
  room.delete(3);
  room.react(1, "👍", true);
  await window.settle(0);
  const seen = () =>
    messagesOf(room).map(({ text, edited, deleted, reactions }) => [text, edited, deleted, reactions.length]);
  const wanted = [["theirs", false, false, 1], ["changed", true, false, 0], ["", false, true, 0]];
  assert.deepEqual(seen(), wanted);
  const { rows } = room.view.current;
  server.session.say({ type: "CHAT_PRESENCE", room: LOBBY, count: 1, members: [] });
  await window.settle();
  assert.equal(room.view.current.rows, rows, "made once");
  server.intercept = () => false;
  server.session.pair.cut("by the test");
  await window.settle(1_000);
  assert.deepEqual(seen(), wanted);
  assert.deepEqual(server.log(LOBBY).map(({ type }) => type).slice(3), [
    "CHAT_EDIT",
    "CHAT_DELETE",
    "CHAT_REACT",
  ]);
  await window.chat.close();
});
