import assert from "node:assert/strict";
import { backdateMs, dueOf, nextBeginsOf, planOf, type Validity } from "./certificate-plan.ts";

const dayMs = 86_400_000;
const startMs = Date.UTC(2026, 10, 22);

function from(notBeforeMs: number): Validity {
  return { notBeforeMs, notAfterMs: notBeforeMs + 13 * dayMs };
}
const current = from(startMs - backdateMs);
const next = from(nextBeginsOf(current));

Deno.test("both are kept until the current one has four days left, then the next takes over", () => {
  const dueMs = dueOf(current);
  assert.equal(current.notAfterMs - dueMs, 4 * dayMs);
  for (const nowMs of [startMs, startMs + 5 * dayMs, dueMs - 1]) {
    assert.deepEqual(planOf(current, next, nowMs), { current: "keep", next: "keep" });
  }
  for (const nowMs of [dueMs, dueMs + 3 * dayMs, current.notAfterMs + dayMs]) {
    assert.deepEqual(planOf(current, next, nowMs), { current: "promote next", next: "make" });
  }
});

Deno.test("at the handover the next one is valid already, also for a clock that is behind", () => {
  assert.equal(next.notBeforeMs, dueOf(current) - backdateMs);
  assert.ok(dueOf(next) > dueOf(current) + 8 * dayMs);
});

Deno.test("what is missing is made", () => {
  assert.deepEqual(planOf(null, null, startMs), { current: "make", next: "make" });
  assert.deepEqual(planOf(current, null, startMs), { current: "keep", next: "make" });
  assert.deepEqual(planOf(null, current, startMs), { current: "promote next", next: "make" });
});

Deno.test("off for a month: both ended, both are made", () => {
  assert.deepEqual(planOf(current, next, startMs + 31 * dayMs), { current: "make", next: "make" });
});

Deno.test("a clock set back to before both began: both are made; a little back: both serve on", () => {
  assert.deepEqual(planOf(current, next, startMs - 400 * dayMs), { current: "make", next: "make" });
  assert.deepEqual(planOf(current, next, startMs - backdateMs / 2), { current: "keep", next: "keep" });
});

Deno.test("a next one that does not follow the current one is made anew", () => {
  assert.deepEqual(planOf(current, current, startMs), { current: "keep", next: "make" });
  assert.deepEqual(planOf(current, from(dueOf(current) + dayMs), startMs), { current: "keep", next: "make" });
});

Deno.test("walking through a year in steps of any size, there is always a serving certificate", () => {
  for (const stepMs of [3_600_000, dayMs, 7.3 * dayMs, 20 * dayMs]) {
    let now = startMs;
    let [one, two] = [from(now - backdateMs), from(nextBeginsOf(from(now - backdateMs)))];
    let published = two;
    for (; now < startMs + 365 * dayMs; now += stepMs) {
      const plan = planOf(one, two, now);
      if (plan.current === "promote next") {
        assert.equal(two, published);
        one = two;
      }
      if (plan.current === "make") one = from(now - backdateMs);
      if (plan.next === "make") published = two = from(nextBeginsOf(one));
      assert.ok(one.notBeforeMs <= now && now < one.notAfterMs - 4 * dayMs + 1);
      assert.deepEqual(planOf(one, two, now), { current: "keep", next: "keep" });
    }
  }
});
