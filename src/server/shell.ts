import type { Chat } from "../chat/chat.ts";
import type { Effect, SessionId } from "../chat/effect.ts";
import type { Whereabouts } from "../chat/guests.ts";
import type { LoggedEvent } from "../protocol/event.ts";
import type { Search } from "../log/search.ts";
import { type Entry, type Log, type Outcome, StoreFailure } from "../log/log.ts";
import { checkClientPdu } from "../protocol/client-pdu.ts";
import type { FailureName } from "../protocol/failures.ts";
import { decodeDatagram, decoderOf } from "../protocol/wire.ts";
import { PACE, Pace, type PaceLimits } from "./pace.ts";
import type { CancelTimer, Clock } from "../transport/clock.ts";
import type { Link, LinkEnd } from "../transport/link.ts";

/** What the shell tells whoever watches. All of it is cheap to ignore. */
export interface Watcher {
  opened(link: Link): void;
  closed(link: Link, end: LinkEnd): void;
  /** A session was ended by the rules; null: it said goodbye. */
  ended(link: Link, failure: FailureName | null): void;
  /** A batch is durable. */
  appended(outcomes: readonly Outcome[], durationMs: number): void;
  sent(bytes: number): void;
  /** The store refuses what it is given, or (null) takes it again. */
  store(failure: StoreFailure | null): void;
  /** Something that should not happen. */
  trouble(event: string, error: unknown): void;
}

export interface ShellOptions {
  /** Timers, the end of a turn, and the time that the rules go by: it never goes back. */
  readonly clock: Clock;
  /** Milliseconds since the epoch, for what is written down; may be set. */
  readonly now: () => number;
  /** 128 random bits in hexadecimal, for sessions that name no device. */
  readonly freshDevice: () => string;
  readonly watcher: Watcher;
  /** How fast each link is read; `PACE` unless given. */
  readonly pace?: PaceLimits;
  /** Null: there is none, and whoever searches is told that it can't be read. */
  readonly search: Search | null;
}

/** How often the rules are told the time: typing, presence and greetings end within this. */
const TICK_MS = 100;
/** How long a stop waits for what is on its way into the log. */
const SETTLE_MS = 3_000;

/**
 * Runs the rules on real links and a real log: passes on what comes in, carries out the effects. Everything
 * that arrives within one turn of the event loop is gathered into one batch for the log.
 */
export class Shell {
  readonly #links = new Map<SessionId, Link>();
  #nextId: SessionId = 1;
  #isScheduled = false;
  /** When the rules last wanted something: what a link takes was ready by then. A link with many rooms takes many
   * pieces, and the clock would be asked for each. */
  #turnMs: number;
  #isRefusing = false;
  #cancelTick: CancelTimer = () => {};
  #whenSettled: (() => void) | null = null;

  constructor(readonly chat: Chat, readonly log: Log, readonly options: ShellOptions) {
    this.#turnMs = this.#nowMs;
    this.#keepTicking();
  }

