import type { FailureName } from "../protocol/failures.ts";

/** How long a refused event is waited for. A client tries again after `retryMs`, a second or two; one that
 * has given the event up is not silenced for good. */
const HELD_FOR_MS = 30_000;
/** How many a session may have open: four times what may be refused in a row. */
export const HELD_MAX = 4_096;

/**
 * The temporary refusals of one session that are to be sent again. While one is open every higher seq is
 * refused alike, so that what follows does not overtake it and the sender's order is kept.
 */
export class Holds {
  readonly #held = new Map<number, { readonly failure: FailureName; readonly untilMs: number }>();

  get isFull(): boolean {
    return this.#held.size >= HELD_MAX;
  }

  add(seq: number, failure: FailureName, nowMs: number): void {
    if (!this.#held.has(seq)) this.#held.set(seq, { failure, untilMs: nowMs + HELD_FOR_MS });
  }

  /** It was sent again, or found its way into the log. */
  release(seq: number): void {
    this.#held.delete(seq);
  }

  /** The open refusal that `seq` would overtake, if any. */
  before(seq: number, nowMs: number): { readonly seq: number; readonly failure: FailureName } | null {
    for (const [heldSeq, { failure, untilMs }] of this.#held) {
      if (untilMs <= nowMs) this.#held.delete(heldSeq);
      else if (heldSeq < seq) return { seq: heldSeq, failure };
    }
    return null;
  }
}
