import assert from "node:assert/strict";
import { AHEAD_MS_MAX, HybridClock } from "./hybrid-clock.ts";

Deno.test("an event is dated after all that was seen, though one's clock is behind, and rises", () => {
  const clock = new HybridClock(0);
  assert.equal(clock.next(1_000.4), 1_000);
  assert.equal(clock.next(1_000), 1_001);
  clock.saw(5_000, 1_000);
  assert.equal(clock.next(1_000), 5_001);
  assert.equal(clock.next(900), 5_002, "also when one's clock is set back");
});

Deno.test("a clock a year ahead is not followed, and leaves nothing behind when it is set right", () => {
  const year = 31_536_000_000;
  const clock = new HybridClock(0);
  clock.saw(1_000 + year, 1_000);
  assert.equal(clock.next(1_000), 1_000);
  clock.saw(1_000 + AHEAD_MS_MAX, 1_000);
  assert.equal(clock.next(1_000), 1_001 + AHEAD_MS_MAX);
  const ours = new HybridClock(0);
  assert.equal(ours.next(1_000 + year), 1_000 + year);
  assert.equal(ours.next(1_000), 1_000);
});
