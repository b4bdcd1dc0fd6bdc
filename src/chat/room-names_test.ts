import assert from "node:assert/strict";
import fc from "fast-check";
import { byCodePoint, RoomNames } from "./room-names.ts";

Deno.test("names are ordered as the log orders them: by their bytes in UTF-8", () => {
  const encoder = new TextEncoder();
  const text = fc.string({ unit: "binary", maxLength: 6 });
  fc.assert(
    fc.property(text, text, (one, other) => {
      const bytes = (of: string) => encoder.encode(of).toHex();
      const wanted = bytes(one) === bytes(other) ? 0 : bytes(one) < bytes(other) ? -1 : 1;
      assert.equal(Math.sign(byCodePoint(one, other)), wanted);
    }),
    { seed: 21, numRuns: 5_000 },
  );
});

Deno.test("pages of names, always fresh where there are few", () => {
  const names = new RoomNames();
  for (const name of ["b", "d", "a", "c"]) names.add(name);
  assert.deepEqual(names.after("", 2, 0), ["a", "b"]);
  assert.deepEqual(names.after("b", 9, 0), ["c", "d"]);
  names.delete("c");
  names.add("bb");
  assert.deepEqual(names.after("b", 9, 0), ["bb", "d"]);
  assert.deepEqual(names.after("d", 9, 0), []);
});

// Mechanism: 200 sessions can open 50,000 rooms, and each CHAT_ROOMS then sorted them all anew: 100 ms, for 2 tokens.
Deno.test("very many names are sorted now and then, however often they change and are asked for", () => {
  const names = new RoomNames();
  for (let i = 0; i < 50_000; i++) names.add(`room ${i}`);
  assert.equal(names.after("", 1, 0)[0], "room 0");
  names.add("a newcomer");
  assert.equal(names.after("", 1, 500)[0], "room 0", "a moment old");
  assert.equal(names.after("", 1, 1_001)[0], "a newcomer");
});
