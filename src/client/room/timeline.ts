import type { ServerEventPdu } from "../../protocol/server-pdu.ts";
import type { Position } from "../../protocol/position.ts";

/** An event with its place. What a room gives, and what a timeline is made of. */
export type RoomEvent = ServerEventPdu & {
  readonly room: string;
  readonly epoch: string;
  readonly offset: number;
};

/** Who reacted with what; in the order in which the reaction first appeared. */
export interface ReactionCount {
  readonly reaction: string;
  /** Authors, in the order of reacting. */
  readonly by: readonly string[];
}

/** A message as it stands now. */
export interface Message {
  readonly offset: number;
  /** What its author's device numbered it. */
  readonly seq: number;
  /** Whose it is (`authorOf` a device); "" where a server doesn't say. */
  readonly author: string;
  /** What the author called itself then. */
  readonly sender: string;
  /** Seconds since the epoch, by the server's clock. */
  readonly ts: number;
  /** "" when deleted. */
  readonly text: string;
  /** `ts` of the last edit. */
  readonly editedTs: number | null;
  readonly deleted: boolean;
  /** The offset of the message that it answers; that one may be outside of the timeline. */
  readonly replyTo: number | null;
  readonly reactions: readonly ReactionCount[];
}

/** A change of what the room is about; "" for no topic. */
export interface Topic {
  readonly offset: number;
  readonly ts: number;
  readonly sender: string;
  readonly author: string;
  readonly text: string;
}

/**
 * How people see a room: as its events came (`offset`), or by `ts`, then author (`time`): where a server is one of a
 * group of peers, not everything comes in its order.
 */
export type TimelineOrder = "offset" | "time";

/** One room's messages at a position. Never changes; a newer one shares what stayed the same. */
export interface TimelineSnapshot {
  readonly room: string;
  /** "" before the first join. */
  readonly epoch: string;
  /** Events up to this offset are not in here; 0 when everything is. */
  readonly after: number;
  /** The newest event in here. */
  readonly offset: number;
  /** How they are to be shown: `shownOrder`. */
  readonly order: TimelineOrder;
  /** Ascending by offset. */
  readonly messages: readonly Message[];
  /** Ascending by offset. */
  readonly topics: readonly Topic[];
  /** What in here changes messages, also such as come before this run; ascending by offset. */
  readonly changes: readonly Change[];
}

/** How much a timeline holds by default: what a person scrolls through; the rest comes from the server. */
export const TIMELINE_MESSAGES_DEFAULT = 2_000;
/** Edits and reactions count as well: a room with one message and a million reactions is bounded too. */
const EVENTS_PER_MESSAGE = 8;

/** An edit, a deletion or a reaction. */
export type Change = Exclude<RoomEvent, { type: "CHAT_MESSAGE" | "CHAT_TOPIC" }>;

/**
 * The projection of a room: a contiguous run of its events → messages with their edits, deletions and
 * reactions. No I/O, no clock; the state depends on the run of events alone, however it was gathered. An
 * append costs a search by halves, a page of older ones what is in it: 100,000 messages are nothing special.
 */
export class Timeline {
  readonly room: string;
  #messagesMax: number;
  #epoch = "";
  #after = 0;
  /** How many events the run has. */
  #length = 0;
  /** Ascending by offset. */
  #messages: Message[] = [];
  #topics: Topic[] = [];
  /** What changes a message of the run, ascending: needed again when the run loses its beginning. */
  #changes: Change[] = [];
  /** What changes a message before the run, by its offset, each ascending: waits for a page of older ones. */
  #early = new Map<number, Change[]>();
  #snapshot: TimelineSnapshot | null = null;
  #order: TimelineOrder = "offset";
  /** Where time orders: when somebody last changed a reaction, by message, author and reaction. */
  #reactedTs = new Map<string, number>();

  /** Keeps the newest `messagesMax` messages, and up to a quarter more between two trimmings. */
  constructor(room: string, messagesMax: number = TIMELINE_MESSAGES_DEFAULT) {
    this.room = room;
    this.#messagesMax = Math.max(1, messagesMax);
  }

