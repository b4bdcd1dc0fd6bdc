/** The same (device, seq) is one message for ever, and its receipt stays what it was. */
import assert from "node:assert/strict";
import { newDevice, type Way, WAYS, WireClient } from "../fixtures/wire-client.ts";
import { type RunningServer, startServer } from "./running-server.ts";

const ROOM = "once";
const rooms = [{ room: ROOM }];

/** What an answer says of the message, whichever copy it answers. */
function placeOf(answer: { readonly type: string }): object {
  assert.equal(answer.type, "CHAT_RECEIPT", JSON.stringify(answer));
  const { duplicate: _, ...place } = answer as typeof answer & { duplicate?: boolean };
  return place;
}

async function assertSaidAgain(
  server: RunningServer,
  way: Way,
  device: string,
  original: readonly { readonly type: string }[],
): Promise<void> {
  const client = await WireClient.enter(server, "ada", { way, device, rooms });
  for (const [index, receipt] of original.entries()) {
    // Another text does not make it another message.
    const again = await client.message(ROOM, index + 1, `said again ${index + 1}`);
    assert.ok(again.type === "CHAT_RECEIPT" && again.duplicate === true);
    assert.deepEqual(placeOf(again), placeOf(receipt));
  }
  // Naming another room does not either.
  await client.join("elsewhere");
  const elsewhere = await client.message("elsewhere", 1, "said elsewhere");
  assert.deepEqual(placeOf(elsewhere), placeOf(original[0] ?? elsewhere));
  await client.leave();
}

Deno.test("a message that is said again gets the original receipt, whatever happened between", async () => {
  await using server = await startServer();
  const device = newDevice();
  const watcher = await WireClient.enter(server, "bob", { rooms });
  const ada = await WireClient.enter(server, "ada", { device, rooms });
  const original = [];
  for (const seq of [1, 2, 3]) original.push(await ada.message(ROOM, seq, `text ${seq}`));
  for (const receipt of original) assert.equal(Reflect.get(receipt, "duplicate"), undefined);

  const sameConnection = await ada.message(ROOM, 2, "text 2");
  assert.ok(sameConnection.type === "CHAT_RECEIPT" && sameConnection.duplicate === true);
  assert.deepEqual(placeOf(sameConnection), placeOf(original[1] ?? sameConnection));
  // While the first is still connected, and while both copies are under way at once.
  for (const way of WAYS) await assertSaidAgain(server, way, device, original);
  const twins = await Promise.all(WAYS.map((way) => WireClient.enter(server, "ada", { way, device, rooms })));
  const answers = await Promise.all(twins.map((twin) => twin.message(ROOM, 4, "said by three at once")));
  original.push(...answers.filter((answer) => Reflect.get(answer, "duplicate") !== true));
  assert.equal(original.length, 4, "one of three was stored");
  for (const answer of answers) assert.deepEqual(placeOf(answer), placeOf(original[3] ?? answer));

  await watcher.hears("CHAT_MESSAGE", { offset: 4 });
  // A message of another device comes next: nothing is left over before it.
  await watcher.message(ROOM, 1, "the end");
  await watcher.hears("CHAT_MESSAGE", { text: "the end" });
  assert.deepEqual(watcher.events(ROOM).map(({ offset }) => offset), [1, 2, 3, 4, 5]);
  await Promise.all([watcher, ada, ...twins].map((client) => client.leave()));

  await server.restart();
  for (const way of WAYS) await assertSaidAgain(server, way, device, original);
  await server.kill9();
  await server.restart();
  for (const way of WAYS) await assertSaidAgain(server, way, device, original);

  const reader = await WireClient.enter(server, "reader", { rooms: [] });
  const texts = (await reader.readAll(ROOM)).map((event) => Reflect.get(event, "text"));
  assert.deepEqual(texts, ["text 1", "text 2", "text 3", "said by three at once", "the end"]);
  assert.deepEqual(await reader.readAll("elsewhere"), []);
  await reader.leave();
});

