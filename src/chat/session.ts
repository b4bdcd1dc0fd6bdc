import { LIMITS } from "../protocol/limits.ts";
import type { Wire } from "../protocol/wire.ts";
import type { Rate } from "./bucket.ts";
import { TokenBucket } from "./bucket.ts";
import { Reader } from "./reader.ts";
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
export class Session extends Reader {
  state: "greeting" | "live" | "closing" = "greeting";
  name = "";
  /** The secret that numbers its events; `author` is what others see of it. */
  device: string;
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
  /** Rooms whose joining was refused for now: it will be asked again, and what is said there waits for it. */
  readonly awaitedJoins = new Set<string>();
  constructor(id: SessionId, opening: Opening, rate: Rate, readonly openedMs: number) {
    super(id, opening.wire, opening.hasDatagrams);
    this.device = opening.freshDevice;
    this.bucket = new TokenBucket(rate, openedMs);
  }

  awaitJoin(room: string): void {
    if (this.awaitedJoins.size < LIMITS.roomsPerSessionMax) this.awaitedJoins.add(room);
  }
}
