import type { Clock } from "../../transport/clock.ts";
import type { Position } from "../../protocol/position.ts";
import type { Member, ServerEventPdu, ServerPduOf } from "../../protocol/server-pdu.ts";
import { Alarm } from "../alarm.ts";
import { EventQueue } from "./event-queue.ts";
import { ChatFailure } from "../failure.ts";
import type { Receipt } from "../outbox/outbox.ts";
import type { Draft } from "../outbox/outbox-entry.ts";
import type { RoomCursor } from "./room-cursor.ts";
import { type Members, Roster } from "./roster.ts";
import {
  type Change,
  type RoomEvent,
  Timeline,
  type TimelineOrder,
  type TimelineSnapshot,
} from "./timeline.ts";
import { TYPING, Typists } from "./typists.ts";
import { Watchable, type Watched } from "../watched.ts";

/** Where a room stands. `catching-up`: events from before the join are still coming. */
export type RoomState =
  | { readonly state: "joining" | "catching-up" | "live" | "left" }
  | { readonly state: "refused"; readonly failure: ChatFailure };

export interface HistoryOptions {
  /** The newest events below this offset. */
  readonly before?: number;
  /** The first events above this offset. */
  readonly after?: number;
  /** At most this many, 1 to 200; 50 unless given. */
  readonly limit?: number;
  readonly signal?: AbortSignal;
}

export interface HistoryPage {
  /** Ascending by offset. */
  readonly events: readonly RoomEvent[];
  /** What was said of messages among them after the last of them, as far as it counts today: the last edit, or the
   * deletion, and the last that each said of each reaction. Ascending by offset; empty at a server that tells none.
   * For `amended`. */
  readonly later: readonly Change[];
  readonly epoch: string;
  /** The room's newest offset. */
  readonly head: number;
}

/** What a room needs of its client. */
export interface RoomHost {
  readonly clock: Clock;
  send(draft: Draft): Promise<Receipt>;
  page(room: string, options: HistoryOptions): Promise<ServerPduOf<"CHAT_PAGE">>;
  /** Says that the user types; may be lost. */
  sayTyping(room: string, status: boolean): void;
  /** Asks for everything after where the room's cursor stands. */
  rejoin(room: string): void;
  leave(room: string): void;
}

/**
 * One room of a client. Iterating gives its events from where the room was joined on, each once, in order,
 * through reconnects; a loop that stops reading makes the server hold its events back. `timeline` is the
 * same as messages with their edits, deletions and reactions.
 */
export class Room implements AsyncIterable<RoomEvent> {
  readonly name: string;
  readonly #host: RoomHost;
  #timelineMessages: number | undefined;
  #cursor: RoomCursor;
  readonly #state = new Watchable<RoomState>({ state: "joining" });
  readonly #members = new Watchable<Members>({ count: 0, members: null });
  readonly #topic = new Watchable<string>("");
  /** The offset as of which the topic is known. */
  #topicAt = 0;
  readonly #typing = new Watchable<readonly Member[]>([]);
  readonly #roster = new Roster();
  readonly #typists = new Typists();
  readonly #queue: EventQueue;
  readonly #typistsAlarm: Alarm;
  readonly #renewal: Alarm;
  #typingSince: number | null = null;
  #order: TimelineOrder = "offset";
  #timeline: { readonly of: Timeline; readonly shown: Watchable<TimelineSnapshot> } | null = null;

