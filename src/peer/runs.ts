/** What two runs of one chain make of each other. */
import type { Run } from "./ledger.ts";

/** What a newcomer gets of each chain before anything older. */
const RECENT_EVENTS = 500;
/** Downwards, for each question: the background must leave room for what is said now. */
const DOWN_EVENTS = 500;

/** Events of a chain, both included; downwards where `to` is lower. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** Whether they would not know ours from what they told. */
export function differs(theirs: Run | undefined, ours: Run): boolean {
  return theirs === undefined || theirs.high !== ours.high || theirs.low !== ours.low ||
    theirs.head !== ours.head ||
    theirs.brokenAt !== ours.brokenAt;
}

/** What of their run would lengthen ours, upwards first; null for nothing. */
export function wantedOf(ours: Run | null, theirs: Run): Range | null {
  if (ours === null || ours.high === 0) {
    return { from: Math.max(theirs.low + 1, theirs.high - RECENT_EVENTS + 1), to: theirs.high };
  }
  const top = ours.brokenAt === null ? Infinity : ours.brokenAt - 1;
  if (theirs.high > ours.high && theirs.low <= ours.high && ours.high < top) {
    return { from: ours.high + 1, to: Math.min(theirs.high, top) };
  }
  if (ours.low > 0 && theirs.low < ours.low && theirs.high >= ours.low) {
    return { from: ours.low, to: Math.max(theirs.low + 1, ours.low - DOWN_EVENTS + 1) };
  }
  return null;
}
