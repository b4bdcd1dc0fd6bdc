import assert from "node:assert/strict";
import fc from "fast-check";
import { startOf, type Wanted } from "./position.ts";

const cases: [string, Wanted, number, ReturnType<typeof startOf>][] = [
  ["names nothing: live from the head", {}, 10, { after: 10, result: "complete" }],
  ["names nothing in an empty room", {}, 0, { after: 0, result: "complete" }],
  ["wants the newest 3", { last: 3 }, 10, { after: 7, result: "complete" }],
  ["wants more than there is", { last: 50 }, 10, { after: 0, result: "complete" }],
  ["wants the newest none", { last: 0 }, 10, { after: 10, result: "complete" }],
  ["names an epoch alone: nothing to forget", { epoch: "old", last: 3 }, 10, {
    after: 7,
    result: "complete",
  }],
  ["everything from the first", { offset: 0 }, 10, { after: 0, result: "complete" }],
  ["goes on in the same epoch", { epoch: "now", offset: 4 }, 10, { after: 4, result: "complete" }],
  ["goes on without naming the epoch", { offset: 4 }, 10, { after: 4, result: "complete" }],
  ["has everything", { epoch: "now", offset: 10 }, 10, { after: 10, result: "complete" }],
  ["another epoch: forget, everything again", { epoch: "old", offset: 4 }, 10, {
    after: 0,
    result: "reset",
  }],
  ["another epoch, wants the newest 3", { epoch: "old", offset: 4, last: 3 }, 10, {
    after: 7,
    result: "reset",
  }],
  ["another epoch, at the very head", { epoch: "old", offset: 10 }, 10, { after: 0, result: "reset" }],
  ["another epoch, from the first", { epoch: "old", offset: 0, last: 3 }, 10, { after: 7, result: "reset" }],
  ["is ahead of the log", { epoch: "now", offset: 11 }, 10, { after: 0, result: "reset" }],
  ["is ahead of an emptied log", { offset: 5, last: 3 }, 0, { after: 0, result: "reset" }],
  ["missed exactly as many as it wants", { epoch: "now", offset: 7, last: 3 }, 10, {
    after: 7,
    result: "complete",
  }],
  ["missed one more than it wants", { epoch: "now", offset: 6, last: 3 }, 10, { after: 7, result: "reset" }],
  ["has everything, wants none", { offset: 10, last: 0 }, 10, { after: 10, result: "complete" }],
  ["missed one, wants none", { offset: 9, last: 0 }, 10, { after: 10, result: "reset" }],
];

for (const [who, wanted, head, start] of cases) {
  Deno.test(`startOf: a reader that ${who}`, () => assert.deepEqual(startOf(wanted, "now", head), start));
}

Deno.test("startOf: whoever is told `complete` misses nothing, and nobody starts outside the log", () => {
  const count = fc.integer({ min: 0, max: 30 });
  const wanted = fc.record({ epoch: fc.constantFrom("now", "old"), offset: count, last: count }, {
    requiredKeys: [],
  });
  fc.assert(
    fc.property(wanted, count, (wanted, head) => {
      const { after, result } = startOf(wanted, "now", head);
      assert(after >= 0 && after <= head);
      if (wanted.last !== undefined) assert(head - after <= wanted.last);
      if (result === "complete" && wanted.offset !== undefined) {
        assert.equal(after, wanted.offset);
        assert.notEqual(wanted.epoch, "old");
      }
      // Forgetting is asked only of a reader that has something to go wrong with.
      if (result === "reset") assert.notEqual(wanted.offset, undefined);
    }),
    { seed: 5, numRuns: 2_000 },
  );
});
