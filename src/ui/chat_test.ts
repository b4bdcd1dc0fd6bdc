import assert from "node:assert/strict";
import { adaAt, ChatWindow, keptRoom, linesOf, messagesOf, write } from "../../tests/fixtures/chat-window.ts";
import { ScriptedServer } from "../../tests/fixtures/scripted-server.ts";
import { LOBBY } from "../protocol/words.ts";
import { SETTINGS_DEFAULT } from "./keepsakes.ts";

/** Why the entry asks, by its name; null where it gives no reason. */
function reasonOf({ chat }: ChatWindow): string | null {
  const { current } = chat.entry;
  return current.state === "in" ? null : current.says?.name ?? null;
}

/** Lets in who has the right token. */
function guarded(server: ScriptedServer): void {
  server.intercept = (pdu, session) => {
    if (pdu.type !== "CHAT_HELLO" || pdu.token === "right") return false;
    session.refuse(0, "unauthorised", 401);
    return true;
  };
}

Deno.test("a stranger gives a name, and is remembered", async () => {
  const server = new ScriptedServer();
  const window = new ChatWindow(server);
  const { chat } = window;
  assert.deepEqual(chat.entry.current, { state: "needs-name", suggested: "", says: null });
  await window.settle();
  assert.equal(server.dials, 0, "nobody connects without a name");
  for (const bad of ["", "   ", "a\nb", "x".repeat(65), "a\u202eb"]) {
    chat.enter(bad);
    const says = { name: "bad-name", detail: "a name has 1 to 64 characters of one line" };
    // What was typed stands in the field, to be mended.
    assert.deepEqual(chat.entry.current, { state: "needs-name", suggested: bad, says });
  }
  chat.enter("  Ada ");
  await window.settle();
  assert.deepEqual(chat.entry.current, { state: "in", name: "Ada" });
  assert.equal(chat.connection.current.state, "live");
  assert.equal(window.keepsakes.kept.name, "Ada");
  assert.deepEqual(chat.rooms.current.rooms.map(({ name }) => name), [LOBBY], "somewhere one has to be");
  await chat.close();

  const again = new ChatWindow(server, { kept: window.keepsakes.kept });
  assert.deepEqual(again.chat.entry.current, { state: "in", name: "Ada" }, "remembered");
  await again.chat.close();
});

Deno.test("a name from a link goes before the remembered one; one that is none is asked for", async () => {
  const server = new ScriptedServer();
  const linked = new ChatWindow(server, { kept: { name: "Ada" }, name: "Bea" });
  await linked.settle();
  assert.deepEqual(linked.chat.entry.current, { state: "in", name: "Bea" });
  assert.equal(server.session.name, "Bea");
  await linked.chat.close();
  const spoilt = new ChatWindow(server, { kept: { name: " Ada\n" } });
  assert.equal(spoilt.chat.entry.current.state, "needs-name");
});

Deno.test("an invite is asked for, a wrong one refused with a reason, a right one remembered", async () => {
  const server = new ScriptedServer();
  guarded(server);
  const window = adaAt(server);
  await window.settle();
  assert.deepEqual(window.chat.entry.current, { state: "needs-token", name: "Ada", says: null });
  window.chat.giveToken("not a token");
  assert.equal(reasonOf(window), "unauthorised");
  assert.equal(server.dials, 1, "what can be no token is not sent");
  window.chat.giveToken("wrong");
  await window.settle();
  assert.equal(reasonOf(window), "unauthorised");
  window.chat.giveToken(" https://chat.example:4433/#invite=right ");
  await window.settle();
  assert.deepEqual(window.chat.entry.current, { state: "in", name: "Ada" });
  assert.equal(window.chat.connection.current.state, "live");
  assert.equal(window.keepsakes.kept.token, "right");
  await window.chat.close();
});

