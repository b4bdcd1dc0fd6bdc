import assert from "node:assert/strict";
import { VirtualClock } from "./clock.ts";
import { OUTBOX, Outbox, type OutboxEnd, type OutboxOptions } from "./outbox.ts";
import { StuckWatch } from "./stuck-watch.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (chunk: Uint8Array) => new TextDecoder().decode(chunk);

/** An outbox on a clock that stands still, with a network that takes writes when the test says so. */
function setUp(options: Partial<OutboxOptions> = {}) {
  const clock = new VirtualClock();
  const writes: Uint8Array[] = [];
  const writtenAtMs: number[] = [];
  const ends: OutboxEnd[] = [];
  let pending = Promise.withResolvers<void>();
  let hangs = false;
  const outbox = new Outbox({
    write(chunk) {
      writes.push(chunk);
      writtenAtMs.push(clock.nowMs());
      if (!hangs) return Promise.resolve();
      pending = Promise.withResolvers();
      return pending.promise;
    },
    onEnd: (end) => void ends.push(end),
    pacing: "gathered",
    clock,
    watch: new StuckWatch(clock, 1_000),
    limits: OUTBOX,
    ...options,
  });
  return {
    outbox,
    clock,
    writes,
    writtenAtMs,
    ends,
    texts: () => writes.map(text),
    hang: () => void (hangs = true),
    take() {
      hangs = false;
      pending.resolve();
    },
    fail: (says: string) => pending.reject(new Error(says)),
  };
}

Deno.test("what is pushed in one turn is one write, at the turn's end", async () => {
  const { outbox, clock, texts } = setUp();
  outbox.push(bytes("a"));
  outbox.push(bytes("b"));
  outbox.push(bytes("c"));
  assert.deepEqual(texts(), []);
  assert.equal(outbox.queuedBytes, 3);
  await clock.advance(0);
  assert.deepEqual(texts(), ["abc"]);
  assert.equal(outbox.queuedBytes, 0);
});

Deno.test("a lone chunk is handed on as it is, pushed or pulled", async () => {
  const { outbox, clock, writes } = setUp();
  const shared = bytes("for everyone");
  outbox.push(shared);
  await clock.advance(0);
  let given = 0;
  outbox.setSource(() => given++ === 0 ? shared : null);
  await clock.advance(0);
  assert.equal(writes.length, 2);
  assert.ok(writes.every((chunk) => chunk === shared));
});

Deno.test("the source is asked when nothing pushed is left, and again only when it says that it is ready", async () => {
  const { outbox, clock, texts } = setUp();
  const has = ["1", "2"];
  let asked = 0;
  outbox.setSource(() => {
    asked++;
    const next = has.shift();
    return next === undefined ? null : bytes(next);
  });
  outbox.push(bytes("pushed "));
  await clock.advance(0);
  assert.deepEqual(texts(), ["pushed 12"]);
  assert.equal(asked, 3);
  outbox.push(bytes("more"));
  await clock.advance(0);
  assert.equal(asked, 3);
  has.push("3");
  outbox.ready();
  outbox.ready();
  await clock.advance(0);
  assert.deepEqual(texts(), ["pushed 12", "more", "3"]);
});

Deno.test("one write is pending at a time, and what comes meanwhile goes together after it", async () => {
  const { outbox, clock, texts, hang, take } = setUp();
  hang();
  outbox.push(bytes("a"));
  await clock.advance(0);
  outbox.push(bytes("b"));
  await clock.advance(10);
  outbox.push(bytes("c"));
  outbox.ready();
  await clock.advance(10);
  assert.deepEqual(texts(), ["a"]);
  take();
  await clock.advance(0);
  assert.deepEqual(texts(), ["a", "bc"]);
});

Deno.test("a write takes at most its bound, a longer PDU alone, and nothing overtakes", async () => {
  const { outbox, clock, texts } = setUp({ limits: { ...OUTBOX, writeBytesMax: 5 } });
  const asked: number[] = [];
  const has = ["x".repeat(4), "yy"];
  outbox.setSource((bytesMax) => {
    asked.push(bytesMax);
    const next = has[0];
    if (next === undefined || next.length > bytesMax) return null;
    has.shift();
    return bytes(next);
  });
  for (const pdu of ["abc", "def", "0123456789", "g", "h"]) outbox.push(bytes(pdu));
  await clock.advance(0);
  assert.deepEqual(texts(), ["abc", "def", "0123456789", "gh", "xxxx", "yy"]);
  // Never for less than a PDU may need, so that its null can be believed.
  assert.deepEqual(asked, [5, 5, 5]);
});

