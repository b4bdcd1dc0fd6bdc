import { type Clock, realClock } from "../transport/clock.ts";
import type { Link } from "../transport/link.ts";
import type { Member, ServerPduOf } from "../protocol/server-pdu.ts";
import { LIMITS } from "../protocol/limits.ts";
import { isName, isRoomName } from "../protocol/words.ts";
import { Alarm } from "./alarm.ts";
import { Connection, type ConnectionEffect, type ConnectionEnd } from "./connection.ts";
import { Connector } from "./dial/connector.ts";
import { CONVERSATION, Conversation } from "./conversation.ts";
import type { ClientOptions } from "./client-options.ts";
import { ChatFailure, saysOf } from "./failure.ts";
import { OutboxKeeper } from "./outbox/outbox-keeper.ts";
import type { OutboxView } from "./outbox/outbox-view.ts";
import { Questions, type SearchOptions, type SearchResult } from "./questions.ts";
import { Room } from "./room/room.ts";
import type { TimelineOrder } from "./room/timeline.ts";
import { RoomCursor } from "./room/room-cursor.ts";
import type { RoomOptions } from "./room/room-options.ts";
import { CONNECTING, type Status } from "./status.ts";
import { callSafely, Watchable, type Watched } from "./watched.ts";

/**
 * One person at one server: keeps a connection, comes back by itself, goes on where it was. Made by
 * `connect`. Nothing here throws later than in the call itself or rejects other promises than the returned.
 */
