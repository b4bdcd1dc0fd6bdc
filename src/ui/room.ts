import type { Client, Room, RoomEvent, TimelineSnapshot } from "../client/mod.ts";
import { Watchable, type Watched } from "../client/mod.ts";
import { Composer } from "./composer.ts";
import { dayAt } from "./days.ts";
import { type Keepsakes, KEPT_EVENTS_MAX, type KeptRoom, type ReadPosition } from "./keepsakes.ts";
import type { ComposerModel, Notice, RoomModel } from "./models.ts";
import { OwnMessages } from "./unplaced.ts";
import { PastRun } from "./past.ts";
import { peopleOf } from "./people.ts";
import { problemOf } from "./problem.ts";
import { RowMaker } from "./rows.ts";
import { countUnread, type Unread } from "./unread.ts";
import type { MessageView, Notify, Problem, RoomView, Row } from "./view.ts";

/** Messages that a room holds: what is scrolled through without being asked for again. */
const TIMELINE_MESSAGES = 200_000;
/** Events that are fetched when a room is opened: some screens, and as many as are counted as unread. */
const LAST_EVENTS = 200;
const OLDER_EVENTS = 200;
/** A place that is so near is reached by loading what is between. */
const NEAR_EVENTS = 600;

/** What a room needs of its chat. */
export interface RoomHost {
  readonly client: Client;
  readonly keepsakes: Keepsakes;
  readonly name: string;
  /** Whether one is looking at this room now. */
  isLookedAt(room: string): boolean;
  roomNames(): readonly string[];
  /** Something of the list of rooms may be other now. */
  changed(): void;
  notice(notice: Notice): void;
}

/** One room as it is shown. */
export class ChatRoom implements RoomModel {
  readonly name: string;
  readonly composer: ComposerModel;
  readonly #composer: Composer;
  readonly #host: RoomHost;
  readonly #room: Room;
  readonly #view: Watchable<RoomView>;
  readonly #rows = new RowMaker();
  readonly #own: OwnMessages;
  readonly #names = new Map<string, string>();
  readonly #ends: (() => void)[] = [];
  #kept: RoomEvent[];
  #read: ReadPosition | null;
  #notify: Notify;
  #draft: string;
  /** Where the line "new" stands, while the room is looked at. */
  #newAfter: number | null = null;
  #past: PastRun | null = null;
  #loading = false;
  #target: RoomView["target"] = null;
  #jumps = 0;
  #unread: Unread = { count: 0, more: false, mentions: 0 };

