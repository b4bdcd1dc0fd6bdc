/**
 * What a CHAT_SEARCH asks for, and where in a text that is: for the server, which finds it, and for the page, which
 * marks it. Pure.
 */

/** Scripts that put no spaces between words. Not global, so that it may be tested with. */
const UNSPACED_SCRIPTS = "\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Hangul}" +
  "\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}ー";
const UNSPACED = new RegExp(`^[${UNSPACED_SCRIPTS}]$`, "u");
const UNSPACED_RUNS = new RegExp(`[${UNSPACED_SCRIPTS}]+`, "gu");
/** Letters, digits and `_`, or one pictograph, which people look for as well. */
const WORDS = /\p{Extended_Pictographic}|[\p{L}\p{N}\p{M}_]+/gu;
const OF_A_WORD = /^[\p{L}\p{N}\p{M}_]$/u;
/** Marks that writers leave out or don't mind: accents, Hebrew and Arabic points, emoji selectors. The marks of other
 * scripts (Devanagari's vowels, the Japanese voiced mark) make another word. */
const ACCENTS =
  /[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20f0\ufe00-\ufe0f\ufe20-\ufe2f]+/g;
/** What is folded together: a character with its marks, a Korean syllable in parts. */
const CLUSTERS = /[\u1100-\u115f][\u1160-\u11a7]*[\u11a8-\u11ff]*|\P{M}\p{M}*|\p{M}+/gu;
const BEYOND_ASCII = /[^\0-\x7f]/;

/** Upper and lower case, wide and narrow, with and without accents are the same. */
export function folded(text: string): string {
  if (!BEYOND_ASCII.test(text)) return text.toLowerCase();
  // A sigma that ends a word looks different only there.
  return text.normalize("NFKD").replace(ACCENTS, "").normalize("NFC").toLowerCase().replaceAll("ς", "σ");
}

/** The words of a folded text. Each run without spaces is put through `split` and stands for itself. */
export function wordsOf(text: string, split: (run: string) => string = (run) => run): string[] {
  const spaced = BEYOND_ASCII.test(text) ? text.replace(UNSPACED_RUNS, (run) => ` ${split(run)} `) : text;
  return spaced.match(WORDS) ?? [];
}

export function isUnspaced(char: string): boolean {
  return UNSPACED.test(char);
}

/** A word of a question, or what stands in it between quotes. */
export interface Piece {
  /** Folded. */
  readonly text: string;
  /** Whether its last word may be longer in the text: not behind a closing quote. */
  readonly isBegun: boolean;
}

/** In the order of the question. Phones write other quotes than keyboards, a whole question is often not yet typed:
 * a quote that isn't closed holds all that follows. */
export function piecesOf(query: string): Piece[] {
  const plain = query.replace(/[“”„‟«»「」『』＂]/g, '"');
  return [...plain.matchAll(/"([^"]*)("?)|([^\s"]+)/g)].map(([, quoted, end, bare = ""]) => ({
    text: folded(quoted ?? bare),
    isBegun: quoted === undefined || end === "",
  }));
}

/** A part of a text, in UTF-16 units; `end` is not in it. */
export interface Hit {
  readonly start: number;
  readonly end: number;
}

/** Where in a text the words of a question are, in order; parts that lie in each other are one. */
export function hitsIn(text: string, query: string): Hit[] {
  const { low, places } = foldedWithPlaces(text);
  const hits = piecesOf(query).flatMap((piece) => hitsOf(low, piece))
    .map(({ start, end }) => ({ start: places[start] ?? 0, end: places[end] ?? text.length }))
    .sort((a, b) => a.start - b.start);
  const merged: Hit[] = [];
  for (const hit of hits) {
    const last = merged.at(-1);
    if (last !== undefined && hit.start <= last.end) {
      merged[merged.length - 1] = { start: last.start, end: Math.max(last.end, hit.end) };
    } else merged.push(hit);
  }
  return merged;
}

function hitsOf(low: string, piece: Piece): Hit[] {
  const pattern = patternOf(wordsOf(piece.text));
  const hits: Hit[] = [];
  if (pattern === null) return hits;
  for (let match = pattern.exec(low); match !== null; match = pattern.exec(low)) {
    const { index: start, 0: { length } } = match;
    const isWord = beginsWord(low, start) && (piece.isBegun || beginsWord(low, start + length));
    if (isWord) hits.push({ start, end: start + length });
    else pattern.lastIndex = start + 1;
  }
  return hits;
}

/** Words in a row, with whatever is no word between them. Null for none. */
function patternOf(words: readonly string[]): RegExp | null {
  const [first, ...more] = words;
  if (first === undefined) return null;
  const between = "[^\\p{L}\\p{N}\\p{M}_]";
  let before = first;
  const sources = more.map((word) => {
    const touches = !joins(before, word);
    before = word;
    return `${between}${touches ? "*" : "+"}${word}`;
  });
  // Words are letters, digits, marks, underscores and pictographs: nothing that means anything in a pattern.
  return new RegExp(first + sources.join(""), "gu");
}

/** Whether two neighbours would be one word if nothing stood between them. */
function joins(before: string, after: string): boolean {
  const [last = "", first = ""] = [[...before].at(-1), [...after][0]];
  return isSpacedLetter(last) && isSpacedLetter(first);
}

function beginsWord(low: string, at: number): boolean {
  if (at === 0 || at >= low.length) return true;
  return !joins(low.slice(Math.max(0, at - 2), at), low.slice(at, at + 2));
}

function isSpacedLetter(char: string): boolean {
  return OF_A_WORD.test(char) && !isUnspaced(char);
}

/** A folded text, and where each of its units, and its end, is in the text. */
function foldedWithPlaces(text: string): { readonly low: string; readonly places: readonly number[] } {
  let low = "";
  const places: number[] = [];
  for (const { 0: cluster, index } of text.matchAll(CLUSTERS)) {
    const part = folded(cluster);
    low += part;
    for (let unit = 0; unit < part.length; unit++) places.push(index);
  }
  places.push(text.length);
  return { low, places };
}
