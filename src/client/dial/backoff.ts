/**
 * How long to wait before the next attempt to connect: the ceiling doubles from 250 ms to 15 s, and the
 * wait is anywhere below it (full jitter), so that a thousand clients of a server that restarts do not
 * come back in one moment. Randomness is handed in.
 */
export const BACKOFF = {
  /** The ceiling of the first wait: a person hardly notices it. */
  firstMs: 250,
  /** The highest ceiling: nobody looks at a dead page for longer without trying by hand. */
  mostMs: 15_000,
  /** A connection that lived this long ended for a reason of its own: waiting starts anew. A server that
   * dies right after each greeting does not get there. */
  livedMs: 5_000,
} as const;

export class Backoff {
  /** Failed attempts in a row. */
  #failures = 0;

  /** The number of the attempt that is next: 1 for the first ever or after a connection that lived. */
  get attempt(): number {
    return this.#failures + 1;
  }

  /** Milliseconds to wait after one more failure. `random` is in [0, 1); `leastMs` is what the server asked
   * for, if it did. */
  next(random: number, leastMs = 0): number {
    const ceilingMs = Math.min(BACKOFF.mostMs, BACKOFF.firstMs * 2 ** Math.min(this.#failures, 16));
    this.#failures++;
    return Math.max(leastMs, Math.round(ceilingMs * random));
  }

  /** A connection ended that had been greeted `livedMs` ago. */
  ended(livedMs: number): void {
    if (livedMs >= BACKOFF.livedMs) this.#failures = 0;
  }

  /** The user or the network says that now is a good moment. */
  reset(): void {
    this.#failures = 0;
  }
}
