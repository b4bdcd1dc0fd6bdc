import type { Entry, Outcome, Page, RoomStand, RoomSummary } from "../log/log.ts";
import type { SearchPage } from "../log/search.ts";
import { authorOf } from "../protocol/author.ts";
import type { Checked, UnknownPdu } from "../protocol/check.ts";
import type { ClientPdu, ClientPduOf } from "../protocol/client-pdu.ts";
import type { LoggedEvent } from "../protocol/event.ts";
import { type FailureName, FAILURES } from "../protocol/failures.ts";
import { LIMITS } from "../protocol/limits.ts";
import type { ServerEventPdu } from "../protocol/server-pdu.ts";
import { LOBBY } from "../protocol/words.ts";
import { CHAT_DEFAULTS, type ChatOptions } from "./options.ts";
import { classicOf, withoutOurs } from "./classic.ts";
import { type Effect, Effects, type SessionId, type Ticket } from "./effect.ts";
import { Events } from "./events.ts";
import { MANNERS, UNKNOWN_COST } from "./manners.ts";
import { Questions } from "./questions.ts";
import type { Whereabouts } from "./guests.ts";
import { Rooms } from "./rooms.ts";
import { type Opening, Session } from "./session.ts";
import { type About, Voice } from "./voice.ts";

/** Refusals in a row after which a session is flooding: an honest client stops at the first. */
const REFUSED_IN_ROW_MAX = 1_000;

/**
 * The rules of the chat, as one deterministic machine: it is told what happened and when, and gives effects
 * to carry out. It does no I/O, reads no clock and knows no randomness, so the same code runs a server and a
 * simulation.
 *
 * - told by links: `opened`, `said`, `unreadable`, `closed`; asked by them: `take`
 * - told by the log: `stored`, `notStored`, `headed`, `paged`, `changed`, `listed`, `found`
 * - told by the clock: `tick`, about every 100 ms; by the calendar: `setCalendar`
 * - asked by its owner after any of these: `effects`
 */
export class Chat {
  readonly #options: ChatOptions;
  readonly #sessions = new Map<SessionId, Session>();
  readonly #greeting = new Set<Session>();
  readonly #effects = new Effects();
  readonly #voice: Voice;
  readonly #rooms: Rooms;
  readonly #events: Events;
  readonly #questions: Questions;
  #isStopping = false;

  constructor(options: Partial<ChatOptions> & { readonly epoch: string }) {
    this.#options = { ...CHAT_DEFAULTS, ...options };
    const { epoch, roomsMax, group } = this.#options;
    this.#voice = new Voice(this.#effects, group?.stamp);
    const refuse = (session: Session, failure: FailureName, nowMs: number, about: About) =>
      this.#refuse(session, failure, nowMs, about);
    this.#rooms = new Rooms(epoch, this.#voice, roomsMax, group !== null);
    this.#events = new Events(epoch, this.#voice, this.#rooms, refuse);
    this.#questions = new Questions(epoch, this.#voice, this.#rooms, refuse);
  }

  get sessionCount(): number {
    return this.#sessions.size;
  }

  get roomCount(): number {
    return this.#rooms.count;
  }

  /** How often each failure was told to a client. */
  get failures(): ReadonlyMap<FailureName, number> {
    return this.#voice.failures;
  }

  /** Whether nothing is on its way into the log. */
  get isSettled(): boolean {
    return this.#events.commits.isIdle;
  }

  /** What is to be done, in order, since the last call. */
  effects(): readonly Effect[] {
    const batch = this.#events.commits.next();
    if (batch !== null) {
      const entries: Entry[] = batch.map(({ entry }) => entry);
      this.#effects.add({ do: "append", entries });
    }
    return this.#effects.take();
  }

  /** How far the calendar is ahead of the `nowMs` that the rules are told: what is written down has its date
   * from it. It may be set back, which no waiting may depend on; `nowMs` may not. */
  setCalendar(aheadMs: number): void {
    this.#voice.setCalendar(aheadMs);
  }

