import type { TimelineSnapshot } from "../client/mod.ts";
import type { ReadPosition } from "./keepsakes.ts";
import { mentions } from "./mentions.ts";

/** What others said after the place up to which one has read. */
export interface Unread {
  readonly count: number;
  /** There are more than were counted. */
  readonly more: boolean;
  readonly mentions: number;
}

/** More than this is "more": nobody counts on. */
const COUNTED_MAX = 200;

/** Counts from the newest backwards. */
export function countUnread(
  { epoch, after, messages }: TimelineSnapshot,
  read: ReadPosition | null,
  name: string,
  author: string,
  names: ReadonlyMap<string, string>,
): Unread {
  if (read === null || read.epoch !== epoch) return { count: 0, more: false, mentions: 0 };
  let count = 0;
  let mentioned = 0;
  for (let at = messages.length - 1; at >= 0; at--) {
    const message = messages[at];
    if (message === undefined || message.offset <= read.offset) {
      return { count, more: false, mentions: mentioned };
    }
    if (message.author === author || message.deleted) continue;
    if (count === COUNTED_MAX) return { count, more: true, mentions: mentioned };
    count++;
    if (mentions(message.text, name, [...names.values()])) mentioned++;
  }
  return { count, more: after > read.offset, mentions: mentioned };
}
