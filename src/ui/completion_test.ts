import assert from "node:assert/strict";
import { completionAt } from "./completion.ts";

const names = { people: ["Ada", "Adam", "Bea", "Ann Lee"], rooms: ["lobby", "kitchen"] };
const labels = (text: string, caret = text.length) =>
  completionAt(text, caret, names)?.items.map(({ label }) => label) ?? null;

Deno.test("people, rooms and emoji, by the word before the caret", () => {
  assert.deepEqual(labels("hello @ad"), ["Ada", "Adam"]);
  assert.deepEqual(labels("@"), ["Ada", "Adam", "Bea", "Ann Lee"]);
  assert.deepEqual(labels("(@lee"), ["Ann Lee"]);
  assert.deepEqual(labels("see #kit"), ["#kitchen"]);
  assert.deepEqual(labels(":tad"), ["🎉 :tada:"]);
  assert.deepEqual(labels("@ad and more", 3), ["Ada", "Adam"]);
  for (const text of ["mail@ad", "@zzz", "12:3", ":t", "", "#", "@ad "]) {
    if (text !== "#") assert.equal(labels(text), null, text);
  }
  const completion = completionAt("hi @ad", 6, names);
  assert.deepEqual([completion?.from, completion?.to, completion?.items[0]?.insert], [3, 6, "@Ada "]);
});