  opened(id: SessionId, opening: Opening, nowMs: number): void {
    const session = new Session(id, opening, this.#options.rate, nowMs);
    this.#sessions.set(id, session);
    this.#greeting.add(session);
    if (this.#isStopping) this.#end(session, "going-away", nowMs);
  }

  closed(id: SessionId, nowMs: number): void {
    const session = this.#sessions.get(id);
    if (session === undefined) return;
    this.#leaveAll(session, nowMs);
    session.state = "closing";
    this.#greeting.delete(session);
    this.#sessions.delete(id);
  }

  /** The link's bytes can't be followed any further. */
  unreadable(id: SessionId, failure: FailureName, nowMs: number): void {
    const session = this.#sessions.get(id);
    if (session === undefined || session.state === "closing") return;
    this.#end(session, failure, nowMs);
  }

  /** One decoded and checked PDU. */
  said(id: SessionId, checked: Checked<ClientPdu | UnknownPdu>, nowMs: number): void {
    const session = this.#sessions.get(id);
    // While stopping, nothing new is taken: what is not acknowledged will be sent again.
    if (session === undefined || session.state === "closing" || this.#isStopping) return;
    if (!checked.ok) {
      if (session.state === "greeting") return this.#end(session, "invalid", nowMs, { says: checked.says });
      return this.#refuse(session, "invalid", nowMs, { seq: checked.seq, says: checked.says });
    }
    const { pdu } = checked;
    if (pdu.type === "unknown") {
      if (session.state === "greeting") return this.#end(session, "bad-order", nowMs);
      const waitMs = session.bucket.take(UNKNOWN_COST, nowMs);
      if (waitMs > 0) this.#refuse(session, "too-fast", nowMs, { seq: pdu.seq, retryMs: waitMs });
      return;
    }
    const manner = MANNERS[pdu.type];
    if (manner.in !== session.state) return this.#end(session, "bad-order", nowMs, { seq: pdu.seq });
    // A word of ours from an original peer: unknown to it, so unknown.
    if (!(manner.wires as readonly string[]).includes(session.wire)) return;
    const pay = () => session.bucket.take(manner.cost, nowMs);
    this.#hear(session, session.wire === "chat/0" ? withoutOurs(pdu) : pdu, pay, nowMs);
  }

  /** What came as a datagram, which may be lost, and may overtake the stream: only typing is said so, and
   * what comes too early might as well have been lost. */
  hinted(id: SessionId, checked: Checked<ClientPdu | UnknownPdu>, nowMs: number): void {
    if (!checked.ok || checked.pdu.type !== "CHAT_TYPING") return;
    if (this.#sessions.get(id)?.state === "live") this.said(id, checked, nowMs);
  }

  #hear(session: Session, pdu: ClientPdu, pay: () => number, nowMs: number): void {
    switch (pdu.type) {
      case "CHAT_MESSAGE":
      case "CHAT_EDIT":
      case "CHAT_DELETE":
      case "CHAT_REACT":
      case "CHAT_TOPIC":
        return this.#events.take(session, pdu, pay, nowMs);
      case "CHAT_HELLO":
        return this.#greet(session, pdu, nowMs);
      case "CHAT_BYE":
        return this.#end(session, null, nowMs);
    }
    const waitMs = pay();
    if (waitMs === 0) session.refusedInRow = 0;
    // These two give something back and are not said again: without its credit a reader stands still for good.
    else if (pdu.type !== "CHAT_CREDIT" && pdu.type !== "CHAT_LEAVE") {
      const isJoin = pdu.type === "CHAT_JOIN";
      if (isJoin && !session.cursors.has(pdu.room)) session.awaitJoin(pdu.room);
      const about = isJoin ? { room: pdu.room } : {};
      return this.#refuse(session, "too-fast", nowMs, { ...about, seq: pdu.seq, retryMs: waitMs });
    } else if (++session.refusedInRow > REFUSED_IN_ROW_MAX) return this.#end(session, "flooding", nowMs);
    const ts = this.#voice.dateMs(nowMs) / 1000;
    const answer = { seq: 0, ts, ack: pdu.seq } as const;
    switch (pdu.type) {
      case "CHAT_CREDIT":
        // More than was sent is a mistake, less than before is late: neither moves anything backwards.
        session.confirmedBytes = Math.max(session.confirmedBytes, Math.min(pdu.bytes, session.sentBytes));
        return this.#voice.signal(session);
      case "CHAT_TYPING":
        return this.#type(session, pdu, nowMs);
      case "CHAT_JOIN":
        return this.#join(session, pdu, nowMs);
      case "CHAT_LEAVE":
        session.awaitedJoins.delete(pdu.room);
        this.#rooms.leave(session, pdu.room, nowMs);
        return this.#voice.tell(session, { type: "CHAT_LEFT", ...answer, room: pdu.room });
      case "CHAT_HISTORY":
        return this.#questions.history(session, pdu, nowMs);
      case "CHAT_SEARCH":
        return this.#questions.search(session, pdu, nowMs);
      case "CHAT_ROOMS":
        return this.#questions.list(session, pdu, nowMs);
      case "CHAT_WHO": {
        const presence = session.cursors.get(pdu.room)?.place.presence;
        if (presence === undefined) {
          return this.#refuse(session, "not-a-member", nowMs, { seq: pdu.seq, room: pdu.room });
        }
        const { count } = presence;
        const members = presence.members();
        return this.#voice.tell(session, { type: "CHAT_WHO", ...answer, room: pdu.room, count, members });
      }
      case "CHAT_PING":
        return this.#voice.tell(session, { type: "CHAT_PONG", ...answer });
    }
  }

  /** What is ready for a session, about `bytesMax` bytes, whole PDUs; null when there is nothing (more). */
  take(id: SessionId, bytesMax: number, nowMs: number): Uint8Array | null {
    const session = this.#sessions.get(id);
    if (session === undefined || session.state !== "live") return null;
    if (this.#effects.owes(id)) {
      // A link may ask before it was given what was said: a room's events must not overtake its CHAT_JOINED.
      this.#effects.add({ do: "ready", session: id });
      return null;
    }
    const { pending } = session;
    while (pending.length > 0 && session.creditBytes > 0) {
      const cursor = pending[0];
      if (cursor === undefined) break;
      // An original peer's words are made of one line at a time, however much its link would take.
      const most = session.wire === "chat/0" ? 1 : Math.min(bytesMax, session.creditBytes);
      const next = cursor.take(most, this.#voice.dateMs(nowMs));
      pending.shift();
      cursor.isPending = false;
      if (next === "read") this.#questions.readFor(cursor);
      if (next === null || next === "read") continue;
      // One room's flood must not keep the others waiting: each in turn.
      if (next.more) session.queue(cursor);
      const bytes = session.wire === "chat/0" ? classicBytes(next.bytes, session.author) : next.bytes;
      if (bytes === null) continue;
      session.sentBytes += bytes.length;
      return bytes;
    }
    session.isSignalled = false;
    return null;
  }

  /** The batch of the last `append` is durable; one outcome an entry. */
  stored(outcomes: readonly Outcome[], nowMs: number): void {
    this.#events.stored(outcomes, nowMs);
  }

  /** The batch of the last `append` was not kept. */
  notStored(nowMs: number): void {
    this.#events.notStored(nowMs);
  }

  /** What others added to the log, in its order. */
  happened(events: readonly LoggedEvent[]): void {
    for (const event of events) this.#rooms.append(event);
  }

  /** Where somebody is who is not here by a session, and where they type; nowhere when they went. */
  guest(author: string, at: readonly Whereabouts[], nowMs: number): void {
    this.#rooms.guest(author, at, nowMs);
  }

  /** Where this author's sessions are. */
  whereabouts(author: string): Whereabouts[] {
    return this.#rooms.whereabouts(author);
  }

  headed(ticket: Ticket, stand: RoomStand | null): void {
    this.#rooms.headed(ticket, stand);
  }

  paged(ticket: Ticket, page: Page | null, nowMs: number): void {
    this.#questions.paged(ticket, page, nowMs);
  }

  changed(ticket: Ticket, lists: readonly (readonly LoggedEvent[])[] | null, nowMs: number): void {
    this.#questions.changed(ticket, lists, nowMs);
  }

  listed(ticket: Ticket, rooms: readonly RoomSummary[] | null, nowMs: number): void {
    this.#questions.listed(ticket, rooms, nowMs);
  }

  found(ticket: Ticket, page: SearchPage | null, nowMs: number): void {
    this.#questions.found(ticket, page, nowMs);
  }

  tick(nowMs: number): void {
    this.#rooms.tick(nowMs);
    this.#questions.tick();
    for (const session of this.#greeting) {
      // In the order of opening: the first that is young ends the search.
      if (nowMs - session.openedMs < this.#options.helloTimeoutMs) break;
      this.#end(session, "hello-timeout", nowMs);
    }
  }

  /** Takes nothing more from anyone. What is on its way into the log is still acknowledged. */
  stopListening(): void {
    this.#isStopping = true;
  }

  /** Says goodbye to everyone. */
  sayGoodbye(nowMs: number): void {
    for (const session of this.#sessions.values()) {
      if (session.state !== "closing") this.#end(session, "going-away", nowMs);
    }
  }

  #greet(session: Session, hello: ClientPduOf<"CHAT_HELLO">, nowMs: number): void {
    if (hello.version !== undefined && hello.version !== 1) return this.#end(session, "version", nowMs);
    const failure = this.#options.admit(hello);
    if (failure !== null) return this.#end(session, failure, nowMs);
    session.state = "live";
    this.#greeting.delete(session);
    session.name = hello.name;
    if (hello.device !== undefined) session.device = hello.device;
    session.author = this.#options.group?.author ?? authorOf(session.device);
    if (hello.window !== undefined) session.windowBytes = hello.window;
    this.#voice.tell(session, {
      type: "CHAT_WELCOME",
      seq: 1,
      ts: this.#voice.dateMs(nowMs) / 1000,
      server: this.#options.server,
      version: 1,
      epoch: this.#options.epoch,
      author: session.author,
      ...(this.#options.group === null ? {} : { order: "time" as const }),
    });
    for (const room of hello.rooms ?? [{ room: LOBBY }]) {
      this.#join(session, { ...room, seq: hello.seq }, nowMs);
    }
  }

  #join(session: Session, wanted: Omit<ClientPduOf<"CHAT_JOIN">, "type" | "ts">, nowMs: number): void {
    const { room, seq } = wanted;
    const isNew = !session.cursors.has(room);
    session.awaitedJoins.delete(room);
    if (isNew && session.cursors.size >= LIMITS.roomsPerSessionMax) {
      return this.#refuse(session, "too-many-rooms", nowMs, { seq, room });
    }
    if (isNew && !this.#rooms.canOpen(room)) {
      return this.#refuse(session, "too-many-rooms", nowMs, { seq, room, says: "on this server" });
    }
    this.#rooms.join(session, room, wanted, seq, nowMs);
  }

  #type(session: Session, pdu: ClientPduOf<"CHAT_TYPING">, nowMs: number): void {
    const room = pdu.room ?? LOBBY;
    const about = { seq: pdu.seq, room };
    if (pdu.who !== undefined && pdu.who !== session.name) {
      return this.#refuse(session, "forbidden", nowMs, about);
    }
    if (!session.cursors.has(room)) return this.#refuse(session, "not-a-member", nowMs, about);
    this.#rooms.typing(session, room, pdu.status, nowMs);
  }

  /** Refuses one PDU; the session goes on, unless it has been refused too often. */
  #refuse(session: Session, failure: FailureName, nowMs: number, about: About): void {
    if (FAILURES[failure].closes) return this.#end(session, failure, nowMs, about);
    // That the log can't write is not the client's fault, and one failed commit may refuse all that was under way.
    if (failure !== "not-stored" && ++session.refusedInRow > REFUSED_IN_ROW_MAX) {
      return this.#end(session, "flooding", nowMs);
    }
    this.#voice.complain(session, failure, nowMs, about);
  }

  /** Ends a session from this side: says why, says goodbye, leaves everywhere. */
  #end(session: Session, failure: FailureName | null, nowMs: number, about: About = {}): void {
    if (failure !== null) this.#voice.complain(session, failure, nowMs, about);
    this.#voice.tell(session, {
      type: "CHAT_BYE",
      seq: 0,
      ts: this.#voice.dateMs(nowMs) / 1000,
      reason: failure === null ? "" : FAILURES[failure].says,
    });
    this.#leaveAll(session, nowMs);
    session.state = "closing";
    this.#greeting.delete(session);
    this.#effects.add({ do: "close", session: session.id, failure });
  }

  #leaveAll(session: Session, nowMs: number): void {
    for (const name of [...session.cursors.keys()]) this.#rooms.leave(session, name, nowMs);
  }
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** One line of a room's log for a chat/0 peer; null when it is its own, or of a kind that it does not know. */
function classicBytes(line: Uint8Array, author: string): Uint8Array | null {
  const event: ServerEventPdu = JSON.parse(decoder.decode(line));
  if (event.author === author) return null;
  const words = classicOf(event);
  return words === null ? null : encoder.encode(JSON.stringify(words));
}
