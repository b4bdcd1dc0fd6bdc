import assert from "node:assert/strict";
import { CLASSIC, type ClassicEffect, ClassicOutbox } from "./classic-outbox.ts";

/** So many messages said at 0, and what that made the outbox do. */
function said(count: number) {
  const outbox = new ClassicOutbox();
  const effects = Array.from({ length: count }, (_, at) => add(outbox, at + 1, 0)).flat();
  return { outbox, effects };
}

function add(outbox: ClassicOutbox, seq: number, nowMs: number): ClassicEffect[] {
  return outbox.add({ type: "CHAT_MESSAGE", seq, ts: 0, sender: "Ann", text: `m${seq}` }, nowMs);
}

/** "send 1" for each effect. */
function words(effects: readonly ClassicEffect[]): string[] {
  return effects.map((effect) => `${effect.do} ${effect.do === "send" ? effect.pdu.seq : effect.seq}`);
}

Deno.test("chat/0: a message is sent at once, and gone with its receipt", () => {
  const { outbox, effects } = said(1);
  assert.deepEqual(words(effects), ["send 1"]);
  assert.equal(outbox.isEmpty, false);
  assert.deepEqual(words(outbox.receipt(1, 10)), ["stored 1"]);
  assert.equal(outbox.isEmpty, true);
  assert.equal(outbox.deadlineMs(), null);
  assert.deepEqual(outbox.receipt(1, 20), [], "a second receipt is nothing new");
});

Deno.test("chat/0: 64 are under way, the next waits for a receipt", () => {
  const { outbox, effects } = said(CLASSIC.windowMessages + 2);
  assert.equal(effects.length, 64);
  assert.equal(outbox.deadlineMs(), 1_000);
  assert.equal(outbox.tick(1_500).length, 64);
  assert.equal(outbox.deadlineMs(), 2_500, "what waits has no deadline");
  assert.deepEqual(words(outbox.receipt(3, 1_600)), ["stored 3", "send 65"]);
  assert.deepEqual(words(outbox.receipt(66, 10)), ["stored 66"], "one that was not sent frees no place");
  assert.deepEqual(words(add(outbox, 67, 20)), []);
  assert.deepEqual(words(outbox.receipt(1, 30)), ["stored 1", "send 67"]);
});

Deno.test("chat/0: without a receipt it is said again each second, three times, then given up", () => {
  const { outbox } = said(1);
  for (const atMs of [1_000, 2_000, 3_000]) {
    assert.equal(outbox.deadlineMs(), atMs);
    assert.deepEqual(outbox.tick(atMs - 1), []);
    assert.deepEqual(words(outbox.tick(atMs)), ["send 1"]);
  }
  assert.deepEqual(outbox.tick(3_999), []);
  assert.deepEqual(words(outbox.tick(4_000)), ["gave-up 1"]);
  assert.equal(outbox.isEmpty, true);
});

Deno.test("chat/0: what is given up makes place for what waits", () => {
  const { outbox } = said(CLASSIC.windowMessages + 1);
  for (const atMs of [1_000, 2_000, 3_000]) assert.equal(outbox.tick(atMs).length, 64);
  assert.deepEqual(words(outbox.tick(4_000)).slice(-2), ["gave-up 64", "send 65"]);
});

Deno.test("chat/0: the next deadline is the oldest one's, wherever it stands", () => {
  const { outbox } = said(2);
  assert.deepEqual(words(outbox.tick(1_000)), ["send 1", "send 2"]);
  add(outbox, 3, 1_400);
  assert.equal(outbox.deadlineMs(), 2_000);
  outbox.receipt(1, 1_500);
  outbox.receipt(2, 1_500);
  assert.equal(outbox.deadlineMs(), 2_400);

  const late = said(1).outbox;
  add(late, 2, 500);
  late.tick(1_000);
  assert.equal(late.deadlineMs(), 1_500, "the second, since the first was said again");
});

Deno.test("chat/0: a 409 means the oldest that was said twice, unless it says which", () => {
  const { outbox } = said(3);
  assert.deepEqual(outbox.duplicate(undefined, 10), [], "none was");
  outbox.tick(1_000);
  add(outbox, 4, 1_000);
  assert.deepEqual(words(outbox.duplicate(undefined, 1_010)), ["stored 1"]);
  assert.deepEqual(words(outbox.duplicate(3, 1_010)), ["stored 3"]);
  assert.deepEqual(outbox.duplicate(4, 1_010), [], "said once");
  assert.deepEqual(outbox.duplicate(9, 1_010), []);
});
