const WORD = /[\p{L}\p{N}\p{M}_]/u;

/** Whether a text speaks to somebody: `@Name` in any case, with no letter or digit on either side. Of names
 * that begin alike the longest counts, so that `@Ada Lovelace` is not for Ada. There is no `@all`: one
 * person must not be able to ring at everybody's. */
export function mentions(text: string, name: string, others: readonly string[] = []): boolean {
  if (!text.includes("@") || name === "") return false;
  const folded = text.toLowerCase();
  const wanted = name.toLowerCase();
  const longer = others.map((other) => other.toLowerCase())
    .filter((other) => other.length > wanted.length && other.startsWith(wanted));
  for (let at = folded.indexOf("@"); at >= 0; at = folded.indexOf("@", at + 1)) {
    if (at > 0 && WORD.test(folded.charAt(at - 1))) continue;
    if (named(folded, at + 1, wanted) && !longer.some((other) => named(folded, at + 1, other))) return true;
  }
  return false;
}

function named(text: string, at: number, name: string): boolean {
  if (!text.startsWith(name, at)) return false;
  const next = text.codePointAt(at + name.length);
  return next === undefined || !WORD.test(String.fromCodePoint(next));
}
