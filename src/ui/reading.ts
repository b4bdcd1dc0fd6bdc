import type { RoomEvent, TimelineSnapshot } from "../client/mod.ts";
import type { ReadPosition } from "./keepsakes.ts";
import { countUnread, NOTHING_UNREAD, type Reader, type Unread } from "./unread.ts";

/**
 * How far one has read in a room, and where the line "new since you left" stands. The line is above the first
 * message of others that came while one did not look: while the window was hidden, another room was shown, or
 * the program did not run. It stays where it is while one looks, and is gone when one comes back and nothing came.
 * No I/O, no clock.
 */
export class Reading {
  readonly #keep: (read: ReadPosition) => void;
  #read: ReadPosition | null;
  #unread: Unread = NOTHING_UNREAD;
  #newAfter: number | null;
  #isLookedAt = false;
  /** One has begun to look, and what came meanwhile is not all here yet. */
  #isArriving = false;

  constructor(read: ReadPosition | null, keep: (read: ReadPosition) => void) {
    this.#read = read;
    this.#newAfter = read?.offset ?? null;
    this.#keep = keep;
  }

  get unread(): Unread {
    return this.#unread;
  }

  /** The line is above the first message of others after this offset; null: there is none. */
  get newAfter(): number | null {
    return this.#newAfter;
  }

  /** One begins to look, or stops. `follow` comes after. */
  setLookedAt(looked: boolean): void {
    this.#isLookedAt = this.#isArriving = looked;
    if (!looked) this.#newAfter = this.#read?.offset ?? null;
  }

  /** It was read in another window, where one's eyes are. */
  readElsewhere(read: ReadPosition): void {
    if (this.#read?.epoch !== read.epoch || this.#read.offset >= read.offset) return;
    this.#read = read;
    if (!this.#isLookedAt) this.#newAfter = read.offset;
  }

  /** Whether it was read up to an offset of the current log. */
  isReadUpTo(offset: number): boolean {
    return this.#read !== null && offset <= this.#read.offset;
  }

  /** Whether an event was read, or can't be held against the reader. */
  isRead({ epoch, offset }: RoomEvent): boolean {
    return this.#read === null || this.#read.epoch !== epoch || offset <= this.#read.offset;
  }

  /** Everything up to this offset was on the screen. A position never goes back. */
  seen(offset: number, { epoch, offset: newest, messages }: TimelineSnapshot): void {
    if (epoch === "" || (this.#read?.epoch === epoch && this.#read.offset >= offset)) return;
    // Behind the last message there may be edits and reactions: who saw it has seen them.
    const last = messages.at(-1)?.offset ?? 0;
    this.#setRead({ epoch, offset: offset >= last ? newest : Math.max(0, offset) });
  }

  /** What the room holds now. `isLive`: nothing from before is still on its way. */
  follow(snapshot: TimelineSnapshot, isLive: boolean, reader: Reader): void {
    const { epoch, offset, messages } = snapshot;
    if (epoch !== "" && this.#read?.epoch !== epoch) {
      this.#newAfter = null;
      // Never read here, or the log began anew: nothing is held against the reader.
      if (isLive) this.#setRead({ epoch, offset });
    }
    this.#unread = countUnread(snapshot, this.#read, reader);
    if (!this.#isArriving || !isLive) return;
    this.#isArriving = false;
    const after = this.#newAfter ?? Infinity;
    // From the newest: the first that is looked at decides, but for one's own.
    const isNew = messages.findLast((one) => one.author !== reader.author && !one.deleted);
    if (isNew === undefined || isNew.offset <= after) this.#newAfter = null;
  }

  #setRead(read: ReadPosition): void {
    this.#read = read;
    this.#keep(read);
  }
}
