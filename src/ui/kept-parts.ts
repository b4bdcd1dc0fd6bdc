/**
 * A snapshot of which whatever means the same is the same object as in the one before, and the one before itself
 * where nothing is other: views compare by `===`. The parts are plain data. `large` ones are the same object or
 * another: looking through them is what is to be saved. `fleeting` ones alone make no other snapshot.
 */
export function keptParts<T extends object>(
  before: T | null,
  next: T,
  { large, fleeting }: { readonly large: readonly (keyof T)[]; readonly fleeting: readonly (keyof T)[] },
): T {
  if (before === null) return next;
  let isSame = true;
  const parts = { ...next };
  for (const key of Object.keys(next) as (keyof T)[]) {
    if (Object.is(before[key], next[key])) continue;
    if (!large.includes(key) && isPlainlySame(before[key], next[key])) parts[key] = before[key];
    else if (!fleeting.includes(key)) isSame = false;
  }
  return isSame ? before : parts;
}

function isPlainlySame(a: unknown, b: unknown): boolean {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  return JSON.stringify(a) === JSON.stringify(b);
}
