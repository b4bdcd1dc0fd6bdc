import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { authorOf } from "./author.ts";

Deno.test("authorOf: the first 12 bytes of SHA-256 over the device's digits, as another library says", () => {
  for (const device of ["0".repeat(32), "0123456789abcdef0123456789abcdef", "f".repeat(32)]) {
    assert.equal(authorOf(device), createHash("sha256").update(device, "ascii").digest("hex").slice(0, 24));
  }
});

Deno.test("authorOf: a known value, for clients in other languages", () => {
  assert.equal(authorOf("00112233445566778899aabbccddeeff"), "5947d7c33d783f94b3b4c1a9");
});
