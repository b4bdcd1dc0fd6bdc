import type { OutboxEntry } from "./outbox-entry.ts";

/** What an outbox begins with. */
export interface OutboxContents {
  /** 128 random bits in hexadecimal: a secret between this outbox and its server. */
  readonly device: string;
  /** Above every number that was ever put. */
  readonly nextSeq: number;
  /** Ascending by `seq`. */
  readonly entries: readonly OutboxEntry[];
}

/**
 * Where an outbox keeps what has no receipt yet. One store serves one client and one server at a time: the
 * device is a secret that a second server must not learn. What every store promises:
 *
 * - `load` gives a device that no other client uses meanwhile, also not one in another process or tab.
 * - `put` resolves when the entry is as durable as this store can make it; puts become durable, and
 *   resolve, in the order of the calls. `replaces` is removed in the same step.
 * - After a crash `load` gives every entry whose `put` had resolved and that was not removed; a `remove`
 *   may be forgotten by a crash. A number whose `put` had resolved is never below `nextSeq` again.
 */
export interface OutboxStore {
  /** Call once, first. */
  load(): Promise<OutboxContents>;
  put(entry: OutboxEntry, replaces?: number): Promise<void>;
  remove(seq: number): Promise<void>;
  /** Waits for what was put, lets go of the device. Idempotent. */
  close(): Promise<void>;
}
