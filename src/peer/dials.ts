import type { Clock } from "../transport/clock.ts";

const DIAL_AGAIN_MS = 1_000;
const DIAL_AGAIN_MS_MAX = 60_000;

interface Dial {
  nextMs: number;
  failures: number;
  isUnderWay: boolean;
}

/** When to dial whom again: each failure doubles the wait. */
export class Dials {
  readonly #by = new Map<string, Dial>();

  /** @param chance at least 0, below 1 */
  constructor(readonly clock: Clock, readonly chance: () => number) {}

  /** Null: not yet. */
  begin(id: string): Dial | null {
    const dial = this.#by.get(id) ?? { nextMs: 0, failures: 0, isUnderWay: false };
    if (dial.isUnderWay || dial.nextMs > this.clock.nowMs()) return null;
    this.#by.set(id, dial);
    dial.isUnderWay = true;
    return dial;
  }

  /** Also after a success there is a wait: should the greeting fail, the other side needs no storm of dials. */
  ended(dial: Dial, hasFailed: boolean): void {
    if (hasFailed) dial.failures++;
    const waitMs = Math.min(DIAL_AGAIN_MS * 2 ** dial.failures, DIAL_AGAIN_MS_MAX);
    dial.nextMs = this.clock.nowMs() + waitMs * (0.5 + this.chance());
    dial.isUnderWay = false;
  }

  /** The next dial may begin at once. */
  forget(id: string): void {
    this.#by.delete(id);
  }
}
