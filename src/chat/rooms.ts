import type { RoomStand } from "../log/log.ts";
import type { LoggedEvent } from "../protocol/event.ts";
import { type Start, startOf, type Wanted } from "../protocol/position.ts";
import { LOBBY } from "../protocol/words.ts";
import { encodePdu } from "../protocol/wire.ts";
import { classicOf } from "./classic.ts";
import { Cursor } from "./reader.ts";
import type { Ticket } from "./effect.ts";
import { Room } from "./room.ts";
import { Guests, type Whereabouts } from "./guests.ts";
import { RoomNames } from "./room-names.ts";
import type { Session } from "./session.ts";
import { TailBudget } from "./tail.ts";
import type { Voice } from "./voice.ts";

/** How long changes of presence are gathered: nobody sees the difference, and a thousand who come back at
 * once are told in one PDU. */
const PRESENCE_GATHERS_MS = 250;
/** How many memberships are told of presence in a millisecond, on average: where 5,000 people are each in ten rooms
 * and more come, telling all of them four times a second leaves no time for anything else. A room of 2,500 is still
 * told after the 250 ms. Whoever waits is told once, of everything. */
const PRESENCE_TOLD_PER_MS = 10;
/** However many there are. */
const PRESENCE_GATHERS_MAX_MS = 5_000;

/** New events that wait until the log has told where their room stands. A log that can't be read for so long is not
 * waited for: people then talk without being told what the room is about. */
const EARLY_MAX = 1_000;

/** The rooms that somebody is in: joining, leaving, and telling members what happened. */
export class Rooms {
  readonly #guests = new Guests();
  readonly #rooms = new Map<string, Room>();
  readonly #names = new RoomNames();
  readonly #changed = new Set<Room>();
  readonly #withTypists = new Set<Room>();
  readonly #budget = new TailBudget();
  /** Rooms whose newest offset was asked for, and those for which the log could not tell it. */
  readonly #asked = new Map<Ticket, Room>();
  readonly #unheaded = new Set<Room>();
  #presenceDueMs = 0;
  /** Before this, telling of presence would take more than its share. */
  #presenceRestsUntilMs = 0;

  constructor(
    readonly epoch: string,
    readonly voice: Voice,
    readonly roomsMax: number,
    /** Whether others add to the log, not always in the order of time. */
    readonly isShared = false,
  ) {
    // Always open: a chat/0 peer takes its WELCOME for being in, so nothing may be waited for after it.
    this.#open(LOBBY);
  }

  get count(): number {
    return this.#rooms.size;
  }

  get(name: string): Room | undefined {
    return this.#rooms.get(name);
  }

  /** The first `limit` open rooms that come after this name, in code point order; where there are very many, as it
   * was up to a second ago. */
  namesAfter(name: string, limit: number, nowMs: number): readonly string[] {
    return this.#names.after(name, limit, nowMs);
  }

  /** Whether a room of this name can be entered: it is open already, or there is place for one more. */
  canOpen(name: string): boolean {
    return this.#rooms.has(name) || this.#rooms.size < this.roomsMax;
  }

  /** Enters, or starts anew where the session is a member already. `ack` is the seq to answer. */
  join(session: Session, name: string, wanted: Wanted, ack: number, nowMs: number): void {
    const room = this.#rooms.get(name) ?? this.#open(name);
    let cursor = session.cursors.get(name);
    if (cursor === undefined) {
      cursor = new Cursor(session, room);
      // The room's own string: the one that was said is then forgotten.
      session.cursors.set(room.name, cursor);
      room.cursors.add(cursor);
      room.presence.enter(session.author, session.name);
      this.#presenceChanged(room, nowMs);
    }
    const member = cursor;
    const joined = () => {
      // Left, or gone, while the room was looked up.
      if (session.state !== "live" || session.cursors.get(name) !== member) return;
      const start: Start = startOf(wanted, this.epoch, room.head);
      this.voice.tell(session, {
        type: "CHAT_JOINED",
        seq: 0,
        ts: this.voice.dateMs(nowMs) / 1000,
        ack,
        room: name,
        epoch: this.epoch,
        after: start.after,
        head: room.head,
        result: start.result,
        ...(room.topic ? { topic: room.topic } : {}),
      });
      member.start(start.after);
      this.voice.wake(member);
    };
    if (room.isLoaded) joined();
    else room.waiting.push(joined);
  }

  leave(session: Session, name: string, nowMs: number): void {
    const cursor = session.cursors.get(name);
    if (cursor === undefined) return;
    session.cursors.delete(name);
    cursor.started = false;
    const room = this.#rooms.get(name);
    if (room === undefined) return;
    room.cursors.delete(cursor);
    this.#silence(room, session.author, session.name, nowMs);
    room.presence.leave(session.author);
    this.#presenceChanged(room, nowMs);
    if (room.cursors.size === 0 && name !== LOBBY) this.#close(room);
  }

  /** The log's answer to `head`; null when it could not, and is asked again at the next tick. */
  headed(ticket: Ticket, stand: RoomStand | null): void {
    const room = this.#asked.get(ticket);
    this.#asked.delete(ticket);
    // Everybody left meanwhile. (A room of the same name that was opened since asked for itself: this
    // answer may be older than what it must know.)
    if (room === undefined || this.#rooms.get(room.name) !== room) return;
    if (stand === null) {
      this.#unheaded.add(room);
      return;
    }
    this.#load(room, stand);
  }

  /** Who came before an event that is new begins with it, although the room did not know yet where it stood. */
  #load(room: Room, stand: RoomStand | null): void {
    const { early } = room;
    room.early = [];
    const before = early[0] === undefined ? Infinity : early[0].offset - 1;
    room.load(Math.min(stand?.head ?? Infinity, before), stand?.topic ?? null);
    this.#admit(room);
    for (const event of early) this.append(event);
  }

