import type { Wire } from "../protocol/wire.ts";
import type { Rate } from "./bucket.ts";
import { TokenBucket } from "./bucket.ts";
import type { Cursor } from "./cursor.ts";
import type { SessionId } from "./effect.ts";
import { Holds } from "./holds.ts";

/** What the rules know of a link when it opens. */
export interface Opening {
  readonly wire: Wire;
  readonly hasDatagrams: boolean;
  /** 128 random bits in hexadecimal, for a client that names no device of its own. */
  readonly freshDevice: string;
}

/**
 * One conversation with one client:
 *
 *     greeting --CHAT_HELLO--> live --CHAT_BYE, failure, shutdown--> closing
 *
 * In `greeting` nothing but HELLO is heard, in `closing` nothing at all.
 */
export class Session {
  state: "greeting" | "live" | "closing" = "greeting";
  readonly wire: Wire;
  readonly hasDatagrams: boolean;
  name = "";
  /** The secret that numbers its events; `author` is what others see of it. */
  device: string;
  author = "";
  readonly cursors = new Map<string, Cursor>();
  readonly bucket: TokenBucket;
  readonly holds = new Holds();
  /** The highest seq that has its receipt. What was numbered before it can't be put in order any more. */
  acknowledgedSeq = 0;
  /** chat/0: the highest seq taken on this connection. */
  lastSeq = 0;
  /** Events given to the log and not yet answered. */
  eventsUnderWay = 0;
  /** Questions to the log not yet answered. */
  requestsUnderWay = 0;
  refusedInRow = 0;
  /** Flow control (docs/protocol.md): bytes given to the stream, and confirmed as consumed. */
  sentBytes = 0;
  confirmedBytes = 0;
  /** What may be outstanding; null for a client that does not confirm. */
  windowBytes: number | null = null;
  /** Whether the link was told that there is something to take, and did not find the end of it yet. */
  isSignalled = false;
  readonly pending: Cursor[] = [];

  constructor(readonly id: SessionId, opening: Opening, rate: Rate, readonly openedMs: number) {
    this.wire = opening.wire;
    this.hasDatagrams = opening.hasDatagrams;
    this.device = opening.freshDevice;
    this.bucket = new TokenBucket(rate, openedMs);
  }

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
