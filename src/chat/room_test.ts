import assert from "node:assert/strict";
import type { LoggedEvent } from "../protocol/event.ts";
import { Room } from "./room.ts";
import { TailBudget } from "./tail.ts";

function event(offset: number, more: Partial<LoggedEvent> = {}): LoggedEvent {
  return {
    room: "lobby",
    offset,
    tsMs: 0,
    type: "CHAT_MESSAGE",
    seq: offset,
    sender: "Ann",
    author: "a".repeat(24),
    target: null,
    body: `{"text":"m${offset}"}`,
    ...more,
  };
}

/** What stands in a room's tail. */
function inTail(room: Room): [number, number] {
  return [room.tail.first, room.tail.next - 1];
}

Deno.test("a room: is loaded once; what it took since stays", () => {
  const room = new Room("lobby", new TailBudget());
  room.load(4, "dinner");
  assert.deepEqual([room.isLoaded, room.head, room.topic, inTail(room)], [true, 4, "dinner", [5, 4]]);
  assert.equal(room.append(event(5)), true);
  room.load(4, "lunch");
  assert.deepEqual([room.head, room.topic, inTail(room)], [5, "dinner", [5, 5]]);
});

Deno.test("a room: loaded without its topic it learns it later, and nothing else", () => {
  const room = new Room("lobby", new TailBudget());
  room.load(6, null);
  assert.equal(room.append(event(7)), true);
  assert.deepEqual([room.isLoaded, room.head, room.topic, inTail(room)], [true, 7, null, [7, 7]]);
  room.load(6, "dinner");
  assert.deepEqual([room.head, room.topic], [7, "dinner"]);
});

Deno.test("a room: an event that it knew when it was loaded is no second one", () => {
  const room = new Room("lobby", new TailBudget());
  room.load(4, "");
  for (const offset of [4, 3]) assert.equal(room.append(event(offset)), false);
  assert.deepEqual([room.head, inTail(room)], [4, [5, 4]]);
});

Deno.test("a room: should an event be missing its readers get it from the log: the tail begins behind it", () => {
  const room = new Room("lobby", new TailBudget());
  room.load(4, "");
  room.append(event(5));
  assert.equal(room.append(event(7)), true);
  assert.deepEqual([room.head, inTail(room)], [7, [7, 7]]);
  room.append(event(8));
  assert.deepEqual(inTail(room), [7, 8]);
});

Deno.test("a room: only a topic changes what it is about", () => {
  const room = new Room("lobby", new TailBudget());
  room.load(0, "");
  room.append(event(1));
  assert.equal(room.topic, "");
  room.append(event(2, { type: "CHAT_TOPIC", body: `{"text":"dinner"}` }));
  room.append(event(3));
  assert.equal(room.topic, "dinner");
});
