import type { OutboxItem, Receipt } from "./outbox.ts";
import type { Watched } from "../watched.ts";

/** What a user may see of, and say to, the events without a receipt. */
export interface OutboxView {
  /** All of them, by seq: `queued`, `sent`, `stale` (older than `askAfterMs`: waits for `resume` or `discard`)
   * and `failed` (kept here, not on disk, until one of the two). */
  readonly items: Watched<readonly OutboxItem[]>;
  /** Calls `f` for each event that was stored, before `items` is without it. Returns what ends it. */
  onReceipt(f: (receipt: Receipt) => void): () => void;
  /** Sends a stale or failed one after all, or all of them. */
  resume(seq?: number): void;
  /** Forgets a stale or failed one, or all of them. */
  discard(seq?: number): void;
}
