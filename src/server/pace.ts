/** How fast one link is read. */

export interface PaceLimits {
  /** PDUs a second that are read for as long as one likes; a kilobyte counts as one more. */
  readonly perSecond: number;
  /** What may come at once after a rest. */
  readonly burst: number;
}

/** Several times what the rules let anybody say with success: only those who don't listen to refusals are read
 * slower than they send. Reading and refusing a PDU costs about 10 µs, so that one of them takes 2 % of a core. */
export const PACE: PaceLimits = { perSecond: 2_000, burst: 8_000 };

/**
 * Bounds what one peer's flood costs everybody else. What was read is always dealt with; what it was too much is
 * paid for by not reading on for a while, which the transport's flow control tells the peer.
 */
export class Pace {
  #owed = 0;
  #atMs: number;

  constructor(readonly limits: PaceLimits, nowMs: number) {
    this.#atMs = nowMs;
  }

  /** So many PDUs in so many bytes were read. Gives how many milliseconds to rest before reading on; mostly 0. */
  restMs(pdus: number, bytes: number, nowMs: number): number {
    const { perSecond, burst } = this.limits;
    const passedMs = Math.max(0, nowMs - this.#atMs);
    this.#atMs = nowMs;
    this.#owed = Math.max(0, this.#owed - passedMs * perSecond / 1_000) + pdus + bytes / 1_024;
    return this.#owed <= burst ? 0 : Math.ceil((this.#owed - burst) * 1_000 / perSecond);
  }
}
