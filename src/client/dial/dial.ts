import type { Link } from "../../transport/link.ts";

export interface DialAttempt {
  /** Aborted when nobody waits for the link any more. */
  readonly signal: AbortSignal;
  /** 1, 2, 3 … over the life of a client. */
  readonly attempt: number;
  /** There is a connection over a fallback: only the better way is of use. A dialler that has none rejects with a
   * `ChatFailure` whose `reconnect` is false. */
  readonly onlyBetter?: boolean;
}

/**
 * Makes one connection. A rejection with a `ChatFailure` whose `reconnect` is false ends the client's
 * attempts (`status` says `refused`); any other is tried again later.
 */
export type Dial = (attempt: DialAttempt) => Promise<Link>;

/** Whether this machine has a network at all, where that can be known. */
export interface Network {
  readonly online: boolean;
  /** Calls `f` when it changes. Returns what ends it. */
  subscribe(f: () => void): () => void;
}
