import assert from "node:assert/strict";
import { excerpt, ftsExpression, indexedText, termsOf } from "./search-terms.ts";

Deno.test("search terms: a run without spaces is kept as pairs, and its last character", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["京", "京"],
    ["東京", "東京 京"],
    ["東京都庁", "東京 京都 都庁 庁"],
    ["iPhone版を買う", "iphone 版を を買 買う う"],
    ["𠮷野家 Ok", "𠮷野 野家 家 ok"],
    ["สวัสดี", "สว วั ัส สด ดี ี"],
    ["", ""],
    ["…!?", ""],
  ];
  for (const [text, kept] of cases) assert.equal(indexedText(text), kept, text);
});

Deno.test("search terms: what a question becomes", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["Good morning", 'text : "good" * AND text : "morning" *'],
    ['"Good morning"', 'text : "good morning"'],
    ['"Good mor', 'text : "good mor" *'],
    ["京", 'text : "京" *'],
    ["東京", 'text : "東京" *'],
    ["東京都", 'text : "東京 京都" *'],
    ['"東京都"', 'text : "東京 京都" *'],
    ["iphone版", 'text : "iphone 版" *'],
    // In the text, too, the run ends there.
    ["新版iphone", 'text : "新版 版 iphone" *'],
    ["京、京", 'text : "京 京" *'],
    ["don't", 'text : "don t" *'],
    [
      'AND OR NOT NEAR(a b) text:x -y ^z "*"',
      [
        'text : "and" * AND text : "or" * AND text : "not" * AND text : "near a" * AND text : "b" *',
        'text : "text x" * AND text : "y" * AND text : "z" *',
      ].join(" AND "),
    ],
    ["?! -- ''", ""],
    ['"" "', ""],
    ["a\0b", 'text : "a b" *'],
    ["\ud83dx", 'text : "x" *'],
  ];
  for (const [query, wanted] of cases) assert.equal(ftsExpression(termsOf(query)), wanted, query);
});

Deno.test("search terms: sixteen words of a question count", () => {
  assert.equal(termsOf("a ".repeat(100)).length, 16);
});

Deno.test("excerpt: a short text is whole; of a long one the part around the first hit, without half characters", () => {
  assert.equal(excerpt("a short text", "text"), "a short text");
  const long = `${"🎈".repeat(300)} Needle ${"🎈".repeat(300)}`;
  const part = excerpt(long, "needle");
  assert.match(part, /^…(🎈)+ Needle (🎈)+…$/u);
  assert.ok(part.isWellFormed() && part.length <= 243, part);
  assert.match(excerpt(`${"x ".repeat(500)}Éte`, "ete"), /^… ?(x )+Éte$/);
  assert.match(excerpt(`Start ${"x ".repeat(500)}`, "start"), /^Start (x )+x?…$/);
  assert.match(excerpt("y ".repeat(500), "?"), /^(y )+…$/);
});
