import type { Wanted } from "../../protocol/position.ts";
import type { ServerPduOf } from "../../protocol/server-pdu.ts";

/** What an offset means to a reader. `hole`: something between is missing. */
export type Step = "next" | "old" | "hole" | "not-joined";

/**
 * Where this client is in one room. It outlives connections: what it holds is what the next HELLO asks to
 * go on from. No I/O, no clock.
 */
export class RoomCursor {
  readonly room: string;
  #epoch: string | undefined;
  #offset: number | undefined;
  /** Only for the first join: on a resume the position says it all. */
  #last: number | undefined;
  #head = 0;
  #awaited: number | null = null;
  #joined = false;

  constructor(room: string, wanted: Wanted) {
    this.room = room;
    this.#epoch = wanted.epoch;
    this.#offset = wanted.offset;
    this.#last = wanted.last;
  }

  /** The newest offset that the server spoke of. */
  get head(): number {
    return this.#head;
  }
  get joined(): boolean {
    return this.#joined;
  }
  /** The `ack` that the answer to the newest request carries; null when none is awaited. */
  get awaited(): number | null {
    return this.#awaited;
  }
  get epoch(): string | undefined {
    return this.#epoch;
  }
  /** The last event that was taken; undefined before the first join of a live reader. */
  get offset(): number | undefined {
    return this.#offset;
  }

  /** What to ask for. Events that arrive before the answer belong to an older request and are not taken. */
  ask(ack: number): Wanted {
    this.#awaited = ack;
    this.#joined = false;
    return { epoch: this.#epoch, offset: this.#offset, last: this.#last };
  }

  /** The connection is gone. */
  lost(): void {
    this.#awaited = null;
    this.#joined = false;
  }

  /** Goes back, so that what follows `offset` comes again. Takes effect with the next `ask`. */
  goBackTo(epoch: string | undefined, offset: number): void {
    this.#epoch = epoch;
    this.#offset = offset;
    this.#last = undefined;
  }

  /** False when it answers another request than the newest. `reset` means: forget what you have. */
  take(pdu: ServerPduOf<"CHAT_JOINED">): "complete" | "reset" | "not-awaited" {
    if (this.#awaited === null || pdu.ack !== this.#awaited) return "not-awaited";
    // A server that claims completeness from a place that was not asked for is not believed.
    const sameEpoch = this.#epoch === undefined || pdu.epoch === this.#epoch;
    const samePlace = this.#offset === undefined || pdu.after === this.#offset;
    const complete = pdu.result === "complete" && sameEpoch && samePlace;
    this.#awaited = null;
    this.#joined = true;
    this.#epoch = pdu.epoch;
    this.#offset = pdu.after;
    this.#last = undefined;
    this.#head = Math.max(pdu.head, pdu.after);
    return complete ? "complete" : "reset";
  }

  /** One event's offset, as it comes from the wire. */
  step(offset: number): Step {
    if (!this.#joined || this.#offset === undefined) return "not-joined";
    if (offset <= this.#offset) return "old";
    if (offset > this.#offset + 1) return "hole";
    this.#offset = offset;
    if (offset > this.#head) this.#head = offset;
    return "next";
  }
}
