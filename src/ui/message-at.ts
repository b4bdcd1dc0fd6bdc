import type { Message } from "../client/mod.ts";

/** The message at an offset, by halves: messages ascend. */
export function messageAt(messages: readonly Message[], offset: number): Message | undefined {
  let low = 0;
  let high = messages.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const there = messages[middle];
    if (there === undefined || there.offset === offset) return there;
    if (there.offset < offset) low = middle + 1;
    else high = middle - 1;
  }
  return undefined;
}
