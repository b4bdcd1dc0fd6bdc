/** Time as an input, so that no test waits for it. `transport/clock.ts` gives both the real and a virtual one. */
export interface Clock {
  /** Milliseconds that never go back; their zero means nothing. */
  nowMs(): number;
  /** Runs a function once, not earlier than after this many milliseconds. Returns what calls it off. */
  after(delayMs: number, run: () => void): () => void;
}

/** The time outside. */
export const systemClock: Clock = {
  nowMs: () => performance.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};

/** One timer that is moved to and fro, as state machines with a `deadlineMs` want it. */
export class Alarm {
  readonly #clock: Clock;
  readonly #ring: () => void;
  #atMs: number | null = null;
  #callOff: (() => void) | null = null;

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock;
    this.#ring = ring;
  }

  /** Rings at this time of the clock; null: not at all. */
  set(atMs: number | null): void {
    if (atMs === this.#atMs) return;
    this.#callOff?.();
    this.#atMs = atMs;
    this.#callOff = atMs === null ? null : this.#clock.after(Math.max(0, atMs - this.#clock.nowMs()), () => {
      this.#atMs = null;
      this.#callOff = null;
      this.#ring();
    });
  }
}
