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

export const NOTHING_UNREAD: Unread = { count: 0, more: false, mentions: 0 };

/** More than this is "more": nobody counts on. */
const COUNTED_MAX = 200;

/** Who reads. */
export interface Reader {
  readonly name: string;
  readonly author: string;
  /** Names that begin as the reader's does and go on. */
  readonly longer: readonly string[];
}

/** Counts from the newest backwards. */
export function countUnread(
  { epoch, after, messages }: TimelineSnapshot,
  read: ReadPosition | null,
  { name, author, longer }: Reader,
): Unread {
  if (read === null || read.epoch !== epoch) return NOTHING_UNREAD;
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
    if (mentions(message.text, name, longer)) mentioned++;
  }
  return { count, more: after > read.offset, mentions: mentioned };
}