  /** For the client: `client.room(…)` makes rooms. */
  constructor(
    name: string,
    cursor: RoomCursor,
    host: RoomHost,
    timelineMessages: number | undefined,
    restore: readonly RoomEvent[],
  ) {
    this.name = name;
    this.#cursor = cursor;
    this.#host = host;
    this.#timelineMessages = timelineMessages;
    this.#typistsAlarm = new Alarm(host.clock, () => {
      if (this.#typists.tick(host.clock.nowMs())) this.#showTypists();
      this.#typistsAlarm.set(this.#typists.deadlineMs());
    });
    this.#renewal = new Alarm(host.clock, () => this.#renewTyping());
    this.#queue = new EventQueue((position) => {
      this.#cursor.goBackTo(position.epoch, position.offset);
      host.rejoin(name);
    });
    const [first] = restore;
    if (first === undefined) return;
    const timeline = new Timeline(name, timelineMessages);
    timeline.reset({ epoch: first.epoch, offset: first.offset - 1 });
    for (const event of restore) timeline.append(event);
    this.#timeline = { of: timeline, shown: new Watchable(timeline.snapshot()) };
  }

  get state(): Watched<RoomState> {
    return this.#state;
  }

  /** Who is here. Old news while there is no connection. */
  get members(): Watched<Members> {
    return this.#members;
  }

  /** What the room is about; "" for nothing. */
  get topic(): Watched<string> {
    return this.#topic;
  }

  /** Who else types now. */
  get typing(): Watched<readonly Member[]> {
    return this.#typing;
  }

  /** The newest event that came; null before the first join. */
  get position(): Position | null {
    const { epoch, offset } = this.#cursor;
    return epoch === undefined || offset === undefined ? null : { epoch, offset };
  }

  /** The newest offset that the server spoke of. */
  get head(): number {
    return this.#cursor.head;
  }

  /** The room's messages. Kept from the first use on: ask for it when you make the room, else what came
   * before has to be fetched by `older`. */
  get timeline(): Watched<TimelineSnapshot> {
    if (this.#timeline === null) {
      const timeline = new Timeline(this.name, this.#timelineMessages);
      timeline.setOrder(this.#order);
      if (this.position !== null) timeline.reset(this.position);
      this.#timeline = { of: timeline, shown: new Watchable(timeline.snapshot()) };
    }
    return this.#timeline.shown;
  }

  /** Loads a page of older events into the timeline. False when there are none, or none were needed. */
  async older(limit = 50): Promise<boolean> {
    const { after, epoch } = this.timeline.current;
    const timeline = this.#timeline?.of;
    if (timeline === undefined || after === 0) return false;
    const page = await this.history({ before: after + 1, limit });
    if (page.epoch !== epoch || !timeline.prepend(page.events)) return false;
    this.#showTimeline();
    return true;
  }

  /** How many messages `timeline` holds from now on; those that are too many are let go, the oldest first. */
  holdMessages(most: number): void {
    this.#timelineMessages = most;
    this.#timeline?.of.hold(most);
    this.#showTimeline();
  }

  /** Puts a run of older events, which was loaded apart and reaches to the timeline's first, before it. False
   * when it does not reach. */
  putBefore(events: readonly RoomEvent[]): boolean {
    const { after } = this.timeline.current;
    if (this.#timeline?.of.prepend(events.filter(({ offset }) => offset <= after)) !== true) return false;
    this.#showTimeline();
    return true;
  }

  /** The events of the log, apart from the live ones. Waits for a connection. Rejects with a `ChatFailure`. */
  async history(options: HistoryOptions = {}): Promise<HistoryPage> {
    const { events, later = [], epoch, head } = await this.#host.page(this.name, options);
    const placed = <E extends ServerEventPdu>(list: readonly E[]) =>
      list.flatMap((event) =>
        event.offset === undefined ? [] : [{ ...event, room: this.name, epoch, offset: event.offset }]
      );
    return { events: placed(events), later: placed(later), epoch, head };
  }

  /** Says something. Resolves when it is durable, also when that takes some reconnects; rejects with a
   * `ChatFailure` when it is refused for good, or when the client closes before. */
  send(text: string, options: { replyTo?: number } = {}): Promise<Receipt> {
    this.setTyping(false);
    const { replyTo } = options;
    const draft = { type: "CHAT_MESSAGE", room: this.name, text } as const;
    return this.#say(replyTo === undefined ? draft : { ...draft, replyTo });
  }

  /** Changes the text of one's own message, which stands at this offset. As `send`. */
  edit(target: number, text: string): Promise<Receipt> {
    return this.#say({ type: "CHAT_EDIT", room: this.name, target, text });
  }

  /** Deletes one's own message. As `send`. */
  delete(target: number): Promise<Receipt> {
    return this.#say({ type: "CHAT_DELETE", room: this.name, target });
  }

  /** Adds or takes back a reaction. As `send`. */
  react(target: number, reaction: string, on = true): Promise<Receipt> {
    return this.#say({ type: "CHAT_REACT", room: this.name, target, reaction, on });
  }

  /** Says what the room is about, for everybody; "" for nothing. As `send`. */
  setTopic(text: string): Promise<Receipt> {
    return this.#say({ type: "CHAT_TOPIC", room: this.name, text });
  }

  /** Tells the others whether the user types. Call it at each key if you like: it is said at most every 3 s,
   * and forgotten 30 s after the last call. */
  setTyping(status: boolean): void {
    const typed = this.#typingSince !== null;
    this.#typingSince = status ? this.#host.clock.nowMs() : null;
    if (status === typed) return;
    this.#host.sayTyping(this.name, status);
    this.#renewal.set(status ? this.#host.clock.nowMs() + TYPING.renewMs : null);
  }

  /** Leaves. What was sent here before is still delivered. */
  leave(): void {
    if (this.#state.current.state === "left") return;
    this.setTyping(false);
    this.#host.leave(this.name);
    this.end(null);
    this.#state.set({ state: "left" });
    this.#state.end();
  }

  [Symbol.asyncIterator](): AsyncIterator<RoomEvent, undefined> {
    return this.#queue.read();
  }

  // What the client tells a room.

  /** @internal The server said how people see its rooms. */
  setOrder(order: TimelineOrder): void {
    this.#order = order;
    this.#timeline?.of.setOrder(order);
  }

  /** @internal The server answered a join. */
  joined(
    result: "complete" | "reset",
    position: Position,
    topic: { readonly text: string; readonly head: number },
  ): void {
    this.#topicAt = topic.head;
    this.#topic.set(topic.text);
    if (this.#timeline !== null) {
      const had = this.#timeline.of.position;
      const goesOn = result === "complete" && had.epoch === position.epoch && position.offset <= had.offset;
      if (!goesOn) this.#timeline.of.reset(position);
    }
    this.#queue.reopen();
    this.#caughtUp();
  }

  /** @internal The next event. `held` says that the credit of its bytes is given back by `release`. */
  take(event: RoomEvent, release: () => void): void {
    if (event.type === "CHAT_MESSAGE" && this.#typists.spoke(event.author ?? event.sender)) {
      this.#showTypists();
    }
    // Older ones, that are caught up on, are not what the room is about now.
    if (event.type === "CHAT_TOPIC" && event.offset > this.#topicAt) this.#topic.set(event.text);
    this.#timeline?.of.append(event);
    this.#queue.put(event, release);
  }

  /** @internal Everything that came at once was taken: shows it. */
  show(): void {
    this.#showTimeline();
    this.#caughtUp();
  }

  /** @internal */
  takePresence(pdu: ServerPduOf<"CHAT_PRESENCE">): void {
    this.#members.set(this.#roster.take(pdu));
  }

  /** @internal */
  takeTyping(pdu: ServerPduOf<"CHAT_TYPING">): void {
    if (this.#typists.take(pdu, this.#host.clock.nowMs())) this.#showTypists();
    this.#typistsAlarm.set(this.#typists.deadlineMs());
  }

  /** @internal The connection is gone. */
  lost(): void {
    if (this.#typists.clear()) this.#showTypists();
    this.#typistsAlarm.set(null);
    if (this.#state.current.state !== "refused") this.#state.set({ state: "joining" });
  }

  /** @internal The server does not let one in here. */
  refuse(failure: ChatFailure): void {
    this.#state.set({ state: "refused", failure });
    this.#queue.end(failure);
  }

  /** @internal Nothing more comes; readers end, or throw what is given. */
  end(failure: ChatFailure | null): void {
    this.lost();
    this.#renewal.set(null);
    this.#queue.end(failure);
    if (failure !== null) return;
    this.#members.end();
    this.#topic.end();
    this.#typing.end();
    this.#timeline?.shown.end();
  }

  #say(draft: Draft): Promise<Receipt> {
    const said = this.#state.current.state === "left"
      ? Promise.reject(ChatFailure.local("left"))
      : this.#host.send(draft);
    // Who does not wait for the receipt sees a failure in `client.outbox`; it must not end the process.
    said.catch(() => {});
    return said;
  }

  #renewTyping(): void {
    const since = this.#typingSince;
    const nowMs = this.#host.clock.nowMs();
    if (since === null) return;
    if (nowMs - since >= TYPING.forgottenMs) return this.setTyping(false);
    this.#host.sayTyping(this.name, true);
    this.#renewal.set(nowMs + TYPING.renewMs);
  }

  #showTypists(): void {
    this.#typing.set(this.#typists.list());
  }

  #showTimeline(): void {
    const timeline = this.#timeline;
    if (timeline?.of.isChanged) timeline.shown.setLazily(() => timeline.of.snapshot());
  }

  #caughtUp(): void {
    const { joined, offset, head } = this.#cursor;
    // Whatever else comes: a room that is refused stays so until the server lets one in.
    if (!joined && this.#state.current.state === "refused") return;
    const state = !joined ? "joining" : (offset ?? 0) < head ? "catching-up" : "live";
    if (this.#state.current.state !== state) this.#state.set({ state });
  }
}
