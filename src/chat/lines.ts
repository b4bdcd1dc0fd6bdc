import type { LoggedEvent } from "../protocol/event.ts";
import { lineOf } from "../protocol/event.ts";

const encoder = new TextEncoder();

/** Whole lines, and the offset of the event after them. */
export interface Slice {
  readonly bytes: Uint8Array;
  readonly next: number;
}

/** A run of consecutive events, encoded once, that any number of readers slice without copying. Bytes once
 * written are never written again, so that a slice may still be on its way out while more is appended. */
export class Lines {
  #bytes: Uint8Array;
  #used = 0;
  /** Where each event's line ends. */
  readonly #ends: number[] = [];
  /** What followed an event at the last question: nearly all readers of a room stand at one place, and views of
   * bytes are dear to make. */
  #rest: Slice | null = null;
  #restFrom = 0;

  /** `first`: offset of the first event to come. */
  constructor(readonly first: number, bytesMax: number) {
    this.#bytes = new Uint8Array(bytesMax);
  }

  /** Just these events, which must be consecutive and at least one. */
  static of(events: readonly LoggedEvent[]): Lines {
    const encoded = encoder.encode(events.map(lineOf).join(""));
    const lines = new Lines(events[0]?.offset ?? 1, 0);
    lines.#bytes = encoded;
    lines.#used = encoded.length;
    // A newline stands nowhere but at the end of a line: JSON escapes those inside strings.
    for (let at = encoded.indexOf(0x0a); at >= 0; at = encoded.indexOf(0x0a, at + 1)) {
      lines.#ends.push(at + 1);
    }
    return lines;
  }

  /** Offset after the last event. */
  get next(): number {
    return this.first + this.#ends.length;
  }

  get capacityBytes(): number {
    return this.#bytes.length;
  }

  /** False when there is no room for it. */
  append(line: string): boolean {
    const free = this.#bytes.subarray(this.#used);
    const { read, written } = encoder.encodeInto(line, free);
    if (read < line.length) return false;
    this.#used += written;
    this.#ends.push(this.#used);
    return true;
  }

  /** The lines from event `from` on, as many whole ones as fit `bytesMax`, but at least one. */
  slice(from: number, bytesMax: number): Slice {
    const known = this.#rest;
    if (
      known !== null && this.#restFrom === from && known.next === this.next && known.bytes.length <= bytesMax
    ) {
      return known;
    }
    const index = from - this.first;
    const start = index === 0 ? 0 : this.#ends[index - 1] ?? this.#used;
    if (this.#used - start <= bytesMax) {
      this.#restFrom = from;
      return this.#rest = { bytes: this.#bytes.subarray(start, this.#used), next: this.next };
    }
    // The last line that ends within the budget, by bisection.
    let low = index;
    let high = this.#ends.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#ends[middle] ?? 0) - start <= bytesMax) low = middle;
      else high = middle - 1;
    }
    return { bytes: this.#bytes.subarray(start, this.#ends[low]), next: this.first + low + 1 };
  }
}
