import assert from "node:assert/strict";
import { markHits } from "./hits.ts";

function shown(text: string, query: string): string {
  return markHits(text, query).map((part) => part.hit ? `[${part.text}]` : part.text).join("");
}

Deno.test("hits: marks what was looked for and loses nothing of the text", () => {
  assert.equal(shown("Café, cafeteria and decaf", "cafe"), "[Café], [cafe]teria and decaf");
  assert.equal(shown("Good morning. Morning, good!", '"good morning" now'), "[Good morning]. Morning, good!");
  assert.equal(shown("…東京都庁…", "京都"), "…東[京都]庁…");
  assert.equal(shown("nothing here", "?"), "nothing here");
  assert.deepEqual(markHits("", "x"), []);
  const text = "𝒶 \ud800 <b>x</b> e\u0301 \u202e";
  assert.equal(markHits(text, "x e").map((part) => part.text).join(""), text);
});
