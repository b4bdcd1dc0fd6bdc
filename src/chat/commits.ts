import type { Entry } from "../log/log.ts";
import type { Session } from "./session.ts";

/** An event on its way into the log, and who waits for its receipt. */
export interface Draft {
  readonly session: Session;
  readonly entry: Entry;
}

/**
 * The way into the log: one batch under way, the rest gathers for the next. So a busy server commits much at
 * once and an idle one at once; and when a batch fails nothing behind it has overtaken it.
 */
export class Commits {
  #underWay: readonly Draft[] | null = null;
  #gathering: Draft[] = [];

  get isIdle(): boolean {
    return this.#underWay === null && this.#gathering.length === 0;
  }

  add(draft: Draft): void {
    draft.session.eventsUnderWay++;
    this.#gathering.push(draft);
  }

  /** The next batch, which is then under way; null while one is, or when nothing waits. */
  next(): readonly Draft[] | null {
    if (this.#underWay !== null || this.#gathering.length === 0) return null;
    this.#underWay = this.#gathering;
    this.#gathering = [];
    return this.#underWay;
  }

  /** The batch under way, which is over now. */
  settle(): readonly Draft[] {
    const batch = this.#underWay ?? [];
    this.#underWay = null;
    for (const { session } of batch) session.eventsUnderWay--;
    return batch;
  }

  /** Takes out what waits and would overtake a refused event of its session. */
  withdrawHeld(nowMs: number): readonly Draft[] {
    const withdrawn: Draft[] = [];
    this.#gathering = this.#gathering.filter((draft) => {
      const { session, entry } = draft;
      if (session.holds.before(entry.seq, nowMs) === null) return true;
      withdrawn.push(draft);
      session.eventsUnderWay--;
      return false;
    });
    return withdrawn;
  }
}
