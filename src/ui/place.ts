import { isRoomName } from "../protocol/words.ts";

/** A place in the chat, as the part of a link behind the `#` names it. */
export interface Place {
  readonly room: string;
  /** A message; null: where one reads. No epoch: a link outlives a restored log better than it finds nothing. */
  readonly offset: number | null;
}

/** `#/room/NAME` or `#/room/NAME/OFFSET`, with NAME percent-encoded. */
export function formatPlace({ room, offset }: Place): string {
  const path = `#/room/${encodeURIComponent(room)}`;
  return offset === null ? path : `${path}/${offset}`;
}

/** Null for what names no place. Never throws: links come from strangers. */
export function parsePlace(fragment: string): Place | null {
  const found = /^#\/room\/([^/]+)(?:\/([1-9]\d{0,15}))?\/?$/.exec(fragment);
  if (found === null) return null;
  let room: string;
  try {
    room = decodeURIComponent(found[1] ?? "");
  } catch {
    return null; // a cut escape sequence, which is the answer
  }
  if (!isRoomName(room)) return null;
  const offset = found[2] === undefined ? null : Number(found[2]);
  return offset === null || Number.isSafeInteger(offset) ? { room, offset } : null;
}