  get position(): Position {
    return { epoch: this.#epoch, offset: this.#after + this.#length };
  }

  /** Whether `snapshot` would give another one than the last time. */
  get isChanged(): boolean {
    return this.#snapshot === null;
  }

  /** The current snapshot: the same object until something changes. */
  snapshot(): TimelineSnapshot {
    this.#snapshot ??= {
      room: this.room,
      epoch: this.#epoch,
      after: this.#after,
      offset: this.position.offset,
      order: this.#order,
      messages: this.#messages.slice(),
      topics: this.#topics.slice(),
      changes: this.#changes.slice(),
    };
    return this.#snapshot;
  }

  /** To be said before its events are: changes of a message count in this order. */
  setOrder(order: TimelineOrder): void {
    this.#order = order;
    this.#snapshot = null;
  }

  /** Keeps so many from now on, as in the constructor. */
  hold(messagesMax: number): void {
    this.#messagesMax = Math.max(1, messagesMax);
    this.#trim();
  }

  /** Forgets everything and goes on after a position. */
  reset(position: Position): void {
    this.#epoch = position.epoch;
    this.#after = position.offset;
    this.#length = 0;
    this.#messages = [];
    this.#topics = [];
    this.#changes = [];
    this.#early = new Map();
    this.#reactedTs = new Map();
    this.#snapshot = null;
  }

  /** The next event; false when it isn't the next (it came before, or belongs elsewhere). */
  append(event: RoomEvent): boolean {
    const { epoch, offset } = this.position;
    if (event.epoch !== epoch || event.offset !== offset + 1) return false;
    this.#length++;
    this.#take(event);
    this.#snapshot = null;
    this.#trim();
    return true;
  }

