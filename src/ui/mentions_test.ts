import assert from "node:assert/strict";
import { mentions } from "./mentions.ts";

Deno.test("a mention is the whole name, in any case, and the longest one", () => {
  for (const text of ["@Ada", "hi @ada!", "(@ADA)", "@bea @ada", "@Ada's"]) {
    assert.ok(mentions(text, "Ada"), text);
  }
  for (const text of ["Ada", "@Adam", "x@ada", "@", "@ad", ""]) assert.ok(!mentions(text, "Ada"), text);
  assert.ok(mentions("ask @Ada Lovelace.", "Ada Lovelace", ["Ada"]));
  assert.ok(!mentions("ask @Ada Lovelace.", "Ada", ["Ada Lovelace"]));
  assert.ok(mentions("@Ada Lovelace and @Ada", "Ada", ["Ada Lovelace"]));
  assert.ok(mentions("@Zoë", "zoë"));
});
