import type { Page, RoomSummary } from "../log/log.ts";
import type { Found, SearchPage } from "../log/search.ts";
import type { ClientPduOf } from "../protocol/client-pdu.ts";
import type { LoggedEvent } from "../protocol/event.ts";
import { LIMITS } from "../protocol/limits.ts";
import { encodePdu } from "../protocol/wire.ts";
import type { Cursor, Place } from "./reader.ts";
import type { Ticket } from "./effect.ts";
import { type HistoryPage, jsonOf, lineBytes, PAGE_LINES_BYTES_MAX, pageOf } from "./history-page.ts";
import { Lines } from "./lines.ts";
import { byCodePoint } from "./room-names.ts";
import type { Rooms } from "./rooms.ts";
import type { Session } from "./session.ts";
import type { Refuse } from "./events.ts";
import type { Voice } from "./voice.ts";

/** Events of one page for a cursor: at 200 short messages one write. */
const CURSOR_PAGE_EVENTS = 200;
/** Questions that one session may have open: more wait on its side. */
const REQUESTS_MAX = 8;
const REQUESTS_RETRY_MS = 100;
/** Events that a CHAT_HISTORY without `limit` gets. */
const HISTORY_LIMIT = 50;

/** Messages that a CHAT_SEARCH without `limit` gets. */
const SEARCH_LIMIT = 20;

type Answer =
  | { readonly kind: "found"; readonly take: (page: SearchPage | null, nowMs: number) => void }
  | {
    readonly kind: "changes";
    readonly take: (lists: readonly (readonly LoggedEvent[])[] | null, nowMs: number) => void;
  }
  | { readonly kind: "page"; readonly take: (page: Page | null, nowMs: number) => void }
  | { readonly kind: "rooms"; readonly take: (rooms: readonly RoomSummary[] | null, nowMs: number) => void };

/** Everything that is asked of the log: pages for readers that fell behind, history, the list of rooms. */
export class Questions {
  readonly #open = new Map<Ticket, Answer>();
  readonly #stalled = new Set<Cursor>();

  constructor(
    readonly epoch: string,
    readonly voice: Voice,
    readonly rooms: Rooms,
    readonly refuse: Refuse,
  ) {}

  /** Reads the page that a cursor stands before; cursors at one place share one read. */
  readFor(cursor: Cursor): void {
    const { place: room } = cursor;
    const after = cursor.next - 1;
    cursor.isReading = true;
    const waiting = room.reads.get(after);
    if (waiting !== undefined) {
      waiting.add(cursor);
      return;
    }
    room.reads.set(after, new Set([cursor]));
    this.#ask(room, after, CURSOR_PAGE_EVENTS, (page) => this.#hand(room, after, page));
  }

  /** The log's answer to a `read`; null when it could not. */
  paged(ticket: Ticket, page: Page | null, nowMs: number): void {
    const answer = this.#open.get(ticket);
    this.#open.delete(ticket);
    if (answer?.kind === "page") answer.take(page, nowMs);
  }

  /** The log's answer to a `changes`; null when it could not. */
  changed(ticket: Ticket, lists: readonly (readonly LoggedEvent[])[] | null, nowMs: number): void {
    const answer = this.#open.get(ticket);
    this.#open.delete(ticket);
    if (answer?.kind === "changes") answer.take(lists, nowMs);
  }

  /** The log's answer to a `list`; null when it could not. */
  listed(ticket: Ticket, rooms: readonly RoomSummary[] | null, nowMs: number): void {
    const answer = this.#open.get(ticket);
    this.#open.delete(ticket);
    if (answer?.kind === "rooms") answer.take(rooms, nowMs);
  }

  /** The answer to a `search`; null when it could not. */
  found(ticket: Ticket, page: SearchPage | null, nowMs: number): void {
    const answer = this.#open.get(ticket);
    this.#open.delete(ticket);
    if (answer?.kind === "found") answer.take(page, nowMs);
  }

