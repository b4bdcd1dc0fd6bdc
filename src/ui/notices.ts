import type { Clock } from "../client/mod.ts";
import type { Notice } from "./models.ts";

/** What comes in one burst is announced once a room: by its last message, or by one that mentions oneself. */
const BURST_MS = 700;

/** Gathers what is to be announced. */
export class Notices {
  readonly #clock: Clock;
  readonly #isWanted: (notice: Notice) => boolean;
  readonly #subscribers = new Set<(notice: Notice) => void>();
  readonly #waiting = new Map<string, Notice>();
  #callOff: (() => void) | null = null;

  /** `isWanted` is asked at the end of a burst: one may look at the room by then, or have left it. */
  constructor(clock: Clock, isWanted: (notice: Notice) => boolean) {
    this.#clock = clock;
    this.#isWanted = isWanted;
  }

  subscribe(f: (notice: Notice) => void): () => void {
    this.#subscribers.add(f);
    return () => void this.#subscribers.delete(f);
  }

  add(notice: Notice): void {
    const there = this.#waiting.get(notice.room);
    if (there?.mention !== true || notice.mention) this.#waiting.set(notice.room, notice);
    this.#callOff ??= this.#clock.after(BURST_MS, () => {
      this.#callOff = null;
      const due = [...this.#waiting.values()].filter((one) => this.#isWanted(one));
      this.#waiting.clear();
      for (const one of due) for (const tell of this.#subscribers) tell(one);
    });
  }

  stop(): void {
    this.#callOff?.();
    this.#waiting.clear();
    this.#subscribers.clear();
  }
}
