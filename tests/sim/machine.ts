import type { CancelTimer, Clock } from "../../src/transport/clock.ts";

/** What the calendar says when a simulation begins. */
const BEGIN_MS = 1_790_000_000_000;

/** A computer's calendar, which outlives its processes, and may be set. */
export class Calendar {
  aheadMs = 0;

  constructor(readonly clock: Clock) {}

  nowMs(): number {
    return BEGIN_MS + this.clock.nowMs() + this.aheadMs;
  }
}

/** One process's life: after `kill` none of its timers runs any more, and whatever it waits for never comes. */
export class Process implements Clock {
  #alive = true;

  constructor(readonly clock: Clock) {}

  get alive(): boolean {
    return this.#alive;
  }

  nowMs(): number {
    return this.clock.nowMs();
  }

  after(delayMs: number, run: () => void): CancelTimer {
    if (!this.#alive) return () => {};
    return this.clock.after(delayMs, () => {
      if (this.#alive) run();
    });
  }

  atEndOfTurn(run: () => void): void {
    this.after(0, run);
  }

  pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => void this.after(delayMs, resolve));
  }

  kill(): void {
    this.#alive = false;
  }
}
