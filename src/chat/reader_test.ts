import assert from "node:assert/strict";
import type { LoggedEvent } from "../protocol/event.ts";
import type { Wire } from "../protocol/wire.ts";
import { Lines } from "./lines.ts";
import { Presence } from "./presence.ts";
import { Cursor, type Place, Reader } from "./reader.ts";
import { Tail, TailBudget } from "./tail.ts";

const decoder = new TextDecoder();

function event(offset: number): LoggedEvent {
  return {
    room: "lobby",
    offset,
    tsMs: 0,
    type: "CHAT_MESSAGE",
    seq: offset,
    sender: "Ann",
    author: "a".repeat(24),
    target: null,
    body: `{"text":"m"}`,
  };
}

/** A cursor in a room whose events 1 to `head` happened, those from `tailFrom` on in memory. */
function setUp(head: number, tailFrom: number, wire: Wire = "quicchat/1") {
  const presence = new Presence("lobby", (pdu) => new TextEncoder().encode(JSON.stringify(pdu) + "\n"));
  const tail = new Tail(tailFrom, new TailBudget());
  for (let offset = tailFrom; offset <= head; offset++) tail.append(JSON.stringify({ offset }) + "\n");
  const place: Place = { name: "lobby", head, tail, presence, reads: new Map() };
  const reader = new Reader(1, wire, true);
  const cursor = new Cursor(reader, place);
  /** What it has now: "presence", offsets, "read", null; with a "+" where there is more. */
  const take = (bytesMax = 1e6) => {
    const next = cursor.take(bytesMax, 0);
    if (next === null || next === "read") return next;
    const pdus = decoder.decode(next.bytes).trimEnd().split("\n").map((line) => JSON.parse(line));
    return pdus.map(({ type, offset }) => type === "CHAT_PRESENCE" ? "presence" : offset).join() +
      (next.more ? " +" : "");
  };
  return { reader, cursor, presence, take };
}

Deno.test("a cursor: has nothing before it started; then who is there, what follows, and nothing more", () => {
  const { cursor, take } = setUp(3, 1);
  assert.deepEqual([cursor.hasNews, take()], [false, null]);
  cursor.start(1);
  assert.equal(cursor.hasNews, true);
  assert.deepEqual([take(), take(), take()], ["presence +", "2,3", null]);
  assert.equal(cursor.hasNews, false);
});

Deno.test("a cursor: as much at once as is wanted, and it says whether there is more", () => {
  const { cursor, take } = setUp(3, 1);
  cursor.start(0);
  take();
  assert.deepEqual([take(26), cursor.hasNews, take(26), cursor.hasNews], ["1,2 +", true, "3", false]);
});

Deno.test("a cursor: at the end of the room it is told of presence alone, each change once", () => {
  const { cursor, presence, take } = setUp(3, 1);
  cursor.start(3);
  assert.deepEqual([take(), take()], ["presence", null]);
  presence.enter("b", "Bob");
  assert.equal(cursor.hasNews, false, "gathered, not yet a version");
  presence.flush(0);
  assert.equal(cursor.hasNews, true);
  assert.deepEqual([take(), take()], ["presence", null]);
});

Deno.test("a cursor: chat/0 hears nothing of presence", () => {
  const { cursor, presence, take } = setUp(2, 1, "chat/0");
  cursor.start(0);
  presence.flush(0);
  assert.deepEqual([take(), take()], ["1,2", null]);
  presence.flush(0);
  assert.equal(take(), null);
  assert.equal(cursor.hasNews, false);
});

Deno.test("a cursor: behind the tail it needs a page, reads it to its end, then goes on from the tail", () => {
  const { cursor, take } = setUp(6, 5);
  cursor.start(1);
  take();
  assert.equal(take(), "read");
  cursor.isReading = true;
  assert.deepEqual([cursor.hasNews, take()], [false, null]);
  cursor.give(Lines.of([event(2), event(3)]));
  assert.equal(cursor.hasNews, true);
  assert.deepEqual([take(1), take(1), take()], ["2 +", "3 +", "read"]);
  cursor.give(Lines.of([event(4), event(5)]));
  assert.deepEqual([take(), take(), take()], ["4,5 +", "6", null]);
});

Deno.test("a cursor: a page that is not where it stands is of no use", () => {
  const { cursor, take } = setUp(9, 9);
  cursor.start(4);
  take();
  for (const page of [[event(6), event(7)], [event(3), event(4)]]) {
    cursor.isReading = true;
    cursor.give(Lines.of(page));
    assert.equal(cursor.isReading, false);
    assert.equal(take(), "read");
  }
  cursor.give(Lines.of([event(4), event(5), event(6)]));
  assert.equal(take(), "5,6 +", "one that holds it is");
});

Deno.test("a cursor: that starts again elsewhere forgets the page that it had, and is told who is there", () => {
  const { cursor, take } = setUp(6, 5);
  cursor.start(1);
  take();
  cursor.give(Lines.of([event(2), event(3), event(4)]));
  take(1);
  cursor.isReading = true;
  cursor.start(2);
  assert.deepEqual([take(), take()], ["presence +", "read"]);
  cursor.start(4);
  assert.deepEqual([take(), take()], ["presence +", "5,6"]);
});

Deno.test("a reader: what it may be sent is its window less what it did not confirm", () => {
  const { reader } = setUp(0, 1);
  assert.equal(reader.creditBytes, Infinity);
  reader.windowBytes = 100;
  reader.sentBytes = 70;
  reader.confirmedBytes = 50;
  assert.equal(reader.creditBytes, 80);
});

Deno.test("a reader: a cursor waits for its turn once", () => {
  const { reader, cursor } = setUp(0, 1);
  reader.queue(cursor);
  reader.queue(cursor);
  assert.deepEqual([reader.pending.length, cursor.isPending], [1, true]);
});
