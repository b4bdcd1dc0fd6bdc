import {
  ChatFailure,
  type Client,
  type Clock,
  type Room,
  type RoomEvent,
  shownOrder,
  Watchable,
  type Watched,
} from "../client/mod.ts";
import { Composer } from "./composer.ts";
import { dayAt } from "./days.ts";
import type { Keepsakes, KeptRoom, ReadPosition } from "./keepsakes.ts";
import { keptParts } from "./kept-parts.ts";
import { KeptRun } from "./kept-run.ts";
import { mentions } from "./mentions.ts";
import type { ComposerModel, Notice, RoomModel } from "./models.ts";
import { Names } from "./names.ts";
import { PendingChanges } from "./pending.ts";
import { peopleOf } from "./people.ts";
import { problemOf } from "./problem.ts";
import { Reading } from "./reading.ts";
import { RowMaker } from "./rows.ts";
import { ShownRun } from "./shown-run.ts";
import { undoneOf } from "./undone.ts";
import { OwnMessages } from "./unplaced.ts";
import type { Unread } from "./unread.ts";
import type { MessageView, Notify, Problem, RoomView, Row } from "./view.ts";

/** Messages that the room one is in holds: what is scrolled through without being asked for again. */
const TIMELINE_MESSAGES = 200_000;
/** The others hold what is shown first, and more than is counted as unread; the rest is loaded again by scrolling.
 * Somebody in 250 rooms for weeks must not need gigabytes. */
const TIMELINE_MESSAGES_ASIDE = 2_000;
/** Events that are fetched when a room is opened: some screens, and as many as are counted as unread. */
const LAST_EVENTS = 200;

/** What a room needs of its chat. */
export interface RoomHost {
  readonly client: Client;
  readonly keepsakes: Keepsakes;
  readonly clock: Clock;
  readonly name: string;
  /** When the day began, in milliseconds since the epoch. */
  todayMs(): number;
  /** Whether one is looking at this room now. */
  isLookedAt(room: string): boolean;
  roomNames(): readonly string[];
  /** Something of the list of rooms may be other now. */
  changed(): void;
  notice(notice: Notice): void;
}

/** One room as it is shown. Its view is made anew at the end of a turn in which something changed. */
export class ChatRoom implements RoomModel {
  readonly name: string;
  readonly composer: ComposerModel;
  readonly #composer: Composer;
  readonly #host: RoomHost;
  readonly #room: Room;
  readonly #view: Watchable<RoomView>;
  readonly #rows = new RowMaker();
  readonly #own: OwnMessages;
  readonly #pending = new PendingChanges();
  readonly #names: Names;
  readonly #shown: ShownRun;
  readonly #reading: Reading;
  readonly #keptRun: KeptRun;
  readonly #ends: (() => void)[] = [];
  #notify: Notify;
  #draft: string;
  /** The view as it was made last. */
  #made: RoomView | null = null;
  #isFollowing = false;
  #isDue = false;
  #isOver = false;

