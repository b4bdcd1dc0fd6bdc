/**
 * A place in a room's log. Offsets of a room are 1, 2, 3 … without holes; 0 is "before the first". The
 * epoch names one life of the log: it changes when the log is restored or replaced, and an offset means
 * nothing in another epoch (docs/protocol.md, Positions).
 */
export interface Position {
  readonly epoch: string;
  readonly offset: number;
}

/** What a reader wants to follow: everything after `offset`, at most the newest `last` events of it. */
export interface Wanted {
  readonly epoch?: string | undefined;
  readonly offset?: number | undefined;
  readonly last?: number | undefined;
}

/** Where a reader starts. `complete`: nothing between what it has and `after` is missing. `reset`: it must
 * forget what it has of this room, and starts anew after `after`. */
export interface Start {
  readonly after: number;
  readonly result: "complete" | "reset";
}

/**
 * Decides where a reader of a log at `head` starts. A reader that names no offset begins with the newest
 * `last` events (none by default); there is nothing to forget then, so the answer is `complete`.
 */
export function startOf(wanted: Wanted, epoch: string, head: number): Start {
  const newest = Math.max(0, head - (wanted.last ?? 0));
  if (wanted.offset === undefined) return { after: newest, result: "complete" };
  if ((wanted.epoch !== undefined && wanted.epoch !== epoch) || wanted.offset > head) {
    // What it has counts for nothing. It wanted all that follows, so it gets all there is.
    return { after: wanted.last === undefined ? 0 : newest, result: "reset" };
  }
  if (wanted.last !== undefined && head - wanted.offset > wanted.last) {
    return { after: newest, result: "reset" };
  }
  return { after: wanted.offset, result: "complete" };
}
