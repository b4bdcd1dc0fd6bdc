import { ChatFailure, type Client, type Clock, realClock, Watchable, type Watched } from "../client/mod.ts";
import { isToken, parseInvite } from "../protocol/invite.ts";
import { isName, isRoomName, LOBBY } from "../protocol/words.ts";
import { connectionView } from "./connection.ts";
import { freshRoom, type Keepsakes, type Kept, type KeptRoom } from "./keepsakes.ts";
import type { ChatModel, Notice, RoomModel } from "./models.ts";
import { Notices } from "./notices.ts";
import { problemOf } from "./problem.ts";
import { ChatRoom } from "./room.ts";
import { roomList } from "./room-list.ts";
import { type Find, type MarkHits, Search } from "./search.ts";
import { Today } from "./today.ts";
import type { ConnectionView, EntryView, Notify, RoomListView, Settings } from "./view.ts";

export interface ChatOptions {
  readonly keepsakes: Keepsakes;
  readonly kept: Kept;
  /** Makes the client of somebody who goes in; it connects by itself. */
  readonly makeClient: (who: { readonly name: string; readonly token: string | undefined }) => Client;
  /** Searches in the rooms that the client is in. */
  readonly find: (client: Client) => Find;
  /** Loads what marks the hits. */
  readonly marker: () => Promise<MarkHits>;
  /** From a link: goes in under this name at once. */
  readonly name?: string | undefined;
  /** From an invite link. */
  readonly token?: string | undefined;
  readonly clock?: Clock | undefined;
  /** Milliseconds since the epoch. */
  readonly wallMs?: (() => number) | undefined;
}

/** A person at a server, as a window shows it: who one is, the rooms, the connection. */
export class Chat implements ChatModel {
  readonly search: Search;
  readonly #options: ChatOptions;
  readonly #keepsakes: Keepsakes;
  readonly #clock: Clock;
  readonly #wallMs: () => number;
  readonly #entry: Watchable<EntryView>;
  readonly #connection = new Watchable<ConnectionView>({ state: "connecting" });
  readonly #list: Watchable<RoomListView>;
  readonly #settings: Watchable<Settings>;
  readonly #notices: Notices;
  readonly #today: Today;
  readonly #forgetReads: () => void;
  readonly #rooms = new Map<string, ChatRoom>();
  #client: Client | null = null;
  #name: string;
  #token: string | undefined;
  #current: string | null = null;
  #others: RoomListView["others"] = null;
  #visible = true;
  #listDue = false;
  #isClosed = false;
  /** Names given so far: of several only the last one goes in. */
  #entries = 0;
  /** Resolves when nobody is in under an earlier name: a device can't be two people's at once. */
  #gone: Promise<unknown> = Promise.resolve();