  /** A page of older events, ascending, that ends right before the first one in here; false otherwise. */
  prepend(events: readonly RoomEvent[]): boolean {
    const first = events[0];
    if (first === undefined) return false;
    for (const [at, event] of events.entries()) {
      if (event.epoch !== this.#epoch || event.offset !== first.offset + at) return false;
    }
    if (first.offset + events.length !== this.#after + 1) return false;
    const later = {
      messages: this.#messages,
      topics: this.#topics,
      changes: this.#changes,
      early: this.#early,
    };
    this.#after = first.offset - 1;
    this.#length += events.length;
    this.#messages = [];
    this.#topics = [];
    this.#changes = [];
    this.#early = new Map();
    for (const event of events) this.#take(event);
    // In the order of the log: what the page itself says of a message was said before.
    for (const changes of later.early.values()) for (const change of changes) this.#apply(change);
    this.#messages = this.#messages.concat(later.messages);
    this.#topics = this.#topics.concat(later.topics);
    this.#changes = this.#changes.concat(later.changes);
    this.#snapshot = null;
    return true;
  }

  #take(event: RoomEvent): void {
    if (event.type === "CHAT_MESSAGE") this.#messages.push(messageOf(event));
    else if (event.type === "CHAT_TOPIC") this.#topics.push(topicOf(event));
    else {
      this.#changes.push(event);
      this.#apply(event);
    }
  }

  /** What speaks of no message of the run is kept for a page that has it, or is nothing. */
  #apply(change: Change): void {
    if (change.target <= this.#after) {
      const waiting = this.#early.get(change.target);
      if (waiting === undefined) this.#early.set(change.target, [change]);
      else waiting.push(change);
      return;
    }
    const at = placeOf(this.#messages, change.target);
    const target = this.#messages[at];
    if (target?.offset !== change.target || !this.#counts(target, change)) return;
    this.#messages[at] = changed(target, change);
  }

  /** Where time orders, what was said before something that is known already changes nothing. */
  #counts(target: Message, change: Change): boolean {
    if (this.#order === "offset") return true;
    if (change.type === "CHAT_EDIT") return change.ts >= (target.editedTs ?? 0);
    if (change.type === "CHAT_DELETE") return true;
    const key = `${change.target} ${change.author ?? change.sender} ${change.reaction}`;
    if (change.ts < (this.#reactedTs.get(key) ?? 0)) return false;
    this.#reactedTs.set(key, change.ts);
    return true;
  }

  #trim(): void {
    const most = this.#messagesMax + Math.ceil(this.#messagesMax / 4);
    let cut = Math.max(0, this.#length - this.#messagesMax * EVENTS_PER_MESSAGE * 2);
    if (cut > 0) cut += this.#messagesMax * EVENTS_PER_MESSAGE;
    const oldestKept = this.#messages.length > most
      ? this.#messages[this.#messages.length - this.#messagesMax]
      : undefined;
    if (oldestKept !== undefined) cut = Math.max(cut, oldestKept.offset - this.#after - 1);
    if (cut === 0) return;
    this.#snapshot = null;
    this.#after += cut;
    this.#length -= cut;
    this.#messages = this.#messages.slice(placeOf(this.#messages, this.#after + 1));
    this.#topics = this.#topics.slice(placeOf(this.#topics, this.#after + 1));
    this.#changes = this.#changes.slice(placeOf(this.#changes, this.#after + 1));
    this.#early = new Map();
    for (const change of this.#changes) if (change.target <= this.#after) this.#apply(change);
  }
}

/** A timeline's messages or topics as people see them. */
export function shownOrder<T extends Message | Topic>(
  these: readonly T[],
  order: TimelineOrder,
): readonly T[] {
  if (order === "offset") return these;
  // Sorting keeps the order by offset of what is alike.
  return these.toSorted((a, b) => a.ts - b.ts || (a.author < b.author ? -1 : Number(a.author > b.author)));
}

/** The index of the first one from this offset on. */
function placeOf(ascending: readonly { readonly offset: number }[], offset: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle]?.offset ?? Infinity) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

function messageOf(event: RoomEvent & { type: "CHAT_MESSAGE" }): Message {
  return {
    offset: event.offset,
    seq: event.seq,
    author: event.author ?? "",
    sender: event.sender,
    ts: event.ts,
    text: event.text,
    editedTs: null,
    deleted: false,
    replyTo: event.replyTo ?? null,
    reactions: NONE,
  };
}

function topicOf({ offset, ts, sender, author, text }: RoomEvent & { type: "CHAT_TOPIC" }): Topic {
  return { offset, ts, sender, author: author ?? "", text };
}

/** A snapshot with what was said of its messages after it, as far as `changes` (ascending) knows: a place in the
 * past is shown as it stands now. The same object where nothing was said. */
export function amended(snapshot: TimelineSnapshot, changes: readonly Change[]): TimelineSnapshot {
  const later = changes.filter(({ epoch, offset, target }) =>
    epoch === snapshot.epoch && offset > snapshot.offset && target > snapshot.after &&
    target <= snapshot.offset
  );
  if (later.length === 0) return snapshot;
  const messages = snapshot.messages.slice();
  for (const change of later) {
    const at = placeOf(messages, change.target);
    const target = messages[at];
    if (target?.offset === change.target) messages[at] = changed(target, change);
  }
  return { ...snapshot, messages };
}

/** A message after one change. What isn't its author's to do is nothing. */
function changed(target: Message, event: Change): Message {
  if (target.deleted) return target;
  const author = event.author ?? "";
  switch (event.type) {
    case "CHAT_EDIT":
      return author === target.author ? { ...target, text: event.text, editedTs: event.ts } : target;
    case "CHAT_DELETE":
      return author === target.author ? { ...target, text: "", deleted: true, reactions: NONE } : target;
    case "CHAT_REACT": {
      const reactions = reacted(target.reactions, event.reaction, author || event.sender, event.on);
      return reactions === target.reactions ? target : { ...target, reactions };
    }
  }
}

const NONE: readonly ReactionCount[] = Object.freeze([]);

function reacted(
  reactions: readonly ReactionCount[],
  reaction: string,
  author: string,
  on: boolean,
): readonly ReactionCount[] {
  const there = reactions.find((one) => one.reaction === reaction);
  if ((there?.by.includes(author) ?? false) === on) return reactions;
  if (there === undefined) return [...reactions, { reaction, by: [author] }];
  const by = on ? [...there.by, author] : there.by.filter((one) => one !== author);
  return by.length === 0
    ? reactions.filter((one) => one !== there)
    : reactions.map((one) => one === there ? { reaction, by } : one);
}
