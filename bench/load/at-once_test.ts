import assert from "node:assert/strict";
import { madeAtOnce } from "./at-once.ts";

Deno.test("the first is made alone, the others at once, and they are in order", async () => {
  const begun: number[] = [];
  const first = Promise.withResolvers<void>();
  const made = madeAtOnce(40, async (index) => {
    begun.push(index);
    if (index === 0) await first.promise;
    // The later ones are done before the earlier ones.
    for (let turn = 40; turn > index; turn--) await Promise.resolve();
    return index;
  });
  await Promise.resolve();
  assert.deepEqual(begun, [0]);
  first.resolve();
  assert.deepEqual(await made, Array.from({ length: 40 }, (_, index) => index));
  assert.deepEqual(await madeAtOnce(0, (index) => Promise.resolve(index)), []);
});

Deno.test("who can't come in is told of", async () => {
  await assert.rejects(
    madeAtOnce(3, (index) => index === 2 ? Promise.reject(new Error("no")) : Promise.resolve(1)),
    /no/,
  );
});