  /** A durable event: into the room's tail, and to every member that is there. */
  append(event: LoggedEvent): void {
    const room = this.#rooms.get(event.room);
    if (room === undefined) return;
    // What is said ends the typing; nobody needs to be told apart from that.
    room.typing.ends(event.author);
    if (!room.isLoaded) {
      // What the room is about must be known before anybody is told that he is in: afterwards nothing says it.
      room.early.push(event);
      if (room.early.length >= EARLY_MAX) this.#load(room, null);
      return;
    }
    if (!room.append(event)) return;
    if (this.isShared && event.type === "CHAT_TOPIC") {
      // It may be older than the one that the room has: the log knows.
      room.topic = null;
      this.#ask(room);
    }
    for (const cursor of room.cursors) this.voice.wake(cursor);
  }

  guest(author: string, at: readonly Whereabouts[], nowMs: number): void {
    const { came, went } = this.#guests.move(author, at);
    for (const [name, called] of went) {
      const room = this.#rooms.get(name);
      if (room === undefined) continue;
      this.#silence(room, author, called, nowMs);
      room.presence.leave(author);
      this.#presenceChanged(room, nowMs);
    }
    for (const [name, called] of came) {
      const room = this.#rooms.get(name);
      if (room === undefined) continue;
      room.presence.enter(author, called);
      this.#presenceChanged(room, nowMs);
    }
    for (const { room: name, name: called, isTyping } of at) {
      const room = this.#rooms.get(name);
      if (room === undefined || !room.showsTyping) continue;
      if (isTyping) this.#type(room, author, called, nowMs);
      else this.#silence(room, author, called, nowMs);
    }
  }

  whereabouts(author: string): Whereabouts[] {
    const at: Whereabouts[] = [];
    for (const room of this.#rooms.values()) {
      const [cursor] = room.cursors;
      if (cursor === undefined) continue;
      const name = room.presence.nameOf(author);
      if (name !== undefined) at.push({ room: room.name, name, isTyping: room.typing.has(author) });
    }
    return at;
  }

  typing(session: Session, name: string, isTyping: boolean, nowMs: number): void {
    const room = this.#rooms.get(name);
    if (room === undefined || !room.showsTyping) return;
    if (!isTyping) return this.#silence(room, session.author, session.name, nowMs);
    this.#type(room, session.author, session.name, nowMs);
  }

  tick(nowMs: number): void {
    for (const room of this.#unheaded) this.#ask(room);
    this.#unheaded.clear();
    if (this.#changed.size > 0 && nowMs >= this.#presenceDueMs) this.#tellPresence(nowMs);
    for (const room of this.#withTypists) {
      for (const { author, name } of room.typing.expire(nowMs)) {
        this.#tellTyping(room, author, name, false, nowMs);
      }
      if (!room.typing.isAnyone) this.#withTypists.delete(room);
    }
  }

  #tellPresence(nowMs: number): void {
    let told = 0;
    for (const room of this.#changed) {
      if (!room.presence.changed) continue;
      room.presence.flush(this.voice.dateMs(nowMs));
      told += room.cursors.size;
      for (const cursor of room.cursors) this.voice.wake(cursor);
    }
    this.#changed.clear();
    this.#presenceRestsUntilMs = nowMs + Math.min(told / PRESENCE_TOLD_PER_MS, PRESENCE_GATHERS_MAX_MS);
  }

  #open(name: string): Room {
    const room = new Room(name, this.#budget);
    this.#rooms.set(name, room);
    for (const [author, called] of this.#guests.in(name)) room.presence.enter(author, called);
    this.#names.add(name);
    this.#ask(room);
    return room;
  }

  #ask(room: Room): void {
    const ticket = this.voice.effects.ticket();
    this.#asked.set(ticket, room);
    this.voice.effects.add({ do: "head", ticket, room: room.name });
  }

  #close(room: Room): void {
    room.tail.restart(0);
    this.#rooms.delete(room.name);
    this.#names.delete(room.name);
    this.#changed.delete(room);
    this.#withTypists.delete(room);
    this.#unheaded.delete(room);
  }

  /** Lets those in who waited for the room's newest offset. */
  #admit(room: Room): void {
    const { waiting } = room;
    room.waiting = [];
    for (const go of waiting) go();
  }

  #presenceChanged(room: Room, nowMs: number): void {
    if (this.#changed.size === 0) {
      this.#presenceDueMs = Math.max(nowMs + PRESENCE_GATHERS_MS, this.#presenceRestsUntilMs);
    }
    this.#changed.add(room);
  }

  #type(room: Room, author: string, name: string, nowMs: number): void {
    this.#withTypists.add(room);
    if (room.typing.starts(author, name, nowMs)) this.#tellTyping(room, author, name, true, nowMs);
  }

  #silence(room: Room, author: string, name: string, nowMs: number): void {
    if (room.typing.ends(author)) this.#tellTyping(room, author, name, false, nowMs);
  }

  #tellTyping(room: Room, author: string, name: string, status: boolean, nowMs: number): void {
    const pdu = {
      type: "CHAT_TYPING",
      seq: 0,
      ts: this.voice.dateMs(nowMs) / 1000,
      room: room.name,
      who: name,
      author,
      status,
    } as const;
    const ours = encodePdu(pdu, "quicchat/1");
    const classic = encodePdu(classicOf(pdu) ?? pdu, "chat/0");
    for (const { reader, started } of room.cursors) {
      if (!started || reader.author === author) continue;
      this.voice.hint(reader, reader.wire === "chat/0" ? classic : ours);
    }
  }
}
