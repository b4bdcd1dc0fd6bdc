import assert from "node:assert/strict";
import { Holds } from "./holds.ts";

Deno.test("holds: what was numbered later waits, what was numbered earlier and the refused one itself don't", () => {
  const holds = new Holds();
  assert.equal(holds.before(9, 0), null);
  holds.add(5, "too-fast", 0);
  assert.deepEqual(holds.before(6, 0), { seq: 5, failure: "too-fast" });
  assert.equal(holds.before(5, 0), null);
  assert.equal(holds.before(4, 0), null);
  holds.release(5);
  assert.equal(holds.before(6, 0), null);
});

Deno.test("holds: for 30 s from the first refusal, with its reason; then it is given up", () => {
  const holds = new Holds();
  holds.add(5, "not-stored", 1_000);
  holds.add(5, "too-fast", 20_000);
  assert.deepEqual(holds.before(6, 30_999), { seq: 5, failure: "not-stored" });
  assert.equal(holds.before(6, 31_000), null);
  assert.equal(holds.before(6, 1_000), null, "for good");
});
