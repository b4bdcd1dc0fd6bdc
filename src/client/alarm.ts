import type { Clock } from "../transport/clock.ts";

/** One timer that is moved to and fro, as state machines with a `deadlineMs` want it. */
export class Alarm {
  readonly #clock: Clock;
  readonly #ring: () => void;
  #atMs: number | null = null;
  /** When the clock's timer runs: not later than `#atMs`. A deadline that moves away with each message
   * costs no new timer. */
  #timerAtMs = Infinity;
  #callOff: (() => void) | null = null;

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock;
    this.#ring = ring;
  }

  /** Rings at this time of the clock; null: not at all. */
  set(atMs: number | null): void {
    this.#atMs = atMs;
    if (atMs !== null && this.#timerAtMs <= atMs) return;
    this.#callOff?.();
    this.#callOff = null;
    this.#timerAtMs = Infinity;
    if (atMs === null) return;
    this.#timerAtMs = atMs;
    this.#callOff = this.#clock.after(Math.max(0, atMs - this.#clock.nowMs()), () => {
      this.#callOff = null;
      this.#timerAtMs = Infinity;
      const wantedMs = this.#atMs;
      if (wantedMs !== null && wantedMs > this.#clock.nowMs()) return this.set(wantedMs);
      this.#atMs = null;
      this.#ring();
    });
  }
}
