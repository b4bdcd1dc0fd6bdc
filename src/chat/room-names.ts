/** Code point order, which is the order of UTF-8 bytes and so of the log. */
export function byCodePoint(one: string, other: string): number {
  const length = Math.min(one.length, other.length);
  for (let at = 0; at < length; at++) {
    const a = one.charCodeAt(at);
    const b = other.charCodeAt(at);
    // UTF-16 puts the surrogates of what lies beyond U+FFFF before U+E000.
    if (a !== b) return (isSurrogate(a) === isSurrogate(b) ? 0 : isSurrogate(a) ? 65_536 : -65_536) + a - b;
  }
  return one.length - other.length;
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}

/** Up to so many names are sorted anew whenever one came or went. */
const FRESH_MAX = 1_000;
/** Beyond it: how many names are sorted a millisecond. Spread over twenty times that, a list that everybody asks for
 * takes a twentieth of the time. */
const SORTED_A_MS = 1_000;

/**
 * Names in order, for pages of them. Sorting 50,000 takes 50 ms, and anybody may ask dozens of times a second: so
 * with very many names, a page may be up to a second old.
 */
export class RoomNames {
  readonly #names = new Set<string>();
  #sorted: readonly string[] = [];
  #sortedAtMs = -Infinity;
  #isStale = false;

  add(name: string): void {
    this.#names.add(name);
    this.#isStale = true;
  }

  delete(name: string): void {
    if (this.#names.delete(name)) this.#isStale = true;
  }

  /** The first `limit` names that come after this one. */
  after(name: string, limit: number, nowMs: number): readonly string[] {
    this.#refresh(nowMs);
    const names = this.#sorted;
    let low = 0;
    let high = names.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (byCodePoint(names[middle] ?? "", name) > 0) high = middle;
      else low = middle + 1;
    }
    return names.slice(low, low + limit);
  }

  #refresh(nowMs: number): void {
    if (!this.#isStale) return;
    const { size } = this.#names;
    const keptMs = size <= FRESH_MAX ? 0 : size * 20 / SORTED_A_MS;
    if (nowMs - this.#sortedAtMs < keptMs) return;
    this.#sorted = [...this.#names].sort(byCodePoint);
    this.#sortedAtMs = nowMs;
    this.#isStale = false;
  }
}