  /** Searches in the rooms that the session is in; what it asks beyond them is not looked at. */
  search(session: Session, pdu: ClientPduOf<"CHAT_SEARCH">, nowMs: number): void {
    if (!this.#mayAsk(session, pdu, nowMs)) return;
    const rooms = (pdu.rooms ?? [...session.cursors.keys()]).filter((room) => session.cursors.has(room));
    const ticket = this.voice.effects.ticket();
    this.#open.set(ticket, {
      kind: "found",
      take: (page, atMs) => this.#tellFound(session, pdu, page, atMs),
    });
    const { query: text, before = null, limit = SEARCH_LIMIT } = pdu;
    this.voice.effects.add({ do: "search", ticket, query: { text, rooms, before, limit } });
  }

  /** Tries again what the log could not read. */
  tick(): void {
    const stalled = [...this.#stalled];
    this.#stalled.clear();
    for (const cursor of stalled) {
      cursor.isReading = false;
      this.voice.wake(cursor);
    }
  }

  history(session: Session, pdu: ClientPduOf<"CHAT_HISTORY">, nowMs: number): void {
    const about = { seq: pdu.seq, room: pdu.room };
    const room = session.cursors.has(pdu.room) ? this.rooms.get(pdu.room) : undefined;
    if (room === undefined) return this.refuse(session, "not-a-member", nowMs, about);
    if (!room.isLoaded) {
      // Gone meanwhile: nothing follows a goodbye.
      room.waiting.push(() => session.state === "live" && this.history(session, pdu, nowMs));
      return;
    }
    if (!this.#mayAsk(session, pdu, nowMs)) return;
    const limit = pdu.limit ?? HISTORY_LIMIT;
    if (pdu.after !== undefined) {
      this.#ask(room, pdu.after, limit, (page, atMs) => {
        if (page === null) return this.#sorry(session, pdu, atMs);
        this.#askLater(session, pdu, { head: page.head, events: fitting(page.events) }, "first", atMs);
      });
      return;
    }
    // The newest first means reading up to `before`, in steps where texts are long, and keeping the end.
    const before = Math.min(pdu.before ?? Infinity, room.head + 1);
    const from = Math.max(0, before - 1 - limit);
    let kept: readonly LoggedEvent[] = [];
    const step = (page: Page | null, atMs: number): void => {
      if (page === null) return this.#sorry(session, pdu, atMs);
      kept = fittingNewest([...kept, ...page.events]);
      const reached = page.events.at(-1)?.offset ?? before - 1;
      if (reached < before - 1) return this.#ask(room, reached, before - 1 - reached, step);
      this.#askLater(session, pdu, { head: page.head, events: kept }, "last", atMs);
    };
    if (from < before - 1) this.#ask(room, from, before - 1 - from, step);
    else this.#tellPage(session, pdu, room.head, { events: [], later: [] }, nowMs);
  }

  list(session: Session, pdu: ClientPduOf<"CHAT_ROOMS">, nowMs: number): void {
    if (!this.#mayAsk(session, pdu, nowMs)) return;
    const after = pdu.after ?? "";
    const limit = LIMITS.roomListMax;
    const ticket = this.voice.effects.ticket();
    this.#open.set(ticket, {
      kind: "rooms",
      take: (kept, atMs) => {
        if (kept === null) return this.#sorry(session, pdu, atMs);
        const heads = new Map(kept.map(({ room, head }) => [room, head]));
        // A room that nobody wrote in yet is in no log.
        for (const name of this.rooms.namesAfter(after, limit + 1, atMs)) {
          const open = this.rooms.get(name);
          if (open !== undefined) heads.set(name, Math.max(open.head, heads.get(name) ?? 0));
        }
        const names = [...heads.keys()].sort(byCodePoint);
        session.requestsUnderWay--;
        if (session.state !== "live") return;
        this.voice.tell(session, {
          type: "CHAT_ROOMS",
          seq: 0,
          ts: this.voice.dateMs(atMs) / 1000,
          ack: pdu.seq,
          rooms: names.slice(0, limit).map((room) => ({
            room,
            head: heads.get(room) ?? 0,
            count: this.rooms.get(room)?.presence.count ?? 0,
          })),
          complete: names.length <= limit,
        });
      },
    });
    this.voice.effects.add({ do: "list", ticket, after, limit: limit + 1 });
  }

  #ask(room: Place, after: number, limit: number, take: (page: Page | null, nowMs: number) => void): void {
    const ticket = this.voice.effects.ticket();
    this.#open.set(ticket, { kind: "page", take });
    this.voice.effects.add({ do: "read", ticket, room: room.name, after, limit: Math.max(1, limit) });
  }

  /** Asks what was said of a page's messages after it, and tells both. */
  #askLater(
    session: Session,
    pdu: ClientPduOf<"CHAT_HISTORY">,
    { head, events }: Page,
    keep: "first" | "last",
    nowMs: number,
  ): void {
    const targets = events.filter(({ type }) => type === "CHAT_MESSAGE").map(({ offset }) => offset);
    const after = events.at(-1)?.offset ?? head;
    // What comes after the head comes live.
    if (targets.length === 0 || after >= head) {
      return this.#tellPage(session, pdu, head, { events, later: [] }, nowMs);
    }
    // The log tells as much as it can of the first targets: of those that stay when the page is cut.
    if (keep === "last") targets.reverse();
    const ticket = this.voice.effects.ticket();
    const take = (lists: readonly (readonly LoggedEvent[])[] | null, atMs: number) => {
      if (lists === null) return this.#sorry(session, pdu, atMs);
      const known = new Map(lists.map((list, at) => [targets[at] ?? 0, list]));
      this.#tellPage(session, pdu, head, pageOf(events, known, keep), atMs);
    };
    this.#open.set(ticket, { kind: "changes", take });
    this.voice.effects.add({ do: "changes", ticket, room: pdu.room, targets, after });
  }

  #hand(room: Place, after: number, page: Page | null): void {
    const cursors = room.reads.get(after) ?? new Set();
    room.reads.delete(after);
    const events = page?.events ?? [];
    // What the log knows durable it must be able to read; if it can't now, the readers wait, nothing is
    // skipped.
    if (events[0]?.offset !== after + 1) {
      for (const cursor of cursors) this.#stalled.add(cursor);
      return;
    }
    const lines = Lines.of(events);
    for (const cursor of cursors) {
      cursor.give(lines);
      this.voice.wake(cursor);
    }
  }

  #mayAsk(session: Session, pdu: { readonly seq: number }, nowMs: number): boolean {
    if (session.requestsUnderWay >= REQUESTS_MAX) {
      this.refuse(session, "too-fast", nowMs, { seq: pdu.seq, retryMs: REQUESTS_RETRY_MS });
      return false;
    }
    session.requestsUnderWay++;
    return true;
  }

  #sorry(session: Session, pdu: { readonly seq: number }, nowMs: number): void {
    session.requestsUnderWay--;
    if (session.state !== "live") return;
    this.refuse(session, "not-read", nowMs, { seq: pdu.seq, retryMs: 1_000 });
  }

  #tellFound(
    session: Session,
    pdu: ClientPduOf<"CHAT_SEARCH">,
    page: SearchPage | null,
    nowMs: number,
  ): void {
    if (page === null) return this.#sorry(session, pdu, nowMs);
    session.requestsUnderWay--;
    if (session.state !== "live") return;
    const fits = fittingFound(page.found);
    const next = fits.length < page.found.length ? fits.at(-1)?.id : page.next;
    this.voice.tell(session, {
      type: "CHAT_FOUND",
      seq: 0,
      ts: this.voice.dateMs(nowMs) / 1000,
      ack: pdu.seq,
      // Left meanwhile: what was said there is no longer theirs to see.
      found: fits.filter(({ room }) => session.cursors.has(room)).map((
        { room, offset, tsMs, sender, author, text },
      ) => (
        { room, offset, ts: tsMs / 1000, sender, author, text }
      )),
      ...(typeof next === "number" ? { next } : {}),
      ...(page.isBehind ? { behind: true } : {}),
    });
  }

  #tellPage(
    session: Session,
    pdu: ClientPduOf<"CHAT_HISTORY">,
    head: number,
    { events, later }: HistoryPage,
    nowMs: number,
  ): void {
    session.requestsUnderWay--;
    // Left meanwhile: what happens in the room is no longer theirs to see.
    if (session.state !== "live" || !session.cursors.has(pdu.room)) return;
    const frame = encodePdu({
      type: "CHAT_PAGE",
      seq: 0,
      ts: this.voice.dateMs(nowMs) / 1000,
      ack: pdu.seq,
      room: pdu.room,
      epoch: this.epoch,
      head,
      events: [],
    }, "quicchat/1");
    // The lines are JSON already: they go between the frame's brackets.
    const text = new TextDecoder().decode(frame);
    const tail = later.length === 0 ? "" : `,"later":[${jsonOf(later)}]`;
    this.voice.tellBytes(session, encoder.encode(`${text.slice(0, -3)}${jsonOf(events)}]${tail}}\n`));
  }
}

const encoder = new TextEncoder();

/** The first of what was found that fit one PDU; texts full of control characters are long as JSON. */
function fittingFound(found: readonly Found[]): readonly Found[] {
  let bytes = 0;
  const end = found.findIndex((one) =>
    (bytes += encoder.encode(JSON.stringify(one)).length) > PAGE_LINES_BYTES_MAX
  );
  return end < 0 ? found : found.slice(0, Math.max(1, end));
}

/** The first events whose lines fit one page. */
function fitting(events: readonly LoggedEvent[]): readonly LoggedEvent[] {
  let bytes = 0;
  const end = events.findIndex((event) => (bytes += lineBytes(event)) > PAGE_LINES_BYTES_MAX);
  return end < 0 ? events : events.slice(0, Math.max(1, end));
}

/** The last events whose lines fit one page. */
function fittingNewest(events: readonly LoggedEvent[]): readonly LoggedEvent[] {
  let bytes = 0;
  const end = events.findLastIndex((event) => (bytes += lineBytes(event)) > PAGE_LINES_BYTES_MAX);
  return events.slice(Math.min(end + 1, Math.max(0, events.length - 1)));
}