Deno.test("a seq below the device's highest that the log does not have is refused", async () => {
  await using server = await startServer();
  const device = newDevice();
  const ada = await WireClient.enter(server, "ada", { device, rooms });
  await ada.message(ROOM, 10, "ten");
  await ada.leave();
  await server.restart();
  const again = await WireClient.enter(server, "ada", { device, rooms });
  const stale = await again.message(ROOM, 9, "nine, too late");
  assert.deepEqual(
    [Reflect.get(stale, "code"), Reflect.get(stale, "failure"), Reflect.get(stale, "ack")],
    [409, "duplicate", 9],
  );
  assert.equal((await again.message(ROOM, 11, "eleven")).type, "CHAT_RECEIPT");
  // Another device has numbers of its own.
  const other = await WireClient.enter(server, "ada", { device: newDevice(), rooms });
  assert.equal((await other.message(ROOM, 9, "nine of another")).type, "CHAT_RECEIPT");
  const texts = (await again.readAll(ROOM)).map((event) => Reflect.get(event, "text"));
  assert.deepEqual(texts, ["ten", "eleven", "nine of another"]);
  await Promise.all([again.leave(), other.leave()]);
});

Deno.test("an edit, a deletion and a reaction that are said again count once too", async () => {
  await using server = await startServer();
  const device = newDevice();
  const said = [
    { type: "CHAT_MESSAGE", seq: 1, room: ROOM, text: "first" },
    { type: "CHAT_EDIT", seq: 2, room: ROOM, target: 1, text: "edited" },
    { type: "CHAT_REACT", seq: 3, room: ROOM, target: 1, reaction: "+1", on: true },
    { type: "CHAT_DELETE", seq: 4, room: ROOM, target: 1 },
  ];
  const ada = await WireClient.enter(server, "ada", { device, rooms });
  const original = [];
  for (const pdu of said) original.push(await ada.tell(pdu));
  await server.kill9();
  await ada.drop();
  await server.restart();
  const again = await WireClient.enter(server, "ada", { device, rooms });
  for (const [index, pdu] of said.entries()) {
    const answer = await again.tell(pdu);
    assert.ok(answer.type === "CHAT_RECEIPT" && answer.duplicate === true);
    assert.deepEqual(placeOf(answer), placeOf(original[index] ?? answer));
  }
  assert.deepEqual((await again.readAll(ROOM)).map(({ type }) => type), said.map(({ type }) => type));
  await again.leave();
});

Deno.test("chat/0: a repeated seq is 409, dropped, and the session goes on", async () => {
  await using server = await startServer();
  const watcher = await WireClient.enter(server, "bob", { rooms: [{ room: "lobby" }] });
  const original = await WireClient.enter(server, "original", { wire: "chat/0" });
  const say = async (seq: number, text: string) => {
    const from = original.heard.length;
    original.say({ type: "CHAT_MESSAGE", seq, sender: "original", text });
    return await original.until(`an answer to ${seq}`, from, (pdu) => {
      return pdu.type === "CHAT_RECEIPT" || pdu.type === "CHAT_ERROR" ? pdu : undefined;
    });
  };
  assert.equal((await say(1, "one")).type, "CHAT_RECEIPT");
  assert.equal((await say(2, "two")).type, "CHAT_RECEIPT");
  for (const seq of [2, 1]) {
    const refused = await say(seq, "again");
    assert.deepEqual([refused.type, Reflect.get(refused, "code")], ["CHAT_ERROR", 409]);
  }
  assert.equal((await say(3, "three")).type, "CHAT_RECEIPT");
  await watcher.hears("CHAT_MESSAGE", { text: "three" });
  assert.deepEqual(watcher.all("CHAT_MESSAGE").map(({ text }) => text), ["one", "two", "three"]);

  // Its numbers belong to the connection: the next one begins at 1 again.
  const next = await WireClient.enter(server, "original", { wire: "chat/0" });
  next.say({ type: "CHAT_MESSAGE", seq: 1, sender: "original", text: "one of the next" });
  await next.hears("CHAT_RECEIPT", { ack: 1 });
  await watcher.hears("CHAT_MESSAGE", { text: "one of the next" });
  await Promise.all([watcher, original, next].map((client) => client.leave()));
});
