import { Lines } from "./lines.ts";
import type { Room } from "./room.ts";
import type { Session } from "./session.ts";

/** What a cursor has for its reader right now. */
export type Next =
  | { readonly bytes: Uint8Array; readonly more: boolean }
  /** It must be read from the log first. */
  | "read"
  /** It has seen everything, or waits for a read. */
  | null;

/**
 * One reader's place in one room: a session's membership. It holds no queue, only where it is; what follows
 * comes from the room's tail, or, for a reader that fell behind, page by page from the log.
 */
export class Cursor {
  /** The offset of the next event that the reader has not been given. Meaningless until `started`. */
  next = 0;
  started = false;
  /** Whether it stands in its session's list of cursors with something to give. */
  isPending = false;
  /** Whether a page that it needs is being read. */
  isReading = false;
  #page: Lines | null = null;
  #presenceSeen = -1;

  constructor(readonly session: Session, readonly room: Room) {}

  /** Goes to a place, at joining and at joining again: the next event given is the one after `after`. */
  start(after: number): void {
    this.next = after + 1;
    this.started = true;
    this.isReading = false;
    this.#page = null;
    this.#presenceSeen = -1;
  }

  get hasNews(): boolean {
    return this.started && !this.isReading &&
      (this.next <= this.room.head || this.#presenceSeen < this.room.presence.version);
  }

  /** A page read from the log. Ignored when the cursor has moved elsewhere meanwhile. */
  give(page: Lines): void {
    this.isReading = false;
    if (this.next >= page.first && this.next < page.next) this.#page = page;
  }

  /** What the reader is to get now, about `bytesMax` bytes of it. */
  take(bytesMax: number, nowMs: number): Next {
    if (!this.started) return null;
    const { presence, tail, head } = this.room;
    // chat/0 has no word for who is here.
    if (this.#presenceSeen < presence.version && this.session.wire === "quicchat/1") {
      const bytes = presence.since(this.#presenceSeen, nowMs);
      this.#presenceSeen = presence.version;
      return { bytes, more: this.next <= head };
    }
    this.#presenceSeen = presence.version;
    if (this.isReading || this.next > head) return null;
    let slice = this.#page?.slice(this.next, bytesMax) ?? null;
    if (slice === null) slice = tail.slice(this.next, bytesMax);
    if (slice === null) return "read";
    this.next = slice.next;
    if (this.#page !== null && this.next >= this.#page.next) this.#page = null;
    return { bytes: slice.bytes, more: this.next <= head };
  }
}
