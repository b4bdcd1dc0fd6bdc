import assert from "node:assert/strict";
import { Tail, TailBudget } from "./tail.ts";

const KB = 1_024;
const decoder = new TextDecoder();

/** A line of so many bytes that begins with the event's offset. */
function line(offset: number, bytes: number): string {
  return `${offset} `.padEnd(bytes - 1, "x") + "\n";
}

/** Appends so many lines. */
function grow(tail: Tail, count: number, bytes: number): void {
  for (let at = 0; at < count; at++) tail.append(line(tail.next, bytes));
}

/** The offsets of what a slice holds. */
function offsets(tail: Tail, from: number, bytesMax = 1e9): number[] | null {
  const slice = tail.slice(from, bytesMax);
  if (slice === null) return null;
  const found = decoder.decode(slice.bytes).trimEnd().split("\n").map((each) => parseInt(each));
  assert.equal(slice.next, (found.at(-1) ?? 0) + 1);
  return found;
}

Deno.test("a tail: what follows an event, and nothing of what is not yet there", () => {
  const tail = new Tail(5, new TailBudget());
  assert.deepEqual([tail.first, tail.next, tail.slice(5, 100)], [5, 5, null]);
  grow(tail, 3, 10);
  assert.deepEqual([tail.first, tail.next], [5, 8]);
  assert.deepEqual(offsets(tail, 5), [5, 6, 7]);
  assert.deepEqual(offsets(tail, 6), [6, 7]);
  assert.deepEqual(offsets(tail, 5, 20), [5, 6]);
  assert.equal(tail.slice(8, 100), null);
  assert.equal(tail.slice(4, 100), null, "what was before is the log's to tell");
});

Deno.test("a tail: of a quiet room takes 2 KiB, and grows in pieces of at most 64 KiB", () => {
  const budget = new TailBudget();
  const tail = new Tail(1, budget);
  assert.equal(budget.bytes, 0);
  grow(tail, 4, KB / 2);
  assert.equal(budget.bytes, 2 * KB);
  grow(tail, 1, KB / 2);
  assert.equal(budget.bytes, (2 + 4) * KB);
  grow(tail, 800, KB / 2);
  assert.equal(budget.bytes, (2 + 4 + 8 + 16 + 32 + 6 * 64) * KB);
  for (let from = 1; from < tail.next;) {
    const got = offsets(tail, from) ?? [];
    assert.equal(got[0], from);
    from = (got.at(-1) ?? 0) + 1;
  }
});

Deno.test("a tail: a line longer than any piece has one of its own", () => {
  const budget = new TailBudget();
  const tail = new Tail(1, budget);
  tail.append("é".repeat(50_000));
  assert.equal(budget.bytes, 150_000);
  assert.equal(tail.slice(1, 1)?.bytes.length, 100_000);
});

Deno.test("a tail: keeps 2 MiB of a room, the newest", () => {
  const budget = new TailBudget();
  const tail = new Tail(1, budget);
  grow(tail, 4_000, KB);
  assert.ok(budget.bytes <= 2_048 * KB && budget.bytes > 1_900 * KB, `${budget.bytes} bytes`);
  assert.equal(tail.slice(1, 1), null);
  assert.equal(tail.slice(tail.first - 1, 1), null);
  assert.equal(offsets(tail, tail.first, 1)?.[0], tail.first);
  assert.ok(tail.next - tail.first >= 1_900, `${tail.next - tail.first} events`);
});

Deno.test("a tail: where all together are over the budget each that grows keeps its newest piece only", () => {
  const budget = new TailBudget(100 * KB);
  const [one, other] = [new Tail(1, budget), new Tail(1, budget)];
  grow(one, 90, KB);
  grow(other, 30, KB);
  assert.ok(other.next - other.first <= 16, "the piece that is being filled");
  assert.ok(other.slice(other.next - 1, 1) !== null);
  grow(one, 40, KB);
  assert.ok(one.first > 90, `from ${one.first} on`);
  assert.ok(budget.bytes <= (64 + 64 + 16) * KB, `${budget.bytes} bytes`);
});

Deno.test("a tail: that starts again gives its memory back", () => {
  const budget = new TailBudget();
  const [one, other] = [new Tail(1, budget), new Tail(1, budget)];
  grow(one, 10, KB);
  grow(other, 1, KB / 2);
  one.restart(50);
  assert.equal(budget.bytes, 2 * KB);
  assert.deepEqual([one.first, one.next, one.slice(1, 100)], [50, 50, null]);
  grow(one, 1, KB);
  assert.deepEqual(offsets(one, 50), [50]);
  one.restart(0);
  other.restart(0);
  assert.equal(budget.bytes, 0);
});
