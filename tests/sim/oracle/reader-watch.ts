import type { Places } from "./record.ts";
import type { Rule } from "./violation.ts";

/** An event as a program gets it. */
export interface Shown {
  readonly type: string;
  readonly room: string;
  readonly epoch: string;
  readonly offset: number;
  readonly seq: number;
  readonly text?: string;
}

/** One program's reading of one room, from one join to its leaving. */
export class ReaderWatch {
  #epoch: string | null = null;
  #offset = 0;

  /** `first`: the offset that must come first, where the program asked from a place. */
  constructor(
    readonly who: string,
    readonly room: string,
    readonly from: { readonly epoch: string | undefined; readonly offset: number } | null,
    readonly recordOf: (epoch: string) => Places | undefined,
    readonly violate: (rule: Rule, says: string) => void,
  ) {}

  /** The newest that was shown; null before the first. */
  get position(): { readonly epoch: string; readonly offset: number } | null {
    return this.#epoch === null ? null : { epoch: this.#epoch, offset: this.#offset };
  }

  shown(event: Shown): void {
    const { room } = this;
    if (event.room !== room) {
      return this.violate("members-only", `${this.who} reads ${room} and got ${event.room} ${event.offset}`);
    }
    const there = this.recordOf(event.epoch)?.at(room, event.offset);
    if (there === undefined || there.seq !== event.seq || there.text !== event.text) {
      this.violate("shown-is-durable", `${this.who} got ${room} ${event.offset}, which is not stored`);
    }
    const wanted = this.#wanted(event.epoch);
    if (wanted !== null && wanted !== event.offset) {
      const rule = event.offset < wanted ? "exactly-once" : "dense-offsets";
      this.violate(rule, `${this.who} got ${room} ${event.offset} in place of ${wanted}`);
    }
    this.#epoch = event.epoch;
    this.#offset = event.offset;
  }

  /** The offset that must come now; null where any may. */
  #wanted(epoch: string): number | null {
    if (this.#epoch === epoch) return this.#offset + 1;
    // After a reset everything comes, from the first event on.
    if (this.#epoch !== null) return 1;
    if (this.from === null) return null;
    const isGone = this.from.epoch !== undefined && this.from.epoch !== epoch;
    return isGone ? 1 : this.from.offset + 1;
  }
}
