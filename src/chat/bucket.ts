/** How fast one session may speak. */
export interface Rate {
  /** Tokens that come back each second; one token is one message. */
  readonly perSecond: number;
  /** Tokens that a rested session has. */
  readonly burst: number;
}

/**
 * A token bucket. `take` is refused as a whole or granted as a whole; a clock that is set back gives nothing
 * and takes nothing.
 */
export class TokenBucket {
  #tokens: number;
  #atMs: number;

  constructor(readonly rate: Rate, nowMs: number) {
    this.#tokens = rate.burst;
    this.#atMs = nowMs;
  }

  /** 0 when granted, else in how many milliseconds it would be. */
  take(cost: number, nowMs: number): number {
    const passedMs = Math.max(0, nowMs - this.#atMs);
    this.#atMs = nowMs;
    this.#tokens = Math.min(this.rate.burst, this.#tokens + passedMs * this.rate.perSecond / 1000);
    if (this.#tokens >= cost) {
      this.#tokens -= cost;
      return 0;
    }
    return Math.max(1, Math.ceil((cost - this.#tokens) * 1000 / this.rate.perSecond));
  }
}