  constructor(kept: KeptRoom, host: RoomHost) {
    this.name = kept.name;
    this.#host = host;
    this.#kept = [...kept.events];
    this.#read = kept.read;
    this.#notify = kept.notify;
    this.#draft = kept.draft;
    this.#own = new OwnMessages(kept.name);
    this.#room = host.client.room(kept.name, {
      restore: kept.events,
      last: LAST_EVENTS,
      timelineMessages: TIMELINE_MESSAGES,
    });
    for (const event of kept.events) this.#learnName(event);
    this.composer = this.#composer = new Composer(kept.draft, {
      nameable: () => ({ people: [...new Set(this.#names.values())], rooms: host.roomNames() }),
      send: (text, replyTo) => this.#send(text, replyTo),
      edit: (offset, text) => void this.#room.edit(offset, text),
      lastOwn: () => this.#lastOwn(),
      setTyping: (typing) => this.#room.setTyping(typing),
      keepDraft: (text) => this.#keepDraft(text),
    });
    this.#view = new Watchable(this.#make(null));
    const { timeline, state, members, typing, topic } = this.#room;
    for (const watched of [timeline, state, members, typing, topic]) {
      this.#ends.push((watched as Watched<unknown>).subscribe(() => this.#changed()));
    }
    this.#ends.push(host.client.outbox.items.subscribe(() => this.#changed()));
    this.#changed();
    void this.#follow();
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
    return this.#own.unplaced.filter(({ isStored }) => !isStored).length;
  }

  get unread(): Unread {
    return this.#unread;
  }

  setNotify(notify: Notify): void {
    this.#notify = notify;
    this.#host.keepsakes.saveRoom(this.name, notify);
  }

  /** One begins to look at this room, or stops: what came meanwhile is below a line. */
  setLookedAt(looked: boolean): void {
    const offset = this.#read?.offset ?? null;
    this.#newAfter = looked && this.#unread.count > 0 ? offset : looked ? this.#newAfter : null;
    this.#changed();
  }

  /** Nobody looks at the window: what comes now is below a line when somebody does again. */
  markNewFromHere(): void {
    this.#newAfter = this.#read?.offset ?? null;
    this.#changed();
  }

  async older(): Promise<void> {
    await this.#load(async () => {
      if (this.#past !== null) await this.#past.older();
      else await this.#room.older(OLDER_EVENTS);
    });
  }

  async newer(): Promise<void> {
    const past = this.#past;
    if (past === null) return;
    await this.#load(async () => {
      await past.newer();
      const live = this.#room.timeline.current;
      const { epoch, offset } = past.snapshot;
      if (epoch !== live.epoch || offset < live.after || this.#past !== past) return;
      // The two runs meet: from here on the live one holds both.
      if (live.after < past.snapshot.after || this.#room.putBefore(past.events)) this.#past = null;
    });
  }

  async jumpTo(offset: number): Promise<void> {
    const { after } = this.#room.timeline.current;
    if (offset > after) this.#past = null;
    const shown = this.#shown();
    if (offset > shown.after && offset <= shown.offset) return this.#aim(offset);
    await this.#load(async () => {
      if (after > 0 && offset <= after && after - offset < NEAR_EVENTS) {
        this.#past = null;
        while (this.#room.timeline.current.after >= offset && await this.#room.older(OLDER_EVENTS));
      } else {
        this.#past = await PastRun.around(this.name, offset, (options) => this.#room.history(options)) ??
          this.#past;
        // The room may have been joined meanwhile.
        if (offset > this.#room.timeline.current.after && this.#room.timeline.current.epoch !== "") {
          this.#past = null;
        }
      }
    });
    this.#aim(offset);
  }

  toNewest(): void {
    this.#past = null;
    this.#target = null;
    this.#changed();
  }

  seen(offset: number): void {
    const { epoch, offset: newest } = this.#room.timeline.current;
    if (this.#past !== null || epoch === "" || !this.#host.isLookedAt(this.name)) return;
    if (this.#read !== null && this.#read.epoch === epoch && this.#read.offset >= offset) return;
    // Behind the last message there may be edits and reactions: who saw it has seen them.
    const last = this.#room.timeline.current.messages.at(-1)?.offset ?? 0;
    this.#setRead({ epoch, offset: offset >= last ? newest : offset });
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
    this.#own.discard(seq);
    this.#host.client.outbox.discard(seq);
    this.#changed();
  }

  /** Leaves for good. */
  leave(): void {
    this.end();
    this.#room.leave();
    this.#host.keepsakes.forgetRoom(this.name);
  }

  /** Stops following; the client goes on or is closed by its owner. */
  end(): void {
    for (const end of this.#ends) end();
    this.#view.end();
  }

  #send(text: string, replyTo: number | null): void {
    this.#past = null;
    this.#target = null;
    void (replyTo === null ? this.#room.send(text) : this.#room.send(text, { replyTo }));
  }

  async #follow(): Promise<void> {
    try {
      for await (const event of this.#room) this.#take(event);
    } catch (thrown) {
      // The room's state says so too, and that is shown; a log that began anew comes by `joined`.
      if (this.#room.state.current.state !== "refused") throw thrown;
    }
  }

  #take(event: RoomEvent): void {
    this.#learnName(event);
    const last = this.#kept.at(-1);
    if (last !== undefined && (last.epoch !== event.epoch || last.offset + 1 !== event.offset)) {
      this.#kept = [];
    }
    this.#kept.push(event);
    if (this.#kept.length > KEPT_EVENTS_MAX * 2) this.#kept = this.#kept.slice(-KEPT_EVENTS_MAX);
    this.#host.keepsakes.saveEvents(this.name, this.#kept.slice(-KEPT_EVENTS_MAX));
    if (event.type !== "CHAT_MESSAGE" || event.author === this.#host.client.author) return;
    const isRead = this.#read === null || this.#read.epoch !== event.epoch ||
      event.offset <= this.#read.offset;
    if (isRead || this.#host.isLookedAt(this.name)) return;
    const mention = this.#isMention(event.offset);
    if (this.#notify === "none" || (this.#notify === "mentions" && !mention)) return;
    const { sender, text, offset } = event;
    this.#host.notice({ room: this.name, offset, sender, text, mention });
  }

  #isMention(offset: number): boolean {
    return this.#messageAt(offset)?.mentionsMe === true;
  }

  #learnName(event: RoomEvent): void {
    if (event.author !== undefined) this.#names.set(event.author, event.sender);
  }

  #keepDraft(text: string): void {
    const had = this.hasDraft;
    this.#draft = text;
    this.#host.keepsakes.saveDraft(this.name, text);
    if (had !== this.hasDraft) this.#host.changed();
  }

  async #load(load: () => Promise<void>): Promise<void> {
    if (this.#loading) return;
    this.#loading = true;
    this.#changed();
    try {
      await load();
    } catch {
      // There is no connection, or it was lost: it is asked for again when one scrolls there again.
    } finally {
      this.#loading = false;
      this.#changed();
    }
  }

  #aim(offset: number): void {
    this.#target = { offset, jump: ++this.#jumps };
    this.#changed();
  }

  #shown(): TimelineSnapshot {
    return this.#past?.snapshot ?? this.#room.timeline.current;
  }

  #setRead(read: ReadPosition): void {
    this.#read = read;
    this.#host.keepsakes.saveRead(this.name, read);
  }

  #changed(): void {
    const { client } = this.#host;
    const snapshot = this.#room.timeline.current;
    this.#own.take(client.outbox.items.current);
    this.#own.place(snapshot.messages, client.author ?? "");
    if (
      snapshot.epoch !== "" && this.#read?.epoch !== snapshot.epoch &&
      this.#room.state.current.state === "live"
    ) {
      // Never read here, or the log began anew: nothing is held against the reader.
      this.#setRead({ epoch: snapshot.epoch, offset: snapshot.offset });
    }
    for (const { author, name } of this.#room.members.current.members ?? []) this.#names.set(author, name);
    this.#unread = countUnread(snapshot, this.#read, this.#host.name, client.author ?? "", this.#names);
    const before = this.#view.current;
    this.#view.setLazily(() => this.#make(before));
    this.#host.changed();
  }

  #make(before: RoomView | null): RoomView {
    const { client, name } = this.#host;
    const snapshot = this.#shown();
    const state = this.#room.state.current;
    const rows = this.#rows.make({
      messages: snapshot.messages,
      topics: snapshot.topics,
      order: snapshot.order,
      unplaced: this.#past === null ? this.#own.unplaced : [],
      me: { name, author: client.author ?? "" },
      newAfter: this.#newAfter,
      atBeginning: snapshot.after === 0,
      names: this.#names,
      dayAt,
    });
    const typing = this.#room.typing.current;
    return {
      name: this.name,
      topic: this.#room.topic.current,
      state: state.state,
      problem: state.state === "refused" ? problemOf(state.failure) : null,
      rows,
      prepended: before === null ? 0 : prependedTo(before.rows, rows),
      atBeginning: snapshot.after === 0 && snapshot.epoch !== "",
      atEnd: this.#past === null,
      loading: this.#loading,
      target: this.#target,
      below: this.#unread.count,
      here: peopleOf(this.#room.members.current.members, client.author ?? "", typing),
      hereCount: this.#room.members.current.count,
      typing: typing.map((one) => one.name),
    };
  }

  #messageAt(offset: number): MessageView | null {
    const row = this.#view.current.rows.find((one) =>
      one.kind === "message" && one.message.offset === offset
    );
    return row?.kind === "message" ? row.message : null;
  }

  #lastOwn(): MessageView | null {
    const row = this.#view.current.rows.findLast((one) =>
      one.kind === "message" && one.message.mine && one.message.offset !== null && !one.message.deleted
    );
    return row?.kind === "message" ? row.message : null;
  }
}

/** How many rows stand before the one that was the first message. */
function prependedTo(before: readonly Row[], now: readonly Row[]): number {
  const at = before.findIndex(({ kind }) => kind === "message");
  const first = before[at];
  if (first === undefined || now.length <= before.length) return 0;
  const nowAt = now.findIndex(({ key }) => key === first.key);
  return nowAt > at ? nowAt - at : 0;
}
