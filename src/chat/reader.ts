import type { Wire } from "../protocol/wire.ts";
import type { SessionId } from "./effect.ts";
import { Lines } from "./lines.ts";
import type { Presence } from "./presence.ts";
import type { Tail } from "./tail.ts";

/** What a cursor reads: a room, as far as it concerns readers. */
export interface Place {
  readonly name: string;
  /** The newest offset. */
  readonly head: number;
  readonly tail: Tail;
  readonly presence: Presence;
  /** Cursors that wait for the page after an offset: readers at one place share one read. */
  readonly reads: Map<number, Set<Cursor>>;
}

/** A session as the one who is told things: what it was given, what it may be given, and where it is in each
 * of its rooms. */
export class Reader {
  /** What others see of its device; "" before HELLO. */
  author = "";
  readonly cursors = new Map<string, Cursor>();
  /** Cursors with something to give, in turn. */
  readonly pending: Cursor[] = [];
  /** Flow control (docs/protocol.md): bytes given to the stream, and confirmed as consumed. */
  sentBytes = 0;
  confirmedBytes = 0;
  /** What may be outstanding; null for a client that does not confirm. */
  windowBytes: number | null = null;
  /** Whether the link was told that there is something to take, and did not find the end of it yet. */
  isSignalled = false;

  constructor(readonly id: SessionId, readonly wire: Wire, readonly hasDatagrams: boolean) {}

  /** How much more may be sent now. */
  get creditBytes(): number {
    return this.windowBytes === null ? Infinity : this.windowBytes - (this.sentBytes - this.confirmedBytes);
  }

  /** Puts a cursor into the list of those with something to give. */
  queue(cursor: Cursor): void {
    if (cursor.isPending) return;
    cursor.isPending = true;
    this.pending.push(cursor);
  }
}

/** What a cursor has for its reader right now. */
export type Next =
  | { readonly bytes: Uint8Array; readonly more: boolean }
  /** It must be read from the log first. */
  | "read"
  /** It has seen everything, or waits for a read. */
  | null;

/**
 * One reader's place in one room: its membership. It holds no queue, only where it is; what follows comes
 * from the room's tail, or, for a reader that fell behind, page by page from the log.
 */
export class Cursor {
  /** The offset of the next event that the reader has not been given. Meaningless until `started`. */
  next = 0;
  started = false;
  /** Whether it stands in its reader's list of cursors with something to give. */
  isPending = false;
  /** Whether a page that it needs is being read. */
  isReading = false;
  #page: Lines | null = null;
  #presenceSeen = -1;

  constructor(readonly reader: Reader, readonly place: Place) {}

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
      (this.next <= this.place.head || this.#presenceSeen < this.place.presence.version);
  }

  /** A page read from the log. Ignored when the cursor has moved elsewhere meanwhile. */
  give(page: Lines): void {
    this.isReading = false;
    if (this.next >= page.first && this.next < page.next) this.#page = page;
  }

  /** What the reader is to get now, about `bytesMax` bytes of it. */
  take(bytesMax: number, dateMs: number): Next {
    if (!this.started) return null;
    const { presence, tail, head } = this.place;
    // chat/0 has no word for who is here.
    if (this.#presenceSeen < presence.version && this.reader.wire === "quicchat/1") {
      const bytes = presence.since(this.#presenceSeen, dateMs);
      this.#presenceSeen = presence.version;
      return { bytes, more: this.next <= head };
    }
    this.#presenceSeen = presence.version;
    if (this.isReading || this.next > head) return null;
    const slice = this.#page?.slice(this.next, bytesMax) ?? tail.slice(this.next, bytesMax);
    if (slice === null) return "read";
    this.next = slice.next;
    if (this.#page !== null && this.next >= this.#page.next) this.#page = null;
    return { bytes: slice.bytes, more: this.next <= head };
  }
}
