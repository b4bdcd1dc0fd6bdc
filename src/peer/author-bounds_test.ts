import assert from "node:assert/strict";
import { AuthorBounds, costOf } from "./author-bounds.ts";

const ANN = "a".repeat(64);

/** Ann has just made others keep all that she may at once. */
function afterBurst(): AuthorBounds {
  const bounds = new AuthorBounds();
  assert.equal(bounds.take(ANN, 10_000, 0), 0);
  return bounds;
}

Deno.test("author bounds: 10,000 at once, then 100 a second; others are not concerned", () => {
  const bounds = afterBurst();
  assert.equal(bounds.take(ANN, 300, 0), 3_000);
  assert.equal(bounds.take("b".repeat(64), 300, 0), 0);
  assert.equal(bounds.take(ANN, 300, 3_000), 0);
  assert.equal(bounds.take(ANN, 1, 3_000), 10);
});

Deno.test("author bounds: what follows what was refused costs nothing, and does not come before it", () => {
  const bounds = afterBurst();
  assert.equal(bounds.take(ANN, 300, 0), 3_000);
  assert.equal(bounds.take(ANN, 100, 1_500), 1_500, "there are tokens for it");
  assert.equal(bounds.take(ANN, 300, 3_000), 0);
});

Deno.test("author bounds: what is older than ten minutes costs a tenth", () => {
  const nowMs = 1_790_000_000_000;
  assert.equal(costOf(nowMs - 600_000, nowMs), 1);
  assert.equal(costOf(nowMs - 600_001, nowMs), 0.1);
});