  constructor(options: ChatOptions) {
    this.#options = options;
    this.#keepsakes = options.keepsakes;
    this.#clock = options.clock ?? realClock;
    this.#wallMs = options.wallMs ?? Date.now;
    this.#today = new Today(this.#clock, this.#wallMs, () => {
      for (const room of this.#rooms.values()) room.dayTurned();
    });
    this.#name = options.name ?? options.kept.name;
    this.#token = options.token ?? options.kept.token ?? undefined;
    this.#settings = new Watchable(options.kept.settings);
    this.#entry = new Watchable<EntryView>({ state: "needs-name", suggested: this.#name, says: null });
    this.#list = new Watchable<RoomListView>(roomList([], null, null));
    this.#notices = new Notices(this.#clock, ({ room, offset }) => {
      const there = this.#rooms.get(room);
      return there !== undefined && !this.#isLookedAt(room) && !there.isReadUpTo(offset);
    });
    this.#forgetReads = this.#keepsakes.onRead((room, read) => this.#rooms.get(room)?.readElsewhere(read));
    this.search = new Search(
      (query, before, signal) => {
        if (this.#client === null) return Promise.reject(ChatFailure.local("closed"));
        return options.find(this.#client)(query, before, signal);
      },
      this.#clock,
      options.marker,
    );
    if (isName(this.#name)) this.#goIn(options.kept.rooms);
  }

  get entry(): Watched<EntryView> {
    return this.#entry;
  }
  get connection(): Watched<ConnectionView> {
    return this.#connection;
  }
  get rooms(): Watched<RoomListView> {
    return this.#list;
  }
  get settings(): Watched<Settings> {
    return this.#settings;
  }

  enter(name: string): void {
    const wanted = name.trim();
    if (!isName(wanted)) {
      const says = { name: "bad-name", detail: "a name has 1 to 64 characters of one line" };
      return this.#entry.set({ state: "needs-name", suggested: name, says });
    }
    this.#name = wanted;
    void this.#again();
  }

  giveToken(text: string): void {
    const invite = parseInvite(text);
    const token = invite.ok ? invite.invite.token ?? text.trim() : text.trim();
    if (!isToken(token)) {
      const says = problemOf(ChatFailure.of("unauthorised"));
      return this.#entry.set({ state: "needs-token", name: this.#name, says });
    }
    this.#token = token;
    this.#keepsakes.savePerson(this.#name, this.#token);
    this.#client?.reconnect({ token: this.#token });
    this.#entry.set({ state: "in", name: this.#name });
  }

  rename(): void {
    this.#entry.set({ state: "needs-name", suggested: this.#name, says: null });
  }

  open(name: string): RoomModel {
    if (!isRoomName(name)) {
      throw ChatFailure.of("invalid", `${JSON.stringify(name)} is no name for a room`);
    }
    const room = this.#rooms.get(name) ?? this.#join(freshRoom(name));
    if (this.#current !== name) {
      const before = this.#current;
      this.#current = name;
      if (before !== null) this.#rooms.get(before)?.setShown(false);
      room.setShown(true);
      if (!this.#visible) room.setLookedAt(false);
      this.#changed();
    }
    return room;
  }

  leave(name: string): void {
    const room = this.#rooms.get(name);
    // Somewhere one has to be.
    if (room === undefined || this.#rooms.size === 1) return;
    room.leave();
    this.#rooms.delete(name);
    if (this.#current === name) {
      this.#current = null;
      this.open(this.#rooms.has(LOBBY) ? LOBBY : [...this.#rooms.keys()][0] ?? LOBBY);
    }
    this.#changed();
  }

  setNotify(name: string, notify: Notify): void {
    this.#rooms.get(name)?.setNotify(notify);
    this.#changed();
  }

  async lookAround(): Promise<void> {
    const rooms = await this.#client?.rooms() ?? [];
    this.#others = rooms.map(({ room, count }) => ({ name: room, here: count }));
    this.#changed();
  }

  change(settings: Partial<Settings>): void {
    this.#settings.set({ ...this.#settings.current, ...settings });
    this.#keepsakes.saveSettings(this.#settings.current);
  }

  reconnect(): void {
    this.#client?.reconnect();
  }

  setVisible(visible: boolean): void {
    if (visible === this.#visible) return;
    this.#visible = visible;
    const room = this.#current === null ? undefined : this.#rooms.get(this.#current);
    room?.setLookedAt(visible);
  }

  onNotice(f: (notice: Notice) => void): () => void {
    return this.#notices.subscribe(f);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#forgetReads();
    this.#notices.stop();
    this.#today.stop();
    await Promise.all([this.#goOut(), this.#keepsakes.flush()]);
  }

  /** Under the name that was given: a name is said once, in the first word to the server. */
  async #again(): Promise<void> {
    const entry = ++this.#entries;
    await this.#goOut();
    const rooms = await this.#keptRooms();
    if (entry !== this.#entries || this.#isClosed) return;
    this.#rooms.clear();
    this.#goIn(rooms);
  }

  #goOut(): Promise<unknown> {
    for (const room of this.#rooms.values()) room.end();
    const client = this.#client;
    this.#client = null;
    return this.#gone = Promise.all([this.#gone, client?.close()]);
  }

  /** The rooms that one is in, with what is kept of them. Where nothing can be kept one is in them all the same. */
  async #keptRooms(): Promise<readonly KeptRoom[]> {
    await this.#keepsakes.flush();
    const { rooms } = await this.#keepsakes.load();
    const kept = new Set(rooms.map(({ name }) => name));
    const others = [...this.#rooms.values()].filter(({ name }) => !kept.has(name));
    return [...rooms, ...others.map(({ name, notify }) => ({ ...freshRoom(name), notify }))];
  }

  #goIn(rooms: readonly KeptRoom[]): void {
    this.#keepsakes.savePerson(this.#name, this.#token ?? null);
    const client = this.#options.makeClient({ name: this.#name, token: this.#token });
    this.#client = client;
    const show = () => this.#connection.set(connectionView(client.status.current, this.#wallMs()));
    show();
    client.status.subscribe((status) => {
      if (client !== this.#client) return;
      show();
      if (status.state === "refused") this.#refused(problemOf(status.failure));
    });
    for (const room of rooms) this.#join(room);
    if (rooms.length === 0) this.#join(freshRoom(LOBBY));
    const current = this.#current;
    this.#current = null;
    if (current !== null) this.open(current);
    this.#entry.set({ state: "in", name: this.#name });
    this.#changed();
  }

  #refused(problem: { readonly name: string; readonly detail: string }): void {
    if (problem.name === "unauthorised") {
      const says = this.#token === undefined ? null : problem;
      this.#entry.set({ state: "needs-token", name: this.#name, says });
    }
  }

  #join(kept: KeptRoom): ChatRoom {
    const client = this.#client;
    if (client === null) throw ChatFailure.local("closed");
    const room = new ChatRoom(kept, {
      client,
      keepsakes: this.#keepsakes,
      clock: this.#clock,
      name: this.#name,
      todayMs: () => this.#today.startMs,
      isLookedAt: (name) => this.#isLookedAt(name),
      roomNames: () => [...this.#rooms.keys()],
      changed: () => this.#changed(),
      notice: (notice) => this.#notices.add(notice),
    });
    this.#rooms.set(kept.name, room);
    this.#keepsakes.saveRoom(kept.name, kept.notify);
    this.#changed();
    return room;
  }

  #isLookedAt(room: string): boolean {
    return this.#visible && this.#current === room && this.#entry.current.state === "in";
  }

  /** Many things change at once: the list is made once, at the end of the turn. */
  #changed(): void {
    if (this.#listDue) return;
    this.#listDue = true;
    this.#clock.atEndOfTurn(() => {
      this.#listDue = false;
      const next = roomList([...this.#rooms.values()], this.#current, this.#others);
      if (JSON.stringify(next) !== JSON.stringify(this.#list.current)) this.#list.set(next);
    });
  }
}
