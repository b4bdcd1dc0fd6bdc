import type { RoomEvent } from "./timeline.ts";

/** Where one begins in a room. */
export interface RoomOptions {
  /** Begin after this offset: 0 is from the first event on. Absent: live, from now on. */
  readonly after?: number | undefined;
  /** Of this epoch; a log of another one answers with what it has. */
  readonly epoch?: string | undefined;
  /** At most so many of the newest events before now, up to 200. */
  readonly last?: number | undefined;
  /** What is known of the room already, from an earlier run: consecutive events of one epoch, ascending. The
   * timeline begins with them, and the room is joined after the last; `after` and `epoch` mean nothing then. */
  readonly restore?: readonly RoomEvent[] | undefined;
  /** How many messages `timeline` holds. Default 2,000. */
  readonly timelineMessages?: number | undefined;
}