// A refusal ended the one reader of each room with an unhandled rejection, and nobody began to read again: until a
// reload nothing was kept for offline and nothing was announced.
Deno.test("who was let in by an invite has history kept, and notices, as everybody else", async () => {
  const server = new ScriptedServer();
  guarded(server);
  const window = adaAt(server);
  await window.settle();
  window.chat.giveToken("right");
  await window.open();
  await window.open("kitchen");
  server.post(LOBBY, { text: "hello" });
  await window.settle(1_000);
  assert.deepEqual(window.kept()?.events.map(({ offset }) => offset), [1]);
  assert.deepEqual(window.notices.map(({ text }) => text), ["hello"]);
  await window.chat.close();
});

Deno.test("refused for good: the connection says why, one reads on, nothing is tried again", async () => {
  const server = new ScriptedServer();
  server.intercept = (pdu, session) => {
    if (pdu.type === "CHAT_HELLO") session.refuse(0, "version", 426);
    return true;
  };
  const window = adaAt(server);
  const room = await window.open();
  const { current } = window.chat.connection;
  assert.ok(current.state === "refused" && current.problem.name === "version");
  assert.equal(window.chat.entry.current.state, "in");
  assert.ok(write(room, "kept for later"));
  await window.settle(60_000);
  assert.equal(server.dials, 1);
  assert.deepEqual(messagesOf(room).map(({ delivery }) => delivery), ["queued"]);
  server.intercept = () => false;
  window.chat.reconnect();
  await window.settle();
  assert.deepEqual(server.texts(LOBBY), ["kept for later"]);
  await window.chat.close();
});

Deno.test("another name: the same rooms, place and messages, and said by the new one", async () => {
  const server = new ScriptedServer();
  const window = adaAt(server, { kept: { rooms: [keptRoom(LOBBY, 0), keptRoom("kitchen", 0)] } });
  await window.open("kitchen");
  assert.ok(write(window.chat.open("kitchen"), "as Ada"));
  await window.settle();
  window.chat.rename();
  assert.deepEqual(window.chat.entry.current, { state: "needs-name", suggested: "Ada", says: null });
  window.chat.enter("Countess");
  await window.settle();
  assert.equal(window.chat.rooms.current.current, "kitchen");
  const room = window.chat.open("kitchen");
  assert.ok(write(room, "as Countess"));
  await window.settle();
  assert.deepEqual(
    messagesOf(room).map(({ sender, mine, text }) => [sender, mine, text]),
    [["Ada", true, "as Ada"], ["Countess", true, "as Countess"]],
  );
  assert.equal(server.sessions.filter(({ ended }) => ended === null).length, 1, "Ada has left");
  await window.chat.close();
});

// Each of two words on the entry form made a client, and the first one's was never closed: a ghost in every room.
Deno.test("a name given twice in a row: one comes in, under the last one", async () => {
  const server = new ScriptedServer();
  const window = new ChatWindow(server);
  window.chat.enter("Ada");
  window.chat.enter("Bea");
  window.chat.enter("Cyd");
  await window.settle(5_000);
  assert.deepEqual(window.chat.entry.current, { state: "in", name: "Cyd" });
  assert.deepEqual(server.sessions.filter(({ ended }) => ended === null).map(({ name }) => name), ["Cyd"]);
  window.chat.enter("Dan");
  await window.chat.close();
  await window.settle(5_000);
  assert.equal(server.sessions.filter(({ ended }) => ended === null).length, 0, "closed while going in");
});

Deno.test("rooms: the lobby first, then by name; joined by opening, left for good, never the last", async () => {
  const server = new ScriptedServer();
  server.post("attic", { text: "x" });
  server.post("cellar", { text: "x" });
  server.post("garden", { text: "x" });
  const window = adaAt(server);
  await window.open();
  await window.open("kitchen");
  await window.open("attic");
  const names = () => window.chat.rooms.current.rooms.map(({ name }) => name);
  const others = () => window.chat.rooms.current.others;
  assert.deepEqual(names(), [LOBBY, "attic", "kitchen"]);
  assert.equal(others(), null);
  const looking = window.chat.lookAround();
  await window.settle();
  await looking;
  assert.deepEqual(others(), [{ name: "cellar", here: 1 }, {
    name: "garden",
    here: 1,
  }]);
  window.chat.leave("attic");
  await window.settle();
  assert.deepEqual([names(), window.chat.rooms.current.current], [[LOBBY, "kitchen"], LOBBY]);
  assert.deepEqual(others()?.map(({ name }) => name), ["attic", "cellar", "garden"]);
  assert.deepEqual(window.keepsakes.kept.rooms.map(({ name }) => name), [LOBBY, "kitchen"]);
  assert.equal(server.session.of("CHAT_LEAVE").length, 1);
  server.post("attic", { text: "after" });
  await window.settle(1_000);
  assert.equal(window.kept("attic"), undefined, "nothing of it is kept any more");
  window.chat.leave(LOBBY);
  window.chat.leave("kitchen");
  await window.settle();
  assert.deepEqual(names(), ["kitchen"], "somewhere one has to be");
  assert.throws(() => window.chat.open("no\nroom"), { name: "invalid" });
  await window.chat.close();
});

