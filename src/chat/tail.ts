import { Lines, type Slice } from "./lines.ts";

/** The first piece of a quiet room; pieces double from here, so that thousands of small rooms stay small. */
const PIECE_BYTES_MIN = 2_048;
/** Big enough that a slice is rarely cut, small enough to let go of in steps. */
const PIECE_BYTES_MAX = 65_536;
/** What one room keeps in memory: about 8,000 short messages, so that whoever was away for a moment is served without
 * the store. Four windows of our clients (`LIMITS.windowBytesDefault`): who waits for a lost packet while a room is at
 * its busiest falls behind by more than one, and a room of which many read from the store has no time left to talk. */
const TAIL_BYTES_MAX = 2_097_152;

/** How much all tails of a server hold together; past `bytesMax` each keeps only its newest piece. */
export class TailBudget {
  bytes = 0;
  /** 128 MiB: 64 rooms at their busiest. */
  constructor(readonly bytesMax = 134_217_728) {}
}

/** The newest events of a room in memory, encoded. */
export class Tail {
  #pieces: Lines[] = [];
  #bytes = 0;
  #next: number;

  /** `next`: the offset of the first event that will be appended. */
  constructor(next: number, readonly budget: TailBudget) {
    this.#next = next;
  }

  /** The oldest event in memory; equal to `next` when there is none. */
  get first(): number {
    return this.#pieces[0]?.first ?? this.#next;
  }

  /** The offset after the newest event. */
  get next(): number {
    return this.#next;
  }

  append(line: string): void {
    const last = this.#pieces.at(-1);
    if (last === undefined || !last.append(line)) {
      const bytes = Math.min(PIECE_BYTES_MAX, Math.max(PIECE_BYTES_MIN, (last?.capacityBytes ?? 0) * 2));
      // Three bytes of UTF-8 are the most that one UTF-16 unit takes.
      const piece = new Lines(this.#next, Math.max(bytes, line.length * 3));
      piece.append(line);
      this.#pieces.push(piece);
      this.#bytes += piece.capacityBytes;
      this.budget.bytes += piece.capacityBytes;
      this.#trim();
    }
    this.#next++;
  }

  /** What follows, from event `from` on; `null` when that is no longer, or not yet, in memory. */
  slice(from: number, bytesMax: number): Slice | null {
    if (from >= this.#next) return null;
    // Nearly every reader is at the newest piece.
    for (let at = this.#pieces.length - 1; at >= 0; at--) {
      const piece = this.#pieces[at];
      if (piece !== undefined && from >= piece.first) return piece.slice(from, bytesMax);
    }
    return null;
  }

  /** Forgets everything; the next event appended will be `next`. */
  restart(next: number): void {
    this.budget.bytes -= this.#bytes;
    this.#bytes = 0;
    this.#pieces = [];
    this.#next = next;
  }

  #trim(): void {
    while (
      this.#pieces.length > 1 && (this.#bytes > TAIL_BYTES_MAX || this.budget.bytes > this.budget.bytesMax)
    ) {
      const bytes = this.#pieces.shift()?.capacityBytes ?? 0;
      this.#bytes -= bytes;
      this.budget.bytes -= bytes;
    }
  }
}
