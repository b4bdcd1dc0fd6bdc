import assert from "node:assert/strict";
import { Pace } from "./pace.ts";

Deno.test("a burst goes through, a flood is read at the pace, a rest gives the burst back", () => {
  const pace = new Pace({ perSecond: 1_000, burst: 100 }, 0);
  assert.equal(pace.restMs(100, 0, 0), 0);
  assert.equal(pace.restMs(50, 0, 0), 50);
  assert.equal(pace.restMs(10, 0, 50), 10);
  assert.equal(pace.restMs(10, 0, 60), 10);
  assert.equal(pace.restMs(100, 0, 10_000), 0);
  assert.equal(pace.restMs(1, 0, 10_000), 1);
});

Deno.test("bytes cost as well, and a clock that stands still or goes back gives nothing", () => {
  const pace = new Pace({ perSecond: 1_000, burst: 10 }, 1_000);
  assert.equal(pace.restMs(0, 10_240, 1_000), 0);
  assert.equal(pace.restMs(0, 2_048, 500), 2);
});