// Whatever came next, in any room, made "joining" of a refused room for ever.
Deno.test("a room that is refused is in the list with its reason; the others go on", async () => {
  const server = new ScriptedServer();
  server.intercept = (pdu, session) => {
    if (pdu.type !== "CHAT_JOIN" || pdu.room !== "full") return false;
    session.refuse(pdu.seq, "too-many-rooms", 403);
    return true;
  };
  const window = adaAt(server);
  const lobby = await window.open();
  const full = await window.open("full");
  assert.equal(window.summary("full")?.refused?.name, "too-many-rooms");
  assert.equal(full.view.current.state, "refused");
  assert.equal(full.view.current.problem?.name, "too-many-rooms");
  server.post(LOBBY, { text: "hello" });
  await window.settle();
  assert.deepEqual(linesOf(lobby), ["-- new", "hello"]);
  assert.equal(full.view.current.state, "refused", "still");
  await window.chat.close();
});

Deno.test("the connection as it is shown: round trip, when it is tried again by the wall clock, why", async () => {
  const server = new ScriptedServer();
  const window = adaAt(server);
  const { connection } = window.chat;
  assert.deepEqual(connection.current, { state: "connecting" });
  await window.settle();
  assert.deepEqual(connection.current, {
    state: "live",
    link: "memory",
    roundTripMs: 10,
    server: "scripted",
  });
  server.session.pair.cut("by the test");
  await window.settle(1);
  const lostAtMs = window.wallMs;
  const { current } = connection;
  assert.ok(current.state === "reconnecting");
  assert.ok(current.retryAtMs >= lostAtMs - 1 && current.retryAtMs <= lostAtMs + 250, `${current.retryAtMs}`);
  assert.match(current.because, /by the test/);
  await window.settle(1_000);
  assert.equal(connection.current.state, "live");
  await window.chat.close();
});

Deno.test("settings are kept, and only what changes changes", async () => {
  const window = adaAt(new ScriptedServer());
  const seen: unknown[] = [];
  window.chat.settings.subscribe((settings) => seen.push(settings));
  window.chat.change({ look: "dark" });
  window.chat.change({ sound: true });
  const settings = { ...SETTINGS_DEFAULT, look: "dark", sound: true };
  assert.deepEqual(window.chat.settings.current, settings);
  assert.deepEqual(window.keepsakes.kept.settings, settings);
  assert.equal(seen.length, 2);
  await window.chat.close();
});

Deno.test("the list of rooms is another object only when something in it is other", async () => {
  const server = new ScriptedServer();
  const window = adaAt(server);
  const room = await window.open();
  const before = window.chat.rooms.current;
  let told = 0;
  window.chat.rooms.subscribe(() => told++);
  room.composer.input("", 0);
  window.chat.setNotify(LOBBY, "all");
  await window.settle();
  assert.equal(window.chat.rooms.current, before);
  assert.equal(told, 0);
  window.chat.setNotify(LOBBY, "none");
  await window.settle();
  assert.equal(window.summary()?.notify, "none");
  assert.equal(window.kept()?.notify, "none");
  room.composer.input("half a thought", 3);
  await window.settle();
  assert.equal(window.summary()?.draft, true);
  await window.chat.close();
});
