import {
  amended,
  type Change,
  type HistoryPage,
  type RoomEvent,
  Timeline,
  type TimelineSnapshot,
} from "../client/mod.ts";

/** Messages that a place in the past can show; beyond, the other end is let go. */
const PAST_MESSAGES_MAX = 100_000;
/** Events around the place that was jumped to. */
const AROUND = 100;
const PAGE = 200;

/** Asks for a page of the room's events. */
export type Ask = (
  options: { before?: number; after?: number; limit?: number },
) => Promise<HistoryPage>;

/**
 * A run of a room's events somewhere in the past, which grows both ways until it reaches the live one. What
 * it asks for and gets may come late: the owner throws the whole run away when it is not wanted any more.
 */
export class PastRun {
  readonly #timeline: Timeline;
  readonly #ask: Ask;
  #events: readonly RoomEvent[];
  /** The last `shownWith`, to be given again while nothing in it changes. */
  #given: {
    readonly of: TimelineSnapshot;
    readonly changes: readonly Change[];
    readonly as: TimelineSnapshot;
  };

  private constructor(room: string, ask: Ask, events: readonly RoomEvent[]) {
    this.#ask = ask;
    this.#events = events;
    this.#timeline = new Timeline(room, PAST_MESSAGES_MAX);
    const [first] = events;
    if (first !== undefined) this.#timeline.reset({ epoch: first.epoch, offset: first.offset - 1 });
    for (const event of events) this.#timeline.append(event);
    const of = this.snapshot;
    this.#given = { of, changes: [], as: of };
  }

  /** A run around an offset. Null where the room has no message there. Rejects with a `ChatFailure`. */
  static async around(room: string, offset: number, ask: Ask): Promise<PastRun | null> {
    const { events } = await ask({ after: Math.max(0, offset - AROUND / 2), limit: AROUND });
    const isThere = events.some((event) => event.offset === offset && event.type === "CHAT_MESSAGE");
    return isThere ? new PastRun(room, ask, events) : null;
  }

  /** As of the end of the run. */
  get snapshot(): TimelineSnapshot {
    return this.#timeline.snapshot();
  }

  /** With what the live run knows of edits, deletions and reactions since then. */
  shownWith(live: TimelineSnapshot): TimelineSnapshot {
    const of = this.snapshot;
    const changes = live.changes.filter(({ epoch, offset, target }) =>
      epoch === of.epoch && offset > of.offset && target > of.after && target <= of.offset
    );
    const given = this.#given;
    if (given.of === of && isSame(given.changes, changes)) return given.as;
    this.#given = { of, changes, as: { ...amended(of, changes), order: live.order } };
    return this.#given.as;
  }

  get events(): readonly RoomEvent[] {
    return this.#events;
  }

  /** False when there is nothing older. */
  async older(): Promise<boolean> {
    const { after, epoch } = this.snapshot;
    if (after === 0) return false;
    const { events } = await this.#ask({ before: after + 1, limit: PAGE });
    if (events[0]?.epoch !== epoch || !this.#timeline.prepend(events)) return false;
    this.#events = [...events, ...this.#events];
    return true;
  }

  /** False when there is nothing newer. */
  async newer(): Promise<boolean> {
    const { events } = await this.#ask({ after: this.snapshot.offset, limit: PAGE });
    const taken = events.filter((event) => this.#timeline.append(event));
    this.#events = [...this.#events, ...taken];
    return taken.length > 0;
  }
}

function isSame(a: readonly Change[], b: readonly Change[]): boolean {
  return a.length === b.length && a.every((change, at) => change.offset === b[at]?.offset);
}
