import assert from "node:assert/strict";
import { join } from "./joined.ts";

const chunk = (text: string) => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

Deno.test("joined: chunks in their order", () => {
  assert.equal(textOf(join([chunk("a"), chunk(""), chunk("bcd")])), "abcd");
  assert.equal(textOf(join([chunk("e")])), "e");
});

Deno.test("joined: who is given the very same chunks shares the result", () => {
  const [a, b, c] = [chunk("a"), chunk("b"), chunk("c")];
  const first = join([a, b]);
  assert.equal(join([a, b]), first);
  for (const other of [[b, a], [a], [a, c], [a, b, c], [a, chunk("b")]]) {
    const joined = join(other);
    assert.notEqual(joined, first);
    assert.equal(textOf(joined), other.map(textOf).join(""));
    assert.equal(textOf(join([a, b])), "ab");
  }
});

Deno.test("joined: whoever goes on using the list changes nothing", () => {
  const [a, b, c] = [chunk("a"), chunk("b"), chunk("c")];
  const list = [a, b];
  join(list);
  list[1] = c;
  assert.equal(textOf(join([a, c])), "ac");
});
