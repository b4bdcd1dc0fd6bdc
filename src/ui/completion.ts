import { SHORTCODES } from "./shortcodes.ts";
import type { Completion } from "./view.ts";

/** As many suggestions as fit above a phone's keyboard. */
const ITEMS_MAX = 6;

/** What can be named. */
export interface Nameable {
  readonly people: readonly string[];
  readonly rooms: readonly string[];
}

/** What the word before the caret may become: `@person`, `#room`, `:emoji`. Null: nothing. Pure. */
export function completionAt(text: string, caret: number, { people, rooms }: Nameable): Completion | null {
  const found = /(^|[\s(])([@#:])([^\s@#:]{0,40})$/u.exec(text.slice(0, caret));
  const sign = found?.[2];
  const begun = found?.[3] ?? "";
  if (found === null || sign === undefined) return null;
  const from = caret - begun.length - 1;
  const items = sign === "@"
    ? matching(people, begun).map((name) => ({ insert: `@${name} `, label: name, kind: "person" as const }))
    : sign === "#"
    ? matching(rooms, begun).map((name) => ({
      insert: `#${name} `,
      label: `#${name}`,
      kind: "room" as const,
    }))
    // One letter and a colon is how much talk is written, too.
    : begun.length < 2
    ? []
    : matching(Object.keys(SHORTCODES), begun).map((code) => ({
      insert: `${SHORTCODES[code]} `,
      label: `${SHORTCODES[code]} :${code}:`,
      kind: "emoji" as const,
    }));
  return items.length === 0 ? null : { from, to: caret, items, selected: 0 };
}

/** Those that begin so first, then those that have it inside. */
function matching(names: readonly string[], begun: string): readonly string[] {
  const wanted = begun.toLowerCase();
  const folded = [...new Set(names)].map((name) => ({ name, low: name.toLowerCase() }));
  const first = folded.filter(({ low }) => low.startsWith(wanted));
  const inside = folded.filter(({ low }) => !low.startsWith(wanted) && low.includes(wanted));
  return [...first, ...inside].slice(0, ITEMS_MAX).map(({ name }) => name);
}
