import type { Entry } from "./log.ts";

/**
 * Throws a `TypeError` for an entry that a store would keep altered: SQLite reads a text up to its first
 * U+0000 only, turns half a surrogate pair into U+FFFD, and keeps integers. The protocol's checks and
 * JSON's escapes rule all of that out, so it is a mistake of the caller, and it must not fail the commit
 * that others share.
 */
export function assertStorable(entry: Entry): void {
  for (const field of ["room", "type", "device", "sender", "author", "body"] as const) {
    const text = entry[field];
    if (text.includes("\0") || !text.isWellFormed()) {
      throw new TypeError(
        `an entry's ${field} is ${JSON.stringify(text.slice(0, 80))}: pass well-formed text without U+0000`,
      );
    }
  }
  for (const field of ["tsMs", "seq", "target"] as const) {
    const number = entry[field];
    if (number !== null && !Number.isSafeInteger(number)) {
      throw new TypeError(`an entry's ${field} is ${number}: pass an integer`);
    }
  }
}
