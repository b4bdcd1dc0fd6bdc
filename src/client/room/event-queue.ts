import type { Position } from "../../protocol/position.ts";
import type { ChatFailure } from "../failure.ts";
import type { RoomEvent } from "./timeline.ts";

/** Events that wait for a first reader. Past that they are let go, and a reader that comes later has them
 * sent anew from the log: a room that nobody iterates must not fill the memory, nor stop the others. */
const UNREAD_EVENTS_MAX = 1_000;

interface Waiting {
  readonly event: RoomEvent;
  /** Gives back the credit that this event holds. */
  readonly release: () => void;
}

/** The events of one room on their way to its one reader. No I/O, no clock. */
export class EventQueue {
  #items: Waiting[] = [];
  /** What stands before it is read; 0 while nobody reads. */
  #head = 0;
  /** The newest event that was queued; what is not above it came before. */
  #at: Position | null = null;
  #behind = false;
  #reading = false;
  #ended: { failure: ChatFailure | null } | null = null;
  #wake: (() => void) | null = null;
  readonly #goBack: (position: Position) => void;

  /** `goBack` is asked to have everything after a position sent again. */
  constructor(goBack: (position: Position) => void) {
    this.#goBack = goBack;
  }

  /** Whether a reader is there, for whom events hold credit. */
  get reading(): boolean {
    return this.#reading;
  }

  /** Takes an event. `release` is called once, when it is read or let go. */
  put(event: RoomEvent, release: () => void): void {
    const known = this.#at?.epoch === event.epoch && event.offset <= this.#at.offset;
    if (known || this.#behind || this.#ended !== null) return release();
    this.#at = { epoch: event.epoch, offset: event.offset };
    if (this.#reading) {
      this.#items.push({ event, release });
      this.#wake?.();
      return;
    }
    release();
    this.#items.push({ event, release: () => {} });
    if (this.#items.length <= UNREAD_EVENTS_MAX) return;
    const oldest = this.#items[0];
    if (oldest !== undefined) this.#at = { epoch: oldest.event.epoch, offset: oldest.event.offset - 1 };
    this.#items = [];
    this.#behind = true;
  }

  /** No more events come. What is queued is still read; then the reader ends, or throws `failure`. */
  end(failure: ChatFailure | null): void {
    this.#ended = { failure };
    this.#wake?.();
  }

  /** Events come again after an `end`. */
  reopen(): void {
    this.#ended = null;
  }

  /** The one reader. It goes on where the last one stopped. Throws when there is one already. */
  read(): AsyncIterator<RoomEvent, undefined> {
    if (this.#reading) throw new TypeError("this room is being iterated already: one reader at a time");
    this.#reading = true;
    if (this.#behind && this.#at !== null) {
      this.#behind = false;
      this.#goBack(this.#at);
    }
    let stopped = false;
    const stop = () => {
      if (stopped) return;
      stopped = true;
      this.#reading = false;
      this.#wake?.();
      for (let at = this.#head; at < this.#items.length; at++) this.#items[at]?.release();
      this.#items = this.#items.slice(this.#head).map(({ event }) => ({ event, release: () => {} }));
      this.#head = 0;
    };
    const next = async (): Promise<IteratorResult<RoomEvent, undefined>> => {
      while (!stopped) {
        const item = this.#items[this.#head];
        if (item !== undefined) {
          this.#head++;
          if (this.#head === this.#items.length) {
            this.#items = [];
            this.#head = 0;
          }
          item.release();
          return { done: false, value: item.event };
        }
        if (this.#ended !== null) {
          const { failure } = this.#ended;
          stop();
          if (failure !== null) throw failure;
          break;
        }
        await new Promise<void>((wake) => this.#wake = wake);
        this.#wake = null;
      }
      return { done: true, value: undefined };
    };
    return {
      next,
      return: () => {
        stop();
        return Promise.resolve({ done: true, value: undefined });
      },
    };
  }
}
