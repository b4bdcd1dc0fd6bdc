import type { ServerEventPdu } from "../protocol/server-pdu.ts";
import type { Position } from "../protocol/position.ts";

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

/** One room's messages at a position. Never changes; a newer one shares what stayed the same. */
export interface TimelineSnapshot {
  readonly room: string;
  /** "" before the first join. */
  readonly epoch: string;
  /** Events up to this offset are not in here; 0 when everything is. */
  readonly after: number;
  /** The newest event in here. */
  readonly offset: number;
  /** Ascending by offset. */
  readonly messages: readonly Message[];
}

/** How much a timeline holds by default: what a person scrolls through; the rest comes from the server. */
export const TIMELINE_MESSAGES_DEFAULT = 2_000;
/** Edits and reactions count as well: a room with one message and a million reactions is bounded too. */
const EVENTS_PER_MESSAGE = 8;

/**
 * The projection of a room: a contiguous run of its events → messages with their edits, deletions and
 * reactions. No I/O, no clock; the state depends on the run of events alone, however it was gathered.
 */
export class Timeline {
  readonly room: string;
  readonly #messagesMax: number;
  #epoch = "";
  #after = 0;
  /** Contiguous: `#after + 1`, `#after + 2` … */
  #events: RoomEvent[] = [];
  #messages = new Map<number, Message>();
  #snapshot: TimelineSnapshot | null = null;

  /** Keeps the newest `messagesMax` messages, and up to a quarter more between two trimmings. */
  constructor(room: string, messagesMax: number = TIMELINE_MESSAGES_DEFAULT) {
    this.room = room;
    this.#messagesMax = Math.max(1, messagesMax);
  }

  get position(): Position {
    return { epoch: this.#epoch, offset: this.#after + this.#events.length };
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
      messages: [...this.#messages.values()],
    };
    return this.#snapshot;
  }

  /** Forgets everything and goes on after a position. */
  reset(position: Position): void {
    this.#epoch = position.epoch;
    this.#after = position.offset;
    this.#events = [];
    this.#messages = new Map();
    this.#snapshot = null;
  }

  /** The next event; false when it isn't the next (it came before, or belongs elsewhere). */
  append(event: RoomEvent): boolean {
    const { epoch, offset } = this.position;
    if (event.epoch !== epoch || event.offset !== offset + 1) return false;
    this.#events.push(event);
    project(this.#messages, event);
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
    this.#after = first.offset - 1;
    this.#events = [...events, ...this.#events];
    this.#rebuild();
    return true;
  }

  #rebuild(): void {
    this.#messages = new Map();
    for (const event of this.#events) project(this.#messages, event);
    this.#snapshot = null;
  }

  #trim(): void {
    const most = this.#messagesMax + Math.ceil(this.#messagesMax / 4);
    let cut = Math.max(0, this.#events.length - this.#messagesMax * EVENTS_PER_MESSAGE * 2);
    if (cut > 0) cut += this.#messagesMax * EVENTS_PER_MESSAGE;
    if (this.#messages.size > most) {
      const oldestKept = [...this.#messages.keys()][this.#messages.size - this.#messagesMax];
      if (oldestKept !== undefined) cut = Math.max(cut, oldestKept - this.#after - 1);
    }
    if (cut === 0) return;
    this.#events = this.#events.slice(cut);
    this.#after += cut;
    for (const offset of this.#messages.keys()) {
      if (offset > this.#after) break;
      this.#messages.delete(offset);
    }
  }
}

/** Applies one event. What speaks of a message outside of the run, or isn't its author's to do, is nothing. */
function project(messages: Map<number, Message>, event: RoomEvent): void {
  if (event.type === "CHAT_MESSAGE") {
    messages.set(event.offset, {
      offset: event.offset,
      author: event.author ?? "",
      sender: event.sender,
      ts: event.ts,
      text: event.text,
      editedTs: null,
      deleted: false,
      replyTo: event.replyTo ?? null,
      reactions: NONE,
    });
    return;
  }
  const target = messages.get(event.target);
  if (target === undefined || target.deleted) return;
  const author = event.author ?? "";
  switch (event.type) {
    case "CHAT_EDIT":
      if (author !== target.author) return;
      messages.set(target.offset, { ...target, text: event.text, editedTs: event.ts });
      return;
    case "CHAT_DELETE":
      if (author !== target.author) return;
      messages.set(target.offset, { ...target, text: "", deleted: true, reactions: NONE });
      return;
    case "CHAT_REACT": {
      const reactions = reacted(target.reactions, event.reaction, author || event.sender, event.on);
      if (reactions !== target.reactions) messages.set(target.offset, { ...target, reactions });
      return;
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
