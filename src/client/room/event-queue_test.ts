import assert from "node:assert/strict";
import type { Position } from "../../protocol/position.ts";
import { EventQueue } from "./event-queue.ts";
import { ChatFailure } from "../failure.ts";
import type { RoomEvent } from "./timeline.ts";

function event(offset: number, epoch = "e1"): RoomEvent {
  return {
    type: "CHAT_MESSAGE",
    seq: offset,
    ts: offset,
    room: "lobby",
    epoch,
    offset,
    sender: "Ann",
    author: "a".repeat(24),
    text: `m${offset}`,
  };
}

/** A queue, where it asked to go back to, and which events gave their credit back. */
function setUp() {
  const wentBack: Position[] = [];
  const released: number[] = [];
  const queue = new EventQueue((position) => void wentBack.push(position));
  const put = (offset: number, epoch?: string) =>
    queue.put(event(offset, epoch), () => void released.push(offset));
  return { queue, put, wentBack, released };
}

/** Reads so many events. */
async function take(reader: AsyncIterator<RoomEvent, undefined>, count: number): Promise<number[]> {
  const offsets: number[] = [];
  for (let at = 0; at < count; at++) {
    const { value } = await reader.next();
    offsets.push(value?.offset ?? -1);
  }
  return offsets;
}

Deno.test("a queue: events come in order, those queued before the reader and those that it waits for", async () => {
  const { queue, put } = setUp();
  put(1);
  put(2);
  const reader = queue.read();
  assert.deepEqual(await take(reader, 2), [1, 2]);
  const third = reader.next();
  put(3);
  put(4);
  assert.equal((await third).value?.offset, 3);
  assert.deepEqual(await take(reader, 1), [4]);
});

Deno.test("a queue: an event holds its credit until it is read, and none while nobody reads", async () => {
  const { queue, put, released } = setUp();
  put(1);
  assert.deepEqual(released, [1]);
  const reader = queue.read();
  assert.equal(queue.reading, true);
  put(2);
  put(3);
  assert.deepEqual(await take(reader, 1), [1]);
  assert.deepEqual(released, [1]);
  await take(reader, 1);
  assert.deepEqual(released, [1, 2]);
  await reader.return?.();
  assert.deepEqual(released, [1, 2, 3], "who stops reading gives back what is left");
  assert.equal(queue.reading, false);
  assert.deepEqual(await take(queue.read(), 1), [3], "and the next reader has it all the same");
  assert.deepEqual(released, [1, 2, 3], "once");
});

Deno.test("a queue: what came before comes no second time, but a new life of the log begins anew", async () => {
  const { queue, put, released } = setUp();
  const reader = queue.read();
  for (const offset of [5, 5, 4, 6]) put(offset);
  put(2, "e2");
  put(6, "e2");
  assert.deepEqual(released, [5, 4], "the doubles");
  assert.deepEqual(await take(reader, 4), [5, 6, 2, 6]);
});

Deno.test("a queue: one reader at a time, and the next goes on where the last one stopped", async () => {
  const { queue, put } = setUp();
  for (const offset of [1, 2, 3]) put(offset);
  const reader = queue.read();
  assert.throws(() => queue.read(), TypeError);
  assert.deepEqual(await take(reader, 1), [1]);
  await reader.return?.();
  await reader.return?.();
  assert.deepEqual(await reader.next(), { done: true, value: undefined });
  assert.deepEqual(await take(queue.read(), 2), [2, 3]);
});

Deno.test("a queue: who waits is let go when he stops", async () => {
  const { queue } = setUp();
  const reader = queue.read();
  const waiting = reader.next();
  assert.deepEqual(await reader.return?.(), { done: true, value: undefined });
  assert.deepEqual(await waiting, { done: true, value: undefined });
});

Deno.test("a queue: an end comes after what is queued, also to one who waits; then it may begin again", async () => {
  const { queue, put, released } = setUp();
  put(1);
  queue.end(null);
  put(2);
  assert.deepEqual(released, [1, 2], "nothing is taken after the end");
  const reader = queue.read();
  assert.deepEqual(await take(reader, 1), [1]);
  assert.deepEqual(await reader.next(), { done: true, value: undefined });
  assert.equal(queue.reading, false);

  queue.reopen();
  put(2);
  const again = queue.read();
  assert.deepEqual(await take(again, 1), [2]);
  const waiting = again.next();
  queue.end(ChatFailure.local("left"));
  await assert.rejects(waiting, { name: "left" });
  assert.equal(queue.reading, false);
});

Deno.test("a queue: past 1,000 unread events it lets go of all, and a reader has them sent again", async () => {
  const { queue, put, wentBack, released } = setUp();
  for (let offset = 11; offset <= 1_010; offset++) put(offset);
  assert.deepEqual(await take(queue.read(), 1), [11], "1,000 are kept");

  const many = setUp();
  for (let offset = 11; offset <= 1_020; offset++) many.put(offset);
  assert.equal(many.released.length, 1_010);
  assert.deepEqual(many.wentBack, [], "not before somebody reads");
  const reader = many.queue.read();
  assert.deepEqual(many.wentBack, [{ epoch: "e1", offset: 10 }]);
  many.put(11);
  many.put(12);
  assert.deepEqual(await take(reader, 2), [11, 12]);
  assert.deepEqual([wentBack, released.length], [[], 1_000]);
});

Deno.test("a queue: what was read does not count as unread", async () => {
  const { queue, put, wentBack } = setUp();
  for (let offset = 1; offset <= 900; offset++) put(offset);
  const reader = queue.read();
  await take(reader, 800);
  await reader.return?.();
  for (let offset = 901; offset <= 1_700; offset++) put(offset);
  assert.deepEqual(await take(queue.read(), 900), Array.from({ length: 900 }, (_, at) => 801 + at));
  assert.deepEqual(wentBack, []);
});
