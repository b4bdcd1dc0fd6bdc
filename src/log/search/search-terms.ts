/**
 * How texts become words that an index keeps, and how a question becomes a question to it. Pure.
 *
 * Where words are not separated by spaces (Chinese, Japanese, Thai …) each pair of neighbouring characters is a
 * word, and the last character one by itself: so a search finds words of two characters, which the usual
 * three-character index does not, and one character by the beginning of a pair.
 */
import { folded, hitsIn, isUnspaced, piecesOf, wordsOf } from "../../protocol/search-text.ts";

/** Words of one question; the rest is not looked at. */
const TERMS_MAX = 16;
/** About as much of a text as a result shows. */
const EXCERPT_CHARS = 240;
const EXCERPT_BEFORE_CHARS = 60;

/** A text as the words that the index keeps, separated by spaces. */
export function indexedText(text: string): string {
  return kept(folded(text)).join(" ");
}

function kept(foldedText: string): string[] {
  return wordsOf(foldedText, (run) => pairs(run).join(" "));
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
  return piecesOf(query).flatMap(({ text, isBegun }) => {
    const words = kept(text);
    const [last, before = ""] = [words.at(-1), words.at(-2)];
    if (last === undefined) return [];
    // The last word of a run is its last character.
    const endsUnspaced = isUnspaced(last);
    // Where a question ends, the run in the text may go on: its last character is in the pair before.
    if (endsUnspaced && [...before].length === 2 && before.endsWith(last)) words.pop();
    return [{ words, isBegun: isBegun || endsUnspaced }];
  }).slice(0, TERMS_MAX);
}

/** The same as an expression of FTS5 (sqlite.org/fts5.html, 3.1 to 3.5), on the column `text`. Words are letters,
 * digits, underscores and pictographs only, so that nothing in them means anything to it. */
export function ftsExpression(terms: readonly Term[]): string {
  return terms.map(({ words, isBegun }) => `text : "${words.join(" ")}"${isBegun ? " *" : ""}`).join(" AND ");
}

/** The part of a text around the first word that was asked for. */
export function excerpt(text: string, query: string): string {
  if (text.length <= EXCERPT_CHARS) return text;
  const first = hitsIn(text, query)[0]?.start ?? 0;
  // Near the end there is more before it.
  const from = Math.max(0, Math.min(first - EXCERPT_BEFORE_CHARS, text.length - EXCERPT_CHARS));
  const start = whole(text, from);
  const end = whole(text, Math.min(text.length, start + EXCERPT_CHARS));
  return `${start > 0 ? "…" : ""}${text.slice(start, end)}${end < text.length ? "…" : ""}`;
}

/** Not in the middle of a character of two units. */
function whole(text: string, at: number): number {
  return /^[\ud800-\udbff][\udc00-\udfff]/.test(text.slice(Math.max(0, at - 1), at + 1)) ? at - 1 : at;
}
