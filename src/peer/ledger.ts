/** What a peer keeps of its group: every event as its author signed it. */
import type { Entry } from "../log/log.ts";
import type { ChainId, SignedEvent } from "./signed-event.ts";

/** The unbroken run that this peer has of one chain: the events `low` + 1 to `high`. */
export interface Run extends ChainId {
  readonly low: number;
  readonly high: number;
  /** The hash of event `high`. */
  readonly head: string;
  /** From this seq on the chain contradicts itself, and is not believed; null: it doesn't. */
  readonly brokenAt: number | null;
}

/** What was wrong with an event that somebody passed on. */
export type Wrong =
  /** Not an event, or not signed by its author: whoever passed it on is to blame. */
  | { readonly why: "malformed" | "forged" }
  /** It does not join the run: something between is missing. */
  | { readonly why: "gap"; readonly chain: ChainId }
  /** It does not follow from what this peer has in its place: ask for the event at `seq`. */
  | { readonly why: "unlinked"; readonly chain: ChainId; readonly seq: number }
  /** Two events in one place, both signed. */
  | { readonly why: "contradicts"; readonly chain: ChainId; readonly proof: Contradiction };

export type Contradiction = readonly [SignedEvent, SignedEvent];

/** What came of `keep`. */
export interface Kept {
  /** How many were new. */
  readonly count: number;
  /** The runs that changed, as they are now. */
  readonly runs: readonly Run[];
  readonly wrongs: readonly Wrong[];
  /** The latest time among what was new, in milliseconds; 0 for none. */
  readonly tsMsMax: number;
  /** Whose that one is; "" for none. */
  readonly latestBy: string;
}

/** Events ready to go into the log. */
export interface Placeable {
  readonly entries: readonly Entry[];
  /** When the earliest of what is dated ahead is due, milliseconds since the epoch; null: nothing is. */
  readonly nextMs: number | null;
}

/** What the log made of an entry that it did not simply store. */
export interface NotStored {
  readonly device: string;
  readonly seq: number;
  /** Where it is; null: it was refused. */
  readonly offset: number | null;
  readonly isStale: boolean;
}

export interface LedgerOpening {
  /** Whether this group's ledger was there before. */
  readonly isNew: boolean;
  readonly runs: readonly Run[];
  /** The chain that this peer adds to. */
  readonly own: ChainId;
  /** Times of all that is kept, for the hybrid clock: the latest that is not after `nowMs`. */
  readonly tsMsMax: number;
  /** How many events stand in the log behind much later ones. */
  readonly late: number;
}

/** How many events one call reads or places, and about how many bytes of them go into one PDU. */
export const READ_EVENTS_MAX = 500;
export const READ_BYTES_MAX = 48_000;
