import { atEndOfTurn } from "./turn.ts";

/** Calls a timer off. Harmless when it has run or was called off before. */
export type CancelTimer = () => void;

/** Time as an input, so that no test waits for it. */
export interface Clock {
  /** Milliseconds that never go back; their zero means nothing. */
  nowMs(): number;
  /** Runs a function once, not earlier than after this many milliseconds. */
  after(delayMs: number, run: () => void): CancelTimer;
  /** Runs a function once, after everything else that is ready now. */
  atEndOfTurn(run: () => void): void;
}

/** The time outside. */
export const realClock: Clock = {
  nowMs: () => performance.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
  atEndOfTurn,
};

interface Alarm {
  readonly atMs: number;
  readonly run: () => void;
}

/**
 * A clock that stands still until it is told to go, and then jumps from deadline to deadline. What is due at
 * the same time runs in the order in which it was set.
 */
export class VirtualClock implements Clock {
  #nowMs = 0;
  /** Ascending by time. Sorted insertion is fast enough for the thousands of timers of a simulation. */
  readonly #alarms: Alarm[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, run: () => void): CancelTimer {
    const alarm: Alarm = { atMs: this.#nowMs + Math.max(0, delayMs), run };
    let low = 0;
    let high = this.#alarms.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const there = this.#alarms[middle];
      if (there !== undefined && there.atMs <= alarm.atMs) low = middle + 1;
      else high = middle;
    }
    this.#alarms.splice(low, 0, alarm);
    return () => {
      const at = this.#alarms.indexOf(alarm);
      if (at >= 0) this.#alarms.splice(at, 1);
    };
  }

  atEndOfTurn(run: () => void): void {
    this.after(0, run);
  }

  /** When the next timer is due; null when none is set. */
  nextDeadlineMs(): number | null {
    return this.#alarms[0]?.atMs ?? null;
  }

  /** Goes to the next deadline and runs the one timer that is due first, then lets every promise that is
   * settled react. False when no timer is set. */
  async step(): Promise<boolean> {
    await settled();
    const alarm = this.#alarms.shift();
    if (alarm === undefined) return false;
    this.#nowMs = alarm.atMs;
    alarm.run();
    await settled();
    return true;
  }

  /** Lets this much time pass, with everything that is due in it. */
  async advance(byMs: number): Promise<void> {
    const untilMs = this.#nowMs + byMs;
    await settled();
    for (;;) {
      const deadline = this.nextDeadlineMs();
      if (deadline === null || deadline > untilMs) break;
      await this.step();
    }
    this.#nowMs = untilMs;
  }
}

/** A turn of the real event loop: reactions of promises run in it, however long their chain. */
function settled(): Promise<void> {
  return new Promise((resolve) => atEndOfTurn(resolve));
}
