import { type CancelTimer, type Clock, realClock } from "./clock.ts";

/** Something whose write may be pending for too long. */
export interface Watched {
  /** Called at every round. */
  checkStuck(): void;
}

/**
 * Goes round all outboxes once in a while and looks for writes that hang. One timer for all of them: a timer
 * for each write would cost more than the write's own JavaScript.
 */
export class StuckWatch {
  /** How many rounds were made: a write remembers the number at its start instead of asking for the time. */
  rounds = 0;
  readonly #watched = new Set<Watched>();
  #cancel: CancelTimer | null = null;

  constructor(readonly clock: Clock, readonly everyMs: number) {}

  /** Rounds after which at least this much time has passed. */
  roundsIn(durationMs: number): number {
    // The first round may come right after the start and so counts for nothing.
    return Math.ceil(durationMs / this.everyMs) + 1;
  }

  add(watched: Watched): void {
    this.#watched.add(watched);
    if (this.#cancel === null) this.#wait();
  }

  /** With nobody left to watch no timer is kept, so that a process can end. */
  remove(watched: Watched): void {
    this.#watched.delete(watched);
    if (this.#watched.size > 0) return;
    this.#cancel?.();
    this.#cancel = null;
  }

  #wait(): void {
    this.#cancel = this.clock.after(this.everyMs, () => {
      this.rounds++;
      this.#wait();
      for (const watched of this.#watched) watched.checkStuck();
    });
  }
}

/** The process's own watch. A second's grain is fine for a bound of 15. */
export const stuckWatch = new StuckWatch(realClock, 1_000);