  constructor(kept: KeptRoom, host: RoomHost) {
    const { client, keepsakes, clock } = host;
    const name = this.name = kept.name;
    this.#host = host;
    this.#notify = kept.notify;
    this.#draft = kept.draft;
    this.#own = new OwnMessages(name);
    this.#names = new Names(host.name);
    this.#reading = new Reading(kept.read, (read) => keepsakes.saveRead(name, read));
    this.#keptRun = new KeptRun(kept.events, clock, (events) => keepsakes.saveEvents(name, events));
    this.#room = client.room(name, {
      restore: kept.events,
      last: LAST_EVENTS,
      timelineMessages: TIMELINE_MESSAGES_ASIDE,
    });
    this.#shown = new ShownRun(this.#room, () => this.#changed());
    for (const event of kept.events) this.#names.learn(event.author, event.sender);
    this.composer = this.#composer = new Composer(kept.draft, {
      nameable: () => ({ people: this.#names.others(client.author), rooms: host.roomNames() }),
      send: (text, replyTo) => this.#send(text, replyTo),
      edit: (offset, text) => void this.#room.edit(offset, text),
      lastOwn: () => this.#lastOwn(),
      setTyping: (typing) => this.#room.setTyping(typing),
      keepDraft: (text) => this.#keepDraft(text),
    });
    this.#catchUp();
    this.#view = new Watchable(this.#make());
    const { timeline, state, members, typing, topic } = this.#room;
    for (const watched of [timeline, state, members, typing, topic, client.outbox.items]) {
      this.#ends.push((watched as Watched<unknown>).subscribe(() => this.#changed()));
    }
    this.#ends.push(client.outbox.onReceipt((receipt) => this.#own.receipt(receipt)));
    this.#ends.push(state.subscribe(() => this.#follow()));
    this.#follow();
  }

  get view(): Watched<RoomView> {
    return this.#view;
  }

  get notify(): Notify {
    return this.#notify;
  }

  get topic(): string {
    return this.#room.topic.current;
  }

  /** Why the server does not let one in; null while it does. */
  get problem(): Problem | null {
    const state = this.#room.state.current;
    return state.state === "refused" ? problemOf(state.failure) : null;
  }

  get hasDraft(): boolean {
    return this.#draft.trim() !== "";
  }

  get unsent(): number {
    return this.#own.unsent;
  }

  get unread(): Unread {
    return this.#reading.unread;
  }

  setNotify(notify: Notify): void {
    this.#notify = notify;
    this.#host.keepsakes.saveRoom(this.name, notify);
  }

  /** This room is shown in the window, or another one. */
  setShown(shown: boolean): void {
    if (shown) this.#room.holdMessages(TIMELINE_MESSAGES);
    else {
      this.#shown.toNewest();
      this.#room.holdMessages(TIMELINE_MESSAGES_ASIDE);
      // The view that nobody looks at any more holds on to all the rest.
      this.#host.clock.atEndOfTurn(() => void this.#view.current);
    }
    this.setLookedAt(shown);
  }

  /** One begins to look at this room, or stops: what comes meanwhile is below a line. */
  setLookedAt(looked: boolean): void {
    this.#reading.setLookedAt(looked);
    if (!looked) this.#room.setTyping(false);
    this.#changed();
  }

  /** What was said today was said yesterday from now on. */
  dayTurned(): void {
    this.#changed();
  }

  readElsewhere(read: ReadPosition): void {
    this.#reading.readElsewhere(read);
    this.#changed();
  }

  isReadUpTo(offset: number): boolean {
    return this.#reading.isReadUpTo(offset);
  }

  older(): Promise<void> {
    return this.#shown.older();
  }

  newer(): Promise<void> {
    return this.#shown.newer();
  }

  jumpTo(offset: number): Promise<void> {
    return this.#shown.jumpTo(offset);
  }

  toNewest(): void {
    this.#shown.toNewest();
  }

  forgetMissing(): void {
    this.#shown.forgetMissing();
  }

  seen(offset: number): void {
    if (this.#shown.isPast || !this.#host.isLookedAt(this.name)) return;
    this.#reading.seen(offset, this.#room.timeline.current);
    this.#changed();
  }

  edit(offset: number): void {
    const message = this.#messageAt(offset);
    if (message?.mine === true && !message.deleted) this.#composer.beginEdit(message);
  }

  reply(offset: number): void {
    const message = this.#messageAt(offset);
    if (message !== null && !message.deleted) this.#composer.beginReply(message);
  }

  delete(offset: number): void {
    void this.#room.delete(offset);
  }

  react(offset: number, reaction: string, on: boolean): void {
    void this.#room.react(offset, reaction, on);
  }

  setTopic(text: string): void {
    void this.#room.setTopic(text);
  }

  retry(seq: number): void {
    this.#host.client.outbox.resume(seq);
  }

  discard(seq: number): void {
    this.#host.client.outbox.discard(seq);
  }

  /** Leaves for good. */
  leave(): void {
    this.#keptRun.stop();
    this.end();
    this.#room.leave();
    this.#host.keepsakes.forgetRoom(this.name);
  }

  /** Stops following; the client goes on or is closed by its owner. */
  end(): void {
    this.#isOver = true;
    this.#keptRun.flush();
    for (const end of this.#ends) end();
    this.#view.end();
  }

  async #send(text: string, replyTo: number | null): Promise<void> {
    this.#shown.toNewest();
    try {
      await (replyTo === null ? this.#room.send(text) : this.#room.send(text, { replyTo }));
    } catch (thrown) {
      // What the outbox took is shown with its state. What it could not keep would be lost with the field empty.
      const isKept = !(thrown instanceof ChatFailure) || !LOST.has(thrown.name);
      if (!isKept) this.#composer.giveBack(text, problemOf(thrown));
    }
  }

  /** Reads the events one by one, from each joining to the end of it: a refusal ends the reading, and an invite
   * that was given, or a server that thinks better of it, begins it anew. */
  async #follow(): Promise<void> {
    const { state } = this.#room.state.current;
    if (this.#isFollowing || state === "refused" || state === "left") return;
    this.#isFollowing = true;
    try {
      for await (const event of this.#room) if (!this.#isOver) this.#take(event);
    } catch (thrown) {
      // The state of the room or of the connection says so too, and that is shown.
      if (!(thrown instanceof ChatFailure)) throw thrown;
    } finally {
      this.#isFollowing = false;
    }
  }

  #take(event: RoomEvent): void {
    this.#names.learn(event.author, event.sender);
    this.#keptRun.add(event);
    if (event.type !== "CHAT_MESSAGE" || event.author === this.#host.client.author) return;
    if (this.#notify === "none" || this.#reading.isRead(event) || this.#host.isLookedAt(this.name)) return;
    const { sender, text, offset } = event;
    const mention = mentions(text, this.#host.name, this.#names.longer());
    if (this.#notify === "mentions" && !mention) return;
    this.#host.notice({ room: this.name, offset, sender, text, mention });
  }

  #keepDraft(text: string): void {
    const had = this.hasDraft;
    this.#draft = text;
    this.#host.keepsakes.saveDraft(this.name, text);
    if (had !== this.hasDraft) this.#host.changed();
  }

  /** Much changes at once: what follows from it is found out once, at the end of the turn. */
  #changed(): void {
    if (this.#isDue || this.#isOver) return;
    this.#isDue = true;
    this.#host.clock.atEndOfTurn(() => {
      this.#isDue = false;
      if (this.#isOver) return;
      this.#catchUp();
      this.#view.setLazily(() => this.#make());
      this.#host.changed();
    });
  }

  #catchUp(): void {
    const { client, name } = this.#host;
    const author = client.author ?? "";
    const live = this.#room.timeline.current;
    for (const one of this.#room.members.current.members ?? []) this.#names.learn(one.author, one.name);
    this.#own.take(client.outbox.items.current);
    this.#own.place(live, author);
    this.#shown.follow();
    const isLive = this.#room.state.current.state === "live";
    this.#reading.follow(live, isLive, { name, author, longer: this.#names.longer() });
    const { mode } = this.#composer.view.current;
    if (mode.is === "edit" && mode.of.offset !== null) {
      if (this.#shown.message(mode.of.offset)?.deleted === true) this.#composer.dropEdit();
    }
  }

  #make(): RoomView {
    const { client, name } = this.#host;
    const before = this.#made;
    const { isPast, isLoading, target, missing } = this.#shown;
    const state = this.#room.state.current;
    const author = client.author ?? "";
    const waiting = client.outbox.items.current;
    const snapshot = this.#pending.shownIn(this.#shown.snapshot, waiting, { name, author });
    const rows = this.#rows.make({
      messages: shownOrder(snapshot.messages, snapshot.order),
      topics: shownOrder(snapshot.topics, snapshot.order),
      byOffset: snapshot.order === "time" ? snapshot.messages : undefined,
      unplaced: isPast ? [] : this.#own.unplaced,
      me: { name, author },
      newAfter: this.#reading.newAfter,
      atBeginning: snapshot.after === 0,
      names: this.#names,
      dayAt,
    });
    const typing = this.#room.typing.current;
    const { members, count } = this.#room.members.current;
    this.#made = keptParts(before, {
      name: this.name,
      topic: this.#room.topic.current,
      state: state.state,
      problem: this.problem,
      rows,
      prepended: before === null ? 0 : prependedTo(before.rows, rows),
      atBeginning: snapshot.after === 0 && snapshot.epoch !== "",
      atEnd: !isPast,
      loading: isLoading,
      target,
      missing,
      todayMs: this.#host.todayMs(),
      below: this.#reading.unread.count,
      here: peopleOf(members, author, typing),
      hereCount: count,
      typing: typing.map((one) => one.name),
      undone: undoneOf(this.name, waiting),
    }, { large: ["rows"], fleeting: ["prepended"] });
    return this.#made;
  }

  #messageAt(offset: number): MessageView | null {
    return this.#lastOf((message) => message.offset === offset);
  }

  #lastOwn(): MessageView | null {
    return this.#lastOf((message) => message.mine && message.offset !== null && !message.deleted);
  }

  #lastOf(isIt: (message: MessageView) => boolean): MessageView | null {
    const row = this.#view.current.rows.findLast((one) => one.kind === "message" && isIt(one.message));
    return row?.kind === "message" ? row.message : null;
  }
}

/** Why a message is not even in the outbox. */
const LOST = new Set(["outbox", "invalid", "text-too-large", "pdu-too-large"]);

/** How many rows stand before the one that was the first message. */
function prependedTo(before: readonly Row[], now: readonly Row[]): number {
  const at = before.findIndex(({ kind }) => kind === "message");
  const first = before[at];
  if (first === undefined || now.length <= before.length || now[at] === first) return 0;
  const nowAt = now.findIndex(({ key }) => key === first.key);
  return nowAt > at ? nowAt - at : 0;
}
