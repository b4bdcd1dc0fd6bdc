import { hitsIn } from "../protocol/search-text.ts";
import type { FoundView } from "./view.ts";

/** A text in parts, with what was looked for marked. Pure. The server has cut it to what a result shows. */
export function markHits(text: string, query: string): FoundView["parts"] {
  const parts: { text: string; hit: boolean }[] = [];
  let at = 0;
  for (const { start, end } of hitsIn(text, query)) {
    if (start > at) parts.push({ text: text.slice(at, start), hit: false });
    parts.push({ text: text.slice(start, end), hit: true });
    at = end;
  }
  if (at < text.length) parts.push({ text: text.slice(at), hit: false });
  return parts;
}
