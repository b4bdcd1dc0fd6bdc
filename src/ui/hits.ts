import type { FoundView } from "./view.ts";

/** As much of a text as a result shows. */
const SHOWN_CHARS = 240;
/** What stands before the first hit. */
const BEFORE_CHARS = 60;

/** The text around the first hit, in parts. Pure. */
export function markHits(text: string, query: string): FoundView["parts"] {
  const wanted = wordsOf(query);
  const found = wanted.length === 0 ? [] : [...text.matchAll(patternOf(wanted))];
  const first = found[0]?.index ?? 0;
  const start = whole(text, Math.max(0, first - BEFORE_CHARS));
  const end = whole(text, Math.min(text.length, start + SHOWN_CHARS));
  const parts: { text: string; hit: boolean }[] = [];
  let at = start;
  const add = (until: number, hit: boolean) => {
    if (until > at) parts.push({ text: text.slice(at, until), hit });
    at = Math.max(at, until);
  };
  for (const { index, 0: hit } of found) {
    if (index >= end) break;
    add(index, false);
    add(Math.min(end, index + hit.length), true);
  }
  add(end, false);
  if (start > 0) parts.unshift({ text: "…", hit: false });
  if (end < text.length) parts.push({ text: "…", hit: false });
  return parts;
}

/** Words, and what stands between quotes as one. */
function wordsOf(query: string): readonly string[] {
  return [...query.matchAll(/"([^"]+)"?|([^\s"]+)/g)].map((one) => (one[1] ?? one[2] ?? "").trim())
    .filter((word) => word !== "");
}

function patternOf(words: readonly string[]): RegExp {
  const escaped = words.toSorted((a, b) => b.length - a.length)
    .map((word) => word.replace(/[.*+?^${}()|[\]\\\/-]/g, "\\$&").replace(/\s+/g, "\\s+"));
  return new RegExp(escaped.join("|"), "giu");
}

/** Not in the middle of a character of two units. */
function whole(text: string, at: number): number {
  return /[\udc00-\udfff]/.test(text.charAt(at)) ? at - 1 : at;
}