Deno.test("a source that filled a write is asked again without being told", async () => {
  const { outbox, clock, writes } = setUp({ limits: { ...OUTBOX, writeBytesMax: 10 } });
  let left = 95;
  outbox.setSource((bytesMax) => {
    const length = Math.min(left, bytesMax);
    left -= length;
    return length > 0 ? new Uint8Array(length) : null;
  });
  await clock.advance(0);
  assert.deepEqual(writes.map((chunk) => chunk.length), [...Array(9).fill(10), 5]);
});

Deno.test("one link's catching up leaves the others their turn", async () => {
  const clock = new VirtualClock();
  const order: string[] = [];
  const make = (name: string) =>
    setUp({ clock, write: (chunk) => (order.push(`${name}${chunk.length}`), Promise.resolve()) }).outbox;
  let left = 3 * OUTBOX.writeBytesMax;
  const greedy = make("greedy");
  const modest = make("modest");
  greedy.setSource((bytesMax) => (left -= bytesMax) >= 0 ? new Uint8Array(bytesMax) : null);
  modest.push(bytes("me"));
  await clock.advance(0);
  assert.deepEqual(order.slice(0, 2), [`greedy${OUTBOX.writeBytesMax}`, "modest2"]);
});

Deno.test("it ends as full at the first byte too many, and holds nothing then", async () => {
  const { outbox, clock, ends, writes } = setUp({ limits: { ...OUTBOX, queueBytesMax: 10 } });
  outbox.push(new Uint8Array(10));
  assert.deepEqual(ends, []);
  outbox.push(new Uint8Array(1));
  assert.deepEqual(ends, [{ why: "full" }]);
  assert.equal(outbox.queuedBytes, 0);
  outbox.push(new Uint8Array(1));
  outbox.ready();
  await clock.advance(60_000);
  assert.equal(ends.length, 1);
  assert.equal(writes.length, 0);
});

Deno.test("the source's bytes don't count against the bound", async () => {
  const { outbox, clock, ends, hang } = setUp({ limits: { ...OUTBOX, queueBytesMax: 10 } });
  hang();
  outbox.setSource(() => new Uint8Array(1_000));
  await clock.advance(0);
  assert.equal(outbox.queuedBytes, 0);
  outbox.push(new Uint8Array(10));
  assert.deepEqual(ends, []);
  outbox.stop();
});

Deno.test("it ends as stuck when a write is pending for stuckMs, not before", async () => {
  const { outbox, clock, ends, hang } = setUp();
  hang();
  outbox.push(bytes("a"));
  await clock.advance(OUTBOX.stuckMs);
  assert.deepEqual(ends, []);
  // A round of the watch later.
  await clock.advance(1_000);
  assert.deepEqual(ends, [{ why: "stuck" }]);
  assert.equal(clock.nextDeadlineMs(), null);
});

Deno.test("slow but moving is not stuck", async () => {
  const { outbox, clock, ends, hang, take } = setUp();
  for (let round = 0; round < 10; round++) {
    hang();
    outbox.push(bytes("a"));
    await clock.advance(OUTBOX.stuckMs - 2_000);
    take();
    await clock.advance(0);
  }
  assert.deepEqual(ends, []);
  // Nothing is pending, so nothing can be stuck.
  await clock.advance(60_000);
  assert.deepEqual(ends, []);
  outbox.stop();
});

Deno.test("it ends as lost when the network refuses a write, now or later", async () => {
  const later = setUp();
  later.hang();
  later.outbox.push(bytes("a"));
  await later.clock.advance(0);
  later.fail("no route");
  await later.clock.advance(0);
  assert.deepEqual(later.ends, [{ why: "lost", says: "no route" }]);

  const now = setUp({
    write: () => {
      throw new Error("closed");
    },
  });
  now.outbox.push(bytes("a"));
  await now.clock.advance(0);
  assert.deepEqual(now.ends, [{ why: "lost", says: "closed" }]);
});

Deno.test("draining writes what was pushed, asks the source no more and calls back once", async () => {
  const { outbox, clock, texts, hang, take } = setUp();
  let drained = 0;
  hang();
  outbox.push(bytes("a"));
  await clock.advance(0);
  outbox.push(bytes("b"));
  outbox.setSource(() => bytes("never"));
  outbox.drain(() => drained++);
  outbox.push(bytes("too late"));
  await clock.advance(100);
  assert.equal(drained, 0);
  assert.deepEqual(texts(), ["a"]);
  take();
  await clock.advance(100);
  assert.deepEqual(texts(), ["a", "b"]);
  assert.equal(drained, 1);
  outbox.ready();
  outbox.drain(() => drained++);
  await clock.advance(100);
  assert.equal(drained, 1);
  outbox.stop();
});

