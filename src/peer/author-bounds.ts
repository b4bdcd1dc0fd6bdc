import { TokenBucket } from "../chat/bucket.ts";
import { CHAINS_MAX } from "./peer-pdu.ts";

/**
 * What one author may make others keep: 10,000 events at once is more than anybody writes in months, 100 a second
 * what a server lets one session say. What is older than ten minutes by its own date is history, and costs a tenth.
 */
const AUTHOR_RATE = { perSecond: 100, burst: 10_000 };
const HISTORY_MS = 600_000;
const HISTORY_COST = 0.1;

/** What an event of this date costs its author. */
export function costOf(tsMs: number, nowMs: number): number {
  return tsMs < nowMs - HISTORY_MS ? HISTORY_COST : 1;
}

interface Bound {
  readonly bucket: TokenBucket;
  restsUntilMs: number;
}

/** How much of each author's is taken in. */
export class AuthorBounds {
  readonly #by = new Map<string, Bound>();

  /** 0 when events of this cost are taken now, else in how many milliseconds they would be. Until then nothing of the
   * author is: what follows what was refused joins nothing, and would cost as much. */
  take(author: string, cost: number, nowMs: number): number {
    const bound = this.#of(author, nowMs);
    if (bound.restsUntilMs > nowMs) return bound.restsUntilMs - nowMs;
    const waitMs = bound.bucket.take(cost, nowMs);
    bound.restsUntilMs = nowMs + waitMs;
    return waitMs;
  }

  #of(author: string, nowMs: number): Bound {
    let bound = this.#by.get(author);
    if (bound === undefined) {
      bound = { bucket: new TokenBucket(AUTHOR_RATE, nowMs), restsUntilMs: 0 };
      this.#by.set(author, bound);
      // Strangers' keys, from a member that makes them up: the oldest are forgotten.
      if (this.#by.size > CHAINS_MAX) this.#by.delete([...this.#by.keys()][0] ?? "");
    }
    return bound;
  }
}
