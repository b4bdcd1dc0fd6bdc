import type { LoggedEvent } from "../protocol/event.ts";

/** An event to be kept: all of it but what the log decides, its offset. */
export interface Entry extends Omit<LoggedEvent, "offset"> {
  /** The outbox that numbered it: 128 random bits in hexadecimal. `(device, seq)` is unique for good. */
  readonly device: string;
  /** What `target` must be for the entry to be kept: `exists`, a message of the same room; `own`, one by the
   * same author. Checked in the same transaction. */
  readonly targetMust: "exist" | "be-own" | null;
}

/** What became of one entry. */
export type Outcome =
  | { readonly status: "stored"; readonly offset: number }
  /** The log has this (device, seq) since before: where it is, and how old. Nothing was added. */
  | { readonly status: "duplicate"; readonly room: string; readonly offset: number; readonly tsMs: number }
  /** `stale`: a higher seq of this device is stored and this one is not, so that keeping it now would break
   * the sender's order. */
  | { readonly status: "refused"; readonly why: "stale" | "no-target" | "not-own" };

export interface Page {
  readonly events: readonly LoggedEvent[];
  /** The room's newest offset when the page was read; 0 for a room without events. */
  readonly head: number;
}

/** Where a room stands. */
export interface RoomStand {
  /** Its newest offset; 0 for a room without events. */
  readonly head: number;
  /** The text of its newest CHAT_TOPIC; "" where there is none. */
  readonly topic: string;
}

export interface RoomSummary {
  readonly room: string;
  readonly head: number;
}

/**
 * A chat's truth (docs: ARCHITECTURE.md, The log). What it promises, and `tests/contract/log.ts` tests:
 *
 * - `append` resolves only when every `stored` entry of the batch is durable: it survives a crash of the
 *   process and of the machine. Entries are taken in order; a batch is kept whole or, when it rejects, not
 *   at all. It rejects with a `StoreFailure`, after which nothing of the batch counts as acknowledged.
 * - A room's offsets are 1, 2, 3 … in the order of appending, without holes, also after crashes and
 *   failures: an offset that was given out is never given to another event in the same epoch.
 * - `(device, seq)` is stored once, and a device's events in ascending order of seq.
 * - `read` gives what follows `after`, ascending, at most `limit` events and about `PAGE_BYTES_MAX` bytes of
 *   bodies (at least one event if there is any); it sees everything that was acknowledged before the call.
 * - `changes` gives, of each of the messages at `targets`, what was said of it after `after` and may count today: its
 *   last edit, its last deletion and the newest `CHANGES_REACTIONS_MAX` of its reactions, ascending. A list a target,
 *   in the order of `targets`; only of the first of them where all have more than about `PAGE_BYTES_MAX` bytes of
 *   bodies (of one at least if there is any). It sees everything that was acknowledged before the call.
 * - Appends take effect in the order of the calls. When one rejects, so does every one that was called after
 *   it and before its rejection was told, so that a sender's seq 6 is not kept while its 5 was refused.
 */
export interface Log {
  /** One life of this log: changes when its file is restored from a copy or replaced. */
  readonly epoch: string;
  append(batch: readonly Entry[]): Promise<readonly Outcome[]>;
  read(room: string, after: number, limit: number): Promise<Page>;
  changes(
    room: string,
    targets: readonly number[],
    after: number,
  ): Promise<readonly (readonly LoggedEvent[])[]>;
  /** Of one moment. */
  stand(room: string): Promise<RoomStand>;
  /** Rooms with events, by name in code point order, those after `after`. */
  rooms(after: string, limit: number): Promise<readonly RoomSummary[]>;
  /** Waits for what was appended, then lets go of everything. Idempotent. */
  close(): Promise<void>;
}

/** About how many bytes of bodies one page holds: one write's worth. */
export const PAGE_BYTES_MAX = 131_072;

/** Reactions of one message that `changes` gives. Three times what a CHAT_PAGE has room for, as of several by the same
 * author only the last one counts; what toggles a reaction a million times makes nobody read a million events. */
export const CHANGES_REACTIONS_MAX = 1_000;

/** The store can't do what it was asked; nothing of the call took effect as far as anyone was told. */
export class StoreFailure extends Error {
  override readonly name = "StoreFailure";
  constructor(
    /** `full`: no room on the disk; `readonly`: may not write; `corrupt`: damaged or not a log; `newer`: made
     * by a newer version; `locked`: another process has it; `broken`: anything else. */
    readonly reason: "full" | "readonly" | "corrupt" | "newer" | "locked" | "broken",
    /** One sentence for the operator: what, where, and what to do. */
    message: string,
  ) {
    super(message);
  }
}
