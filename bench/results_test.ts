import assert from "node:assert/strict";
import { type Measured, medianOf, reasonOf } from "./results.ts";

function round(ms: number | null, fault: string | null = null): Measured {
  return { figures: { ms }, fault };
}

Deno.test("of each figure the median is shown, by value and not by its digits", () => {
  assert.deepEqual(medianOf([round(10), round(9), round(100)]), round(10));
});

Deno.test("of an even number of rounds the lower of the middle ones counts, which was measured", () => {
  assert.deepEqual(medianOf([round(4), round(1), round(3), round(2)]), round(2));
});

Deno.test("rounds without a figure don't count for it, and none at all is none", () => {
  assert.deepEqual(medianOf([round(null), round(5), { figures: {}, fault: null }]), round(5));
  assert.deepEqual(medianOf([round(null)]), round(null));
});

Deno.test("a fault of any round is a fault", () => {
  assert.deepEqual(medianOf([round(1), round(2, "lost one"), round(3)]), round(2, "lost one"));
});

Deno.test("what ended a measurement is one line, without the paths of this machine", () => {
  const thrown =
    "a program ended\nerror: Uncaught (in promise) Error: member 4 was thrown out\n    at file:///here";
  assert.equal(reasonOf(new Error(thrown)), "member 4 was thrown out");
  assert.equal(reasonOf(new Error("no such program\nin /here")), "no such program");
  assert.equal(reasonOf("gone"), "gone");
});