Deno.test("one by one: each PDU is a write, with the gap after it, pushed before pulled", async () => {
  const { outbox, clock, texts, writtenAtMs, hang, take } = setUp({ pacing: "one-by-one" });
  const has = ["3", "4"];
  outbox.setSource((bytesMax) => {
    assert.equal(bytesMax, 1);
    const next = has.shift();
    return next === undefined ? null : bytes(next);
  });
  outbox.push(bytes("1"));
  outbox.push(bytes("2"));
  await clock.advance(100);
  assert.deepEqual(texts(), ["1", "2", "3", "4"]);
  assert.deepEqual(writtenAtMs, [0, 1, 2, 3].map((at) => at * OUTBOX.chat0GapMs));

  // The gap begins when the network has taken the write.
  hang();
  outbox.push(bytes("5"));
  outbox.push(bytes("6"));
  await clock.advance(500);
  take();
  await clock.advance(OUTBOX.chat0GapMs - 1);
  assert.deepEqual(texts().slice(4), ["5"]);
  await clock.advance(1);
  assert.deepEqual(texts().slice(4), ["5", "6"]);
  outbox.stop();
});

Deno.test("a stopped outbox leaves no timer behind", async () => {
  const { outbox, clock } = setUp({ pacing: "one-by-one" });
  outbox.push(bytes("1"));
  outbox.push(bytes("2"));
  await clock.advance(1);
  outbox.stop();
  outbox.stop();
  assert.equal(clock.nextDeadlineMs(), null);
});

Deno.test("draining writes in the same turn: a page that is closed gets no other", async () => {
  const { outbox, clock, texts, hang, take } = setUp();
  outbox.push(bytes("goodbye"));
  let drained = 0;
  hang();
  outbox.drain(() => drained++);
  assert.deepEqual(texts(), ["goodbye"]);
  await clock.advance(0);
  assert.deepEqual(texts(), ["goodbye"], "what was scheduled before finds nothing to do");
  take();
  await clock.advance(0);
  assert.equal(drained, 1);
});

Deno.test("what fits a write exactly goes with it", async () => {
  const { outbox, clock, texts } = setUp({ limits: { ...OUTBOX, writeBytesMax: 5 } });
  for (const pdu of ["abc", "de", "f"]) outbox.push(bytes(pdu));
  await clock.advance(0);
  assert.deepEqual(texts(), ["abcde", "f"]);
});

Deno.test("nothing is not written: an empty push, an empty gift of the source", async () => {
  const { outbox, clock, writes } = setUp();
  let asked = 0;
  outbox.push(new Uint8Array(0));
  outbox.setSource(() => (asked++, new Uint8Array(0)));
  await clock.advance(100);
  assert.deepEqual([writes.length, asked], [0, 1]);
});

Deno.test("one that never wrote is not stuck", async () => {
  const { outbox, clock, ends } = setUp();
  await clock.advance(60_000);
  assert.deepEqual(ends, []);
  outbox.stop();
});

Deno.test("draining one that has nothing to write calls back at the turn's end", async () => {
  const { outbox, clock } = setUp();
  let drained = 0;
  outbox.drain(() => drained++);
  assert.equal(drained, 0);
  await clock.advance(0);
  assert.equal(drained, 1);
  outbox.stop();
});

Deno.test("what becomes of a write after the outbox was stopped is nobody's business, and leaves no timer", async () => {
  const failing = setUp();
  failing.hang();
  failing.outbox.push(bytes("a"));
  await failing.clock.advance(0);
  failing.outbox.stop();
  failing.fail("too late");
  await failing.clock.advance(0);
  assert.deepEqual(failing.ends, []);

  const classic = setUp({ pacing: "one-by-one" });
  classic.hang();
  classic.outbox.push(bytes("1"));
  await classic.clock.advance(0);
  classic.outbox.stop();
  classic.take();
  await Promise.resolve();
  await Promise.resolve();
  assert.equal(classic.clock.nextDeadlineMs(), null);
});

Deno.test("many pushed PDUs keep their order over many writes", async () => {
  const { outbox, clock, texts } = setUp({ limits: { ...OUTBOX, writeBytesMax: 40 } });
  const pdus = Array.from({ length: 1_000 }, (_, at) => `${at};`);
  for (const pdu of pdus) outbox.push(bytes(pdu));
  await clock.advance(0);
  assert.equal(texts().join(""), pdus.join(""));
  assert.equal(outbox.queuedBytes, 0);
});
