import assert from "node:assert/strict";
import { folded, hitsIn, piecesOf, wordsOf } from "./search-text.ts";

Deno.test("folding: case, accents, width and the ways of writing one character make no difference", () => {
  const same: readonly (readonly [string, string])[] = [
    ["Grüße ÀÉÎ", "gruße aei"],
    ["e\u0301te\u0301", "ete"],
    ["ＱＵＩＣ　１２", "quic 12"],
    ["ｶﾞｷﾞ", "ガギ"],
    ["ΟΔΟΣ οδός", "οδοσ οδοσ"],
    ["\u1112\u1161\u11ab\u1100\u1173\u11af", "한글"],
    ["İstanbul", "istanbul"],
    ["שָׁלוֹם", "שלום"],
    ["مُحَمَّد", "محمد"],
    ["❤\ufe0f", "❤"],
  ];
  for (const [written, kept] of same) assert.equal(folded(written), kept);
});

Deno.test("folding: marks that make another word stay", () => {
  for (const [one, other] of [["か", "が"], ["は", "ぱ"], ["कि", "कु"], ["ดี", "ดู"]] as const) {
    assert.notEqual(folded(one), folded(other));
  }
});

Deno.test("words: letters, digits and underscores, or one pictograph; nothing else", () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ["don't, C++ snake_case 3.14", ["don", "t", "c", "snake_case", "3", "14"]],
    ["party🎉🎉!", ["party", "🎉", "🎉"]],
    ["a\0b \ud800c\udc00 \u202ed", ["a", "b", "c", "d"]],
    ["iPhone版を買う", ["iphone", "版を買う"]],
    ["?!… -- \"'", []],
    ["𠮷野家", ["𠮷野家"]],
  ];
  for (const [text, words] of cases) assert.deepEqual(wordsOf(folded(text)), words, text);
});

Deno.test("a question: words, quotes of all kinds, and what is not closed yet", () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ["Good  morning", ["good*", "morning*"]],
    ['say "Good morning" now', ["say*", "good morning", "now*"]],
    ["“smart quotes”", ["smart quotes"]],
    ["«les guillemets»„deutsche“", ["les guillemets", "deutsche"]],
    ['"not clo', ["not clo*"]],
    ['a"b"c', ["a*", "b", "c*"]],
    ['""', [""]],
    ['"""', ["", "*"]],
  ];
  for (const [query, wanted] of cases) {
    assert.deepEqual(piecesOf(query).map(({ text, isBegun }) => text + (isBegun ? "*" : "")), wanted, query);
  }
});

/** The text with its hits in brackets. */
function marked(text: string, query: string): string {
  let all = "";
  let at = 0;
  for (const { start, end } of hitsIn(text, query)) {
    all += `${text.slice(at, start)}[${text.slice(start, end)}]`;
    at = end;
  }
  return all + text.slice(at);
}

Deno.test("hits: where the words are in the text as it was written", () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ["The other THEME", "the", "[The] other [THE]ME"],
    ["The other THEME", '"the"', "[The] other THEME"],
    ["Grüße aus Cafe\u0301s", "grusse cafe", "Grüße aus [Cafe\u0301]s"],
    ["good, morning goodmorning", '"good morning"', "[good, morning] goodmorning"],
    ["東京都庁へ", "京都", "東[京都]庁へ"],
    ["新しいiPhone版", "iphone版", "新しい[iPhone版]"],
    ["ﬁne ﬁg", "fi", "[ﬁ]ne [ﬁ]g"],
    ["a 🎉 b", "🎉", "a [🎉] b"],
    ["aaa aa a", "aa a", "[aa]a [aa] [a]"],
    ["nothing", "?!", "nothing"],
    ["x.y*z (a|b)", ".* (a|b)", "x.y*z ([a|b])"],
  ];
  for (const [text, query, wanted] of cases) assert.equal(marked(text, query), wanted, query);
});

Deno.test("hits: a text at its bound, of one word or made to be slow, takes no time to speak of", () => {
  const startMs = performance.now();
  for (const text of ["a".repeat(16_384), "a ".repeat(8_192), "\u0301".repeat(8_192), "東".repeat(5_400)]) {
    for (const query of ["a a a a a a b", '"a a a a a a b"', "東東東東東京", "b"]) hitsIn(text, query);
  }
  assert.ok(performance.now() - startMs < 5_000);
});
