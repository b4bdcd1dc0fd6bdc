/** How far ahead of one's own clock an event may be dated and still be shown at once: clocks that are kept by the
 * network differ by less than a second, those set by hand by minutes. */
export const AHEAD_MS_MAX = 120_000;

/**
 * Gives events their times: never before this peer's clock, and always after what it has seen, so that an answer
 * comes after what it answers whatever the clocks say. What is dated far ahead is not followed.
 */
export class HybridClock {
  #lastMs: number;

  constructor(seenMs: number) {
    this.#lastMs = seenMs;
  }

  /** The time of a new event, in whole milliseconds. */
  next(nowMs: number): number {
    // A clock that was a year ahead and is set right must not go on a year ahead.
    const lastMs = this.#lastMs > nowMs + AHEAD_MS_MAX ? 0 : this.#lastMs;
    this.#lastMs = Math.max(Math.round(nowMs), lastMs + 1);
    return this.#lastMs;
  }

  saw(tsMs: number, nowMs: number): void {
    if (tsMs <= nowMs + AHEAD_MS_MAX) this.#lastMs = Math.max(this.#lastMs, tsMs);
  }
}