export class Client {
  readonly #options: ClientOptions;
  readonly #clock: Clock;
  readonly #wallMs: () => number;
  readonly #windowBytes: number;
  readonly #status = new Watchable<Status>(CONNECTING);
  readonly #rooms = new Map<string, Room>();
  /** Of rooms, and of those that one is in only since the outbox holds something for them. */
  readonly #cursors = new Map<string, RoomCursor>();
  readonly #questions = new Questions({
    stamp: () => this.#stamp(),
    say: (pdu) => this.#connection?.say(pdu),
    refusal: () => {
      const status = this.#status.current;
      if (this.#closed) return ChatFailure.local("closed");
      return status.state === "refused" ? status.failure : null;
    },
  });
  readonly #outbox: OutboxKeeper;
  readonly #alarm: Alarm;
  readonly #connector: Connector;
  #token: string | undefined;
  #device = "";
  /** What the server says that everybody sees of this one; null before it says so. */
  #author: string | null = null;
  #order: TimelineOrder = "offset";
  #connection: Connection | null = null;
  #greetedAtMs: number | null = null;
  #nextRequest: number = CONVERSATION.requestSeqFirst;
  #closing: Promise<void> | null = null;
  #goodbye: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(options: ClientOptions) {
    if (!isName(options.name)) {
      throw ChatFailure.of(
        "invalid",
        `${JSON.stringify(options.name)} is no name: 1 to 64 characters of one line`,
      );
    }
    this.#options = options;
    this.#token = options.token;
    this.#clock = options.clock ?? realClock;
    this.#wallMs = options.wallMs ?? Date.now;
    const windowBytes = options.windowBytes ?? LIMITS.windowBytesDefault;
    this.#windowBytes = Math.min(LIMITS.windowBytesMax, Math.max(LIMITS.pduBytesMax, windowBytes));
    this.#alarm = new Alarm(this.#clock, () => this.#tick());
    this.#connector = new Connector({
      dial: options.dial,
      network: options.network,
      clock: this.#clock,
      random: options.random ?? Math.random,
      onStatus: (status) => this.#status.set(status),
      onLink: (link) => this.#begin(link),
      onRefused: (failure) => this.#refuse(failure),
    });
    this.#outbox = new OutboxKeeper(options.store, {
      clock: this.#clock,
      wallMs: this.#wallMs,
      askAfterMs: options.askAfterMs,
      follow: (rooms) => rooms.forEach((room) => this.#followFor(room)),
      push: (bytes) => this.#connection?.push(bytes),
      giveUpConnection: () => this.#connection?.giveUp("the server acknowledges nothing"),
      changed: () => this.#outboxChanged(),
      notice: (says) => this.#notice(says),
    });
    const { onStatus } = options;
    if (onStatus !== undefined) this.#status.subscribe(onStatus);
    this.#start();
  }

  get status(): Watched<Status> {
    return this.#status;
  }

  /** Messages without a receipt. */
  get outbox(): OutboxView {
    return this.#outbox;
  }

  /** What others see of this device; null until the outbox is open. */
  get author(): string | null {
    return this.#author ?? this.#outbox.author;
  }

  /** Joins a room, or gives the one that was joined already (then the options mean nothing). */
  room(name: string, options: RoomOptions = {}): Room {
    if (!isRoomName(name)) {
      const says = `${JSON.stringify(name)} is no name for a room: 1 to 64 characters of one line, in NFC`;
      throw ChatFailure.of("invalid", says);
    }
    const there = this.#rooms.get(name);
    if (there !== undefined) return there;
    const known = options.restore?.at(-1);
    const cursor = new RoomCursor(name, {
      epoch: known?.epoch ?? options.epoch,
      offset: known?.offset ?? options.after,
      last: options.last,
    });
    const room = new Room(
      name,
      cursor,
      {
        clock: this.#clock,
        send: (draft) => this.#outbox.send(draft),
        page: (of, asked) => this.#questions.page(of, asked),
        sayTyping: (of, status) =>
          this.#connection?.sayLoosely({ type: "CHAT_TYPING", ...this.#stamp(0), room: of, status }),
        rejoin: (of) => this.#connection?.join(of),
        leave: (of) => this.#leave(of),
      },
      options.timelineMessages,
      options.restore ?? [],
    );
    if (this.#closed) {
      room.end(null);
      return room;
    }
    room.setOrder(this.#order);
    this.#rooms.set(name, room);
    this.#cursors.set(name, cursor);
    this.#connection?.join(name);
    this.#setAlarm();
    return room;
  }

  /** The server's rooms that have events or members, by name. Waits for a connection. */
  rooms(options: { signal?: AbortSignal } = {}): Promise<ServerPduOf<"CHAT_ROOMS">["rooms"]> {
    return this.#questions.rooms(options.signal);
  }

  /** Who is in a room that one is in. Waits for a connection. */
  who(
    room: string,
    options: { signal?: AbortSignal } = {},
  ): Promise<{ readonly count: number; readonly members: readonly Member[] }> {
    return this.#questions.who(room, options.signal);
  }

  /** Looks for messages in the rooms that one is in: all the words, and what stands in quotes as one. 1 to 200
   * characters. Waits for a connection. */
  search(query: string, options: SearchOptions = {}): Promise<SearchResult> {
    return this.#questions.search(query, options);
  }

  /** Resolves when there is a connection; rejects with a `ChatFailure` when it is refused, or closed before. */
  async live(): Promise<void> {
    for await (const status of this.#status) {
      if (status.state === "live") return;
      if (status.state === "refused") throw status.failure;
    }
    throw ChatFailure.local("closed");
  }

  /** Tries again now: after `refused`, perhaps with another token, or when waiting is too long. */
  reconnect(options: { token?: string } = {}): void {
    if (options.token !== undefined) this.#token = options.token;
    // Without the outbox's device there is nobody to connect as.
    if (this.#device !== "") this.#connector.now();
  }

  /**
   * Says goodbye and ends. What has no receipt stays in the store, and its promises reject with `kept`.
   * `drainMs`: waits so long at most until everything that goes out by itself is stored. Idempotent.
   */
  close(options: { drainMs?: number } = {}): Promise<void> {
    this.#closing ??= this.#close(options.drainMs ?? 0);
    return this.#closing;
  }

  /** Resolves, after `close`, when the goodbye is on its way and the link has ended: a program that exits
   * before stays visible to the others until the server misses it. At most about 3 s. */
  get goodbye(): Promise<void> {
    return this.#goodbye;
  }

  async #close(drainMs: number): Promise<void> {
    if (drainMs > 0) await this.#outbox.drained(drainMs);
    this.#closed = true;
    this.#connector.stop();
    if (this.#connection !== null) this.#goodbye = this.#connection.close("");
    this.#connection = null;
    this.#alarm.set(null);
    for (const room of this.#rooms.values()) room.end(null);
    this.#rooms.clear();
    this.#questions.requests.failAll(ChatFailure.local("closed"));
    this.#status.set({ state: "closed" });
    this.#status.end();
    await this.#outbox.close();
  }

  async #start(): Promise<void> {
    try {
      this.#device = await this.#outbox.load();
    } catch (thrown) {
      const says = `the outbox can't be used: ${saysOf(thrown)}`;
      return this.#refuse(ChatFailure.local("outbox", says));
    }
    this.#connector.now();
  }

  // The connection's life.

  #begin(link: Link): void {
    const before = this.#connection;
    if (before !== null) this.#letGo();
    for (const room of this.#outbox.rooms()) this.#followFor(room);
    const conversation = new Conversation({
      name: this.#options.name,
      device: this.#device,
      token: this.#token,
      auth: this.#options.auth,
      windowBytes: this.#windowBytes,
      nextRequest: () => this.#nextRequest++,
    }, this.#cursors);
    const time = { clock: this.#clock, wallMs: this.#wallMs };
    const connection = this.#connection = new Connection(link, conversation, time, this.#windowBytes, {
      effect: (effect) => this.#carryOut(effect, connection),
      settled: () => {
        for (const room of this.#rooms.values()) room.show();
        this.#setAlarm();
      },
      ended: (end) => {
        if (this.#connection !== connection) return;
        this.#connection = null;
        this.#ended(end);
      },
    });
    this.#greetedAtMs = null;
    connection.begin();
    if (this.#connection !== connection) return;
    // Without waiting for the answer: a resume is one round trip.
    this.#outbox.connected();
    for (const pdu of this.#questions.requests.all()) connection.say(pdu);
    // A better link took its place: what was on its way there is resumed here, as after any break.
    before?.close("goes on over another connection");
    this.#setAlarm();
  }

  #ended({ because, failure, retryMs }: ConnectionEnd): void {
    const livedMs = this.#greetedAtMs === null ? 0 : this.#clock.nowMs() - this.#greetedAtMs;
    this.#greetedAtMs = null;
    this.#letGo();
    this.#setAlarm();
    if (failure === null || failure.reconnect) return this.#connector.lost(because, livedMs, retryMs);
    this.#connector.pause();
    this.#refuse(failure);
  }

  /** What was said on the connection counts no more; where it is to go on is known. */
  #letGo(): void {
    this.#outbox.disconnected();
    for (const cursor of this.#cursors.values()) cursor.lost();
    for (const room of this.#rooms.values()) room.lost();
  }

  #refuse(failure: ChatFailure): void {
    this.#outbox.refuse(failure);
    this.#questions.requests.failAll(failure);
    for (const room of this.#rooms.values()) room.end(failure);
    this.#status.set({ state: "refused", failure });
  }

  // What the connection says.

  #carryOut(effect: ConnectionEffect, connection: Connection): void {
    const nowMs = this.#clock.nowMs();
    switch (effect.do) {
      case "welcome":
        this.#greetedAtMs = nowMs;
        this.#author = effect.welcome.author ?? this.#author;
        this.#order = effect.welcome.order === "time" ? "time" : "offset";
        for (const room of this.#rooms.values()) room.setOrder(this.#order);
        this.#status.set({
          state: "live",
          kind: connection.link.kind,
          roundTripMs: effect.roundTripMs,
          server: effect.welcome.server,
        });
        return;
      case "round-trip": {
        const status = this.#status.current;
        if (status.state === "live") this.#status.set({ ...status, roundTripMs: effect.ms });
        return;
      }
      case "joined":
        return this.#rooms.get(effect.room)?.joined(effect.result, effect.position, effect.topic);
      case "room-refused":
        return this.#rooms.get(effect.room)?.refuse(effect.failure);
      case "event": {
        const room = this.#rooms.get(effect.event.room);
        room?.take(effect.event, connection.hold(effect.bytes));
        return;
      }
      case "presence":
        return this.#rooms.get(effect.pdu.room)?.takePresence(effect.pdu);
      case "typing":
        return this.#rooms.get(effect.room)?.takeTyping(effect.pdu);
      case "receipt":
        return this.#outbox.receipt(effect.seq, effect.receipt);
      case "refusal":
        return this.#outbox.refused(effect.seq, effect.failure, effect.retryMs);
      case "answer":
        return this.#questions.requests.answer(effect.pdu);
      case "request-refused":
        return this.#questions.requests.refused(effect.ack, effect.failure, effect.retryMs, nowMs);
      case "notice":
        return this.#notice(effect.says);
    }
  }

  #tick(): void {
    this.#connection?.tick();
    this.#outbox.tick();
    for (const pdu of this.#questions.requests.tick(this.#clock.nowMs())) this.#connection?.say(pdu);
    this.#setAlarm();
  }

  #setAlarm(): void {
    if (this.#connection === null) return this.#alarm.set(null);
    const times = [
      this.#connection.deadlineMs,
      this.#outbox.deadlineMs,
      this.#questions.requests.deadlineMs(),
    ];
    this.#alarm.set(times.reduce((a, b) => a === null || (b !== null && b < a) ? b : a));
  }

  // Rooms.

  #leave(name: string): void {
    this.#rooms.delete(name);
    this.#unfollow(name, this.#outbox.rooms());
  }

  /** The outbox holds something for a room that nobody opened: one has to be in it to send. */
  #followFor(room: string): void {
    if (this.#cursors.has(room)) return;
    this.#cursors.set(room, new RoomCursor(room, {}));
    this.#connection?.join(room);
  }

  #unfollow(name: string, needed: ReadonlySet<string>): void {
    if (this.#rooms.has(name) || needed.has(name) || !this.#cursors.delete(name)) return;
    this.#connection?.say({ type: "CHAT_LEAVE", ...this.#stamp(), room: name });
  }

  #outboxChanged(): void {
    if (this.#cursors.size > this.#rooms.size) {
      const needed = this.#outbox.rooms();
      for (const room of [...this.#cursors.keys()]) this.#unfollow(room, needed);
    }
    this.#setAlarm();
  }

  #stamp(seq: number = this.#nextRequest++): { seq: number; ts: number } {
    return { seq, ts: this.#wallMs() / 1000 };
  }

  #notice(says: string): void {
    const { onNotice } = this.#options;
    if (onNotice !== undefined) callSafely(() => onNotice(says));
  }
}
