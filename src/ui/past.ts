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
  /** What the pages told of edits, deletions and reactions behind them, ascending. */
  #later: readonly Change[];
  /** The last `shownWith`, to be given again while nothing in it changes. */
  #given: {
    readonly of: TimelineSnapshot;
    readonly changes: readonly Change[];
    readonly as: TimelineSnapshot;
  };

  private constructor(room: string, ask: Ask, { events, later }: HistoryPage) {
    this.#ask = ask;
    this.#events = events;
    this.#later = later;
    this.#timeline = new Timeline(room, PAST_MESSAGES_MAX);
    const [first] = events;
    if (first !== undefined) this.#timeline.reset({ epoch: first.epoch, offset: first.offset - 1 });
    for (const event of events) this.#timeline.append(event);
    const of = this.snapshot;
    this.#given = { of, changes: [], as: of };
  }

  /** A run around an offset. Null where the room has no message there. Rejects with a `ChatFailure`. */
  static async around(room: string, offset: number, ask: Ask): Promise<PastRun | null> {
    let page = await ask({ after: Math.max(0, offset - AROUND / 2), limit: AROUND });
    // Long texts, or many reactions, end a page early.
    const end = page.events.at(-1)?.offset ?? page.head;
    if (end < offset && end < page.head) page = await ask({ after: offset - 1, limit: AROUND });
    const isThere = page.events.some((event) => event.offset === offset && event.type === "CHAT_MESSAGE");
    return isThere ? new PastRun(room, ask, page) : null;
  }

  /** As of the end of the run. */
  get snapshot(): TimelineSnapshot {
    return this.#timeline.snapshot();
  }

  /** With what was told with the pages, and what the live run knows, of edits, deletions and reactions since then. */
  shownWith(live: TimelineSnapshot): TimelineSnapshot {
    const of = this.snapshot;
    const isOfHere = ({ epoch, offset, target }: Change) =>
      epoch === of.epoch && offset > of.offset && target > of.after && target <= of.offset;
    const changes = merged(this.#later.filter(isOfHere), live.changes.filter(isOfHere));
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
    const { events, later } = await this.#ask({ before: after + 1, limit: PAGE });
    if (events[0]?.epoch !== epoch || !this.#timeline.prepend(events)) return false;
    this.#events = [...events, ...this.#events];
    this.#later = merged(this.#later, later);
    return true;
  }

  /** False when there is nothing newer. */
  async newer(): Promise<boolean> {
    const { events, later } = await this.#ask({ after: this.snapshot.offset, limit: PAGE });
    const taken = events.filter((event) => this.#timeline.append(event));
    this.#events = [...this.#events, ...taken];
    this.#later = merged(this.#later, later).filter(({ offset }) => offset > this.snapshot.offset);
    return taken.length > 0;
  }
}

/** Both, ascending, each once. */
function merged(one: readonly Change[], other: readonly Change[]): readonly Change[] {
  if (one.length === 0 || other.length === 0) return one.length === 0 ? other : one;
  const byOffset = new Map([...one, ...other].map((change) => [change.offset, change]));
  return [...byOffset.values()].sort((a, b) => a.offset - b.offset);
}

function isSame(a: readonly Change[], b: readonly Change[]): boolean {
  return a.length === b.length && a.every((change, at) => change.offset === b[at]?.offset);
}
