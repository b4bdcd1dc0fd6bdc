import assert from "node:assert/strict";
import { Typing } from "./typing.ts";

const ANN = "a".repeat(24);
const BOB = "b".repeat(24);

Deno.test("typing: is told at once, and again only after 2.5 s", () => {
  const typing = new Typing();
  assert.equal(typing.isAnyone, false);
  assert.equal(typing.starts(ANN, "Ann", 1_000), true);
  assert.equal(typing.isAnyone, true);
  assert.equal(typing.starts(ANN, "Ann", 3_499), false);
  assert.equal(typing.starts(BOB, "Bob", 3_499), true, "each for themselves");
  assert.equal(typing.starts(ANN, "Ann", 3_500), true);
  assert.equal(typing.starts(ANN, "Ann", 5_999), false);
});

Deno.test("typing: holds 6 s from when it was said last", () => {
  const typing = new Typing();
  typing.starts(ANN, "Ann", 1_000);
  typing.starts(BOB, "Bob", 1_000);
  typing.starts(ANN, "Ann", 2_000);
  assert.deepEqual(typing.expire(6_999), []);
  assert.deepEqual(typing.expire(7_000), [{ author: BOB, name: "Bob" }]);
  assert.deepEqual(typing.expire(7_999), []);
  assert.deepEqual(typing.expire(8_000), [{ author: ANN, name: "Ann" }]);
  assert.equal(typing.isAnyone, false);
});

Deno.test("typing: who ends it is told once", () => {
  const typing = new Typing();
  typing.starts(ANN, "Ann", 1_000);
  assert.deepEqual([typing.ends(ANN), typing.ends(ANN)], [true, false]);
  assert.deepEqual(typing.expire(9_000), []);
});
