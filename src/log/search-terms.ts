/**
 * How texts become words that an index keeps, and how a question becomes a question to it. Pure.
 *
 * Where words are not separated by spaces (Chinese, Japanese, Thai …) each pair of neighbouring characters is a
 * word, and the last character one by itself: so a search finds words of two characters, which the usual
 * three-character index does not, and one character by the beginning of a pair.
 */

/** As much of a text as is indexed: a page of it. Longer ones are found by their beginning. */
const INDEXED_CHARS_MAX = 16_384;
/** Words of one question; the rest is not looked at. */
const TERMS_MAX = 16;
/** About as much of a text as a result shows. */
const EXCERPT_CHARS = 240;
const EXCERPT_BEFORE_CHARS = 60;

const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}ー]+/gu;

/** Upper and lower case, wide and narrow, with and without accents are the same. */
function folded(text: string): string {
  return text.normalize("NFKD").replace(/\p{Mn}+/gu, "").normalize("NFC").toLowerCase();
}

/** A text as the words that the index keeps, separated by spaces. */
export function indexedText(text: string): string {
  return words(text.slice(0, INDEXED_CHARS_MAX)).join(" ");
}

function words(text: string): string[] {
  const spaced = folded(text).replace(UNSPACED, (run) => ` ${pairs(run).join(" ")} `);
  return spaced.match(/[\p{L}\p{N}\p{M}_]+/gu) ?? [];
}

function pairs(run: string): string[] {
  const chars = [...run];
  return chars.map((char, at) => char + (chars[at + 1] ?? ""));
}

/** One condition: these words, next to each other in this order, the last perhaps only begun. */
export interface Term {
  readonly words: readonly string[];
  readonly isBegun: boolean;
}

/** What a question asks for: all of these. None: nothing can be looked for. */
export function termsOf(query: string): readonly Term[] {
  const terms: Term[] = [];
  for (const [, quoted, word = ""] of query.matchAll(/"([^"]*)"?|([^\s"]+)/g)) {
    if (quoted !== undefined) {
      const said = asked(quoted);
      if (said.length > 0) terms.push({ words: said, isBegun: endsUnspaced(quoted) });
    } else {
      const said = asked(word);
      if (said.length > 0) terms.push({ words: said, isBegun: true });
    }
  }
  return terms.slice(0, TERMS_MAX);
}

/** The words of a part of the question. The last character of a run without spaces begins a pair in the text. */
function asked(text: string): string[] {
  const spaced = folded(text).replace(UNSPACED, (run) => {
    const all = pairs(run);
    return ` ${(all.length > 1 ? all.slice(0, -1) : all).join(" ")} `;
  });
  return spaced.match(/[\p{L}\p{N}\p{M}_]+/gu) ?? [];
}

function endsUnspaced(text: string): boolean {
  const last = [...text.trim()].at(-1) ?? "";
  return last.match(UNSPACED) !== null;
}

/** The same as an expression of FTS5 (sqlite.org/fts5.html, 3.1 to 3.5), on the column `text`. Words are letters,
 * digits and underscores only, so that nothing in them means anything to it. */
export function ftsExpression(terms: readonly Term[]): string {
  return terms.map(({ words, isBegun }) => `text : "${words.join(" ")}"${isBegun ? " *" : ""}`).join(" AND ");
}

/** The part of a text around the first word that was asked for. */
export function excerpt(text: string, query: string): string {
  if (text.length <= EXCERPT_CHARS) return text;
  const low = text.toLowerCase();
  const wanted = query.toLowerCase().split(/[\s"]+/).filter((word) => word !== "");
  const places = wanted.map((word) => low.indexOf(word)).filter((at) => at >= 0);
  const first = places.length === 0 ? 0 : Math.min(...places);
  const start = whole(text, Math.max(0, first - EXCERPT_BEFORE_CHARS));
  const end = whole(text, Math.min(text.length, start + EXCERPT_CHARS));
  return `${start > 0 ? "…" : ""}${text.slice(start, end)}${end < text.length ? "…" : ""}`;
}

/** Not in the middle of a character of two units. */
function whole(text: string, at: number): number {
  return /[\udc00-\udfff]/.test(text.charAt(at)) ? at - 1 : at;
}
