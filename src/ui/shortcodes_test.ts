import assert from "node:assert/strict";
import { withEmoji } from "./shortcodes.ts";

Deno.test("known shortcodes become emoji, outside of code", () => {
  assert.equal(withEmoji("done :tada: :+1:"), "done 🎉 👍");
  assert.equal(withEmoji("`:tada:` and :tada:"), "`:tada:` and 🎉");
  assert.equal(withEmoji("```\n:tada:\n``` :x:"), "```\n:tada:\n``` ❌");
  assert.equal(withEmoji("```\n:tada: never closed"), "```\n:tada: never closed");
  for (const text of [":no_such:", "12:30:45", ":constructor:", "a:b", "::"]) {
    assert.equal(withEmoji(text), text);
  }
});