  get #nowMs(): number {
    return this.options.clock.nowMs();
  }

  /** A new link; it becomes a session and belongs to the shell. */
  welcome(link: Link): void {
    const { chat, options } = this;
    const id = this.#nextId++;
    const decoder = decoderOf(link.wire);
    const pace = new Pace(options.pace ?? PACE, this.#nowMs);
    this.#links.set(id, link);
    options.watcher.opened(link);
    chat.opened(
      id,
      { wire: link.wire, hasDatagrams: link.hasDatagrams, freshDevice: options.freshDevice() },
      this.#nowMs,
    );
    link.setSource((bytesMax) => {
      const bytes = chat.take(id, bytesMax, this.#turnMs);
      if (bytes === null) this.#soon();
      else options.watcher.sent(bytes.length);
      return bytes;
    });
    link.open({
      bytes: (chunk) => {
        const nowMs = this.#nowMs;
        let pdus = 0;
        this.#guarded(id, () => {
          for (const decoded of decoder.push(chunk)) {
            pdus++;
            if ("failure" in decoded) chat.unreadable(id, decoded.failure, nowMs);
            else chat.said(id, checkClientPdu(decoded.value), nowMs);
          }
        });
        this.#soon();
        const restMs = pace.restMs(pdus, chunk.length, nowMs);
        if (restMs > 0) return new Promise((goOn) => options.clock.after(restMs, goOn));
      },
      datagram: (payload) => {
        // It may be lost: what comes too fast might as well have been.
        if (pace.restMs(1, payload.length, this.#nowMs) > 0) return;
        this.#guarded(id, () => {
          const decoded = decodeDatagram(payload);
          // A datagram may be anything and may be lost: what can't be read might as well have been.
          if ("failure" in decoded) return;
          chat.hinted(id, checkClientPdu(decoded.value), this.#nowMs);
        });
        this.#soon();
      },
      closed: (end) => {
        this.#links.delete(id);
        options.watcher.closed(link, end);
        this.#tell(() => chat.closed(id, this.#nowMs));
      },
    });
    this.#soon();
  }

  /** Others added to the log. */
  happened(events: readonly LoggedEvent[]): void {
    this.#tell(() => this.chat.happened(events));
  }

  /** Somebody without a session is there now. */
  guest(author: string, at: readonly Whereabouts[]): void {
    this.#tell(() => this.chat.guest(author, at, this.#nowMs));
  }

  /** Takes nothing more, waits for what is on its way into the log, says goodbye to everyone. */
  async stop(): Promise<void> {
    const { chat, options } = this;
    chat.stopListening();
    this.#carryOut();
    if (!chat.isSettled) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#whenSettled = resolve;
      // A store that hangs must not hang the stop: nobody was told that these are kept.
      const callOff = options.clock.after(SETTLE_MS, resolve);
      await promise;
      callOff();
    }
    this.#tell(() => chat.sayGoodbye(this.#nowMs));
    this.#carryOut();
    this.#cancelTick();
  }

  /** Whether any link is still there; they go by themselves after a goodbye. */
  get hasLinks(): boolean {
    return this.#links.size > 0;
  }

  /** A mistake of ours in one session's input ends that session, not the server. */
  #guarded(id: SessionId, handle: () => void): void {
    try {
      handle();
    } catch (error) {
      this.options.watcher.trouble("session-failed", error);
      this.#tell(() => this.chat.unreadable(id, "internal", this.#nowMs));
    }
  }

  #tell(tell: () => void): void {
    try {
      tell();
    } catch (error) {
      this.options.watcher.trouble("rules-failed", error);
    }
    this.#soon();
  }

  /** Carries out what the rules want at the end of this turn, so that one turn makes one batch. */
  #soon(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.options.clock.atEndOfTurn(() => this.#carryOut());
  }

  #keepTicking(): void {
    const { chat, options } = this;
    chat.setCalendar(options.now() - this.#nowMs);
    this.#cancelTick = options.clock.after(TICK_MS, () => {
      this.#keepTicking();
      this.#tell(() => chat.tick(this.#nowMs));
    });
  }

  #carryOut(): void {
    this.#isScheduled = false;
    this.#turnMs = this.#nowMs;
    for (const effect of this.chat.effects()) {
      try {
        this.#do(effect);
      } catch (error) {
        this.options.watcher.trouble(`effect-${effect.do}-failed`, error);
      }
    }
    if (this.#whenSettled !== null && this.chat.isSettled) this.#whenSettled();
  }

  #do(effect: Effect): void {
    const { chat, log, options } = this;
    switch (effect.do) {
      case "tell":
        options.watcher.sent(effect.bytes.length);
        return this.#links.get(effect.session)?.push(effect.bytes);
      case "hint":
        return this.#links.get(effect.session)?.datagram(effect.bytes);
      case "ready":
        return this.#links.get(effect.session)?.ready();
      case "close": {
        const link = this.#links.get(effect.session);
        if (link === undefined) return;
        options.watcher.ended(link, effect.failure);
        return link.close();
      }
      case "append":
        return void this.#append(effect.entries);
      case "head":
        return void this.#ask(
          "head",
          log.stand(effect.room),
          (stand) => chat.headed(effect.ticket, stand),
        );
      case "read":
        return void this.#ask(
          "read",
          log.read(effect.room, effect.after, effect.limit),
          (page) => chat.paged(effect.ticket, page, this.#nowMs),
        );
      case "changes":
        return void this.#ask(
          "changes",
          log.changes(effect.room, effect.targets, effect.after),
          (lists) => chat.changed(effect.ticket, lists, this.#nowMs),
        );
      case "search": {
        const { search } = options;
        if (search === null) return this.#tell(() => chat.found(effect.ticket, null, this.#nowMs));
        return void this.#ask(
          "search",
          search.find(effect.query),
          (page) => chat.found(effect.ticket, page, this.#nowMs),
        );
      }
      case "list":
        return void this.#ask(
          "list",
          log.rooms(effect.after, effect.limit),
          (rooms) => chat.listed(effect.ticket, rooms, this.#nowMs),
        );
    }
  }

  async #append(entries: readonly Entry[]): Promise<void> {
    const { chat, log, options } = this;
    const startMs = this.#nowMs;
    try {
      const outcomes = await log.append(entries);
      options.watcher.appended(outcomes, this.#nowMs - startMs);
      if (this.#isRefusing) options.watcher.store(null);
      this.#isRefusing = false;
      this.#tell(() => chat.stored(outcomes, this.#nowMs));
    } catch (error) {
      this.#isRefusing = true;
      const failure = error instanceof StoreFailure
        ? error
        : new StoreFailure("broken", `the store failed: ${error instanceof Error ? error.message : error}`);
      options.watcher.store(failure);
      this.#tell(() => chat.notStored(this.#nowMs));
    }
    this.#carryOut();
  }

  async #ask<T>(what: string, answer: Promise<T>, take: (answer: T | null) => void): Promise<void> {
    let known: T | null = null;
    try {
      known = await answer;
    } catch (error) {
      this.options.watcher.trouble(`store-${what}-failed`, error);
    }
    this.#tell(() => take(known));
  }
}
