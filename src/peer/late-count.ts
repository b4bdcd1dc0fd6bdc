/** An event that stands in the log behind one that is so much later is out of its place. */
export const LATE_MS = 60_000;
/** With more of them the log is made anew: a page of the latest by offset would show what is old. */
export const LATE_MAX = 50;

/** Counts events that came far out of the order of time. */
export class LateCount {
  count = 0;
  lastMs = 0;
  readonly #newestMs = new Map<string, number>();

  take({ room, tsMs }: { readonly room: string; readonly tsMs: number }, nowMs: number): void {
    const newestMs = this.#newestMs.get(room) ?? 0;
    if (tsMs > newestMs) this.#newestMs.set(room, tsMs);
    else if (tsMs < newestMs - LATE_MS) {
      this.count++;
      this.lastMs = nowMs;
    }
  }
}
