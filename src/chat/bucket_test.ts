import assert from "node:assert/strict";
import { TokenBucket } from "./bucket.ts";

const RATE = { perSecond: 10, burst: 3 };

/** One that has just been emptied, at 1,000 ms. */
function empty(): TokenBucket {
  const bucket = new TokenBucket(RATE, 1_000);
  assert.deepEqual([1, 1, 1].map((cost) => bucket.take(cost, 1_000)), [0, 0, 0]);
  return bucket;
}

Deno.test("a bucket: after its burst it tells how long to wait, and that long is enough and no less", () => {
  assert.equal(empty().take(1, 1_000), 100);
  assert.equal(empty().take(2, 1_000), 200);
  assert.notEqual(empty().take(1, 1_099), 0);
  assert.equal(empty().take(1, 1_100), 0);
  const bucket = empty();
  assert.equal(bucket.take(1, 1_060), 40, "what came back meanwhile counts");
  assert.equal(bucket.take(1, 1_100), 0, "and what was refused took nothing");
});

Deno.test("a bucket: a wait is a whole millisecond at least", () => {
  const bucket = new TokenBucket({ perSecond: 1e6, burst: 1 }, 0);
  assert.equal(bucket.take(1, 0), 0);
  assert.equal(bucket.take(1, 0), 1);
});

Deno.test("a bucket: however long it rested it holds no more than its burst", () => {
  const bucket = empty();
  assert.deepEqual([1, 1, 1].map((cost) => bucket.take(cost, 99_000)), [0, 0, 0]);
  assert.equal(bucket.take(1, 99_000), 100);
});

Deno.test("a bucket: a clock that is set back gives nothing and takes nothing", () => {
  const bucket = empty();
  assert.equal(bucket.take(1, 0), 100);
  assert.equal(bucket.take(1, 100), 0);
});
