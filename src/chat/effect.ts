import type { Entry } from "../log/log.ts";
import type { SearchQuery } from "../log/search.ts";
import type { FailureName } from "../protocol/failures.ts";

/** Names a session for as long as its link lives; given by whoever carries out the effects. */
export type SessionId = number;
/** Names a question to the log, so that its answer finds back. Never used twice. */
export type Ticket = number;

/** What the rules want done. They do nothing themselves: whoever holds links and log carries these out, in
 * order, and reports back what came of it. */
export type Effect =
  /** Store these; then call `stored` with the outcomes or `notStored`. At most one is under way. */
  | { readonly do: "append"; readonly entries: readonly Entry[] }
  /** Read; then call `paged`. */
  | {
    readonly do: "read";
    readonly ticket: Ticket;
    readonly room: string;
    readonly after: number;
    readonly limit: number;
  }
  /** Ask what was said of messages later; then call `changed`. */
  | {
    readonly do: "changes";
    readonly ticket: Ticket;
    readonly room: string;
    readonly targets: readonly number[];
    readonly after: number;
  }
  /** Ask for a room's newest offset; then call `headed`. */
  | { readonly do: "head"; readonly ticket: Ticket; readonly room: string }
  /** List rooms; then call `listed`. */
  | { readonly do: "list"; readonly ticket: Ticket; readonly after: string; readonly limit: number }
  /** Search; then call `found`. */
  | { readonly do: "search"; readonly ticket: Ticket; readonly query: SearchQuery }
  /** Queue one whole PDU on the session's stream. */
  | { readonly do: "tell"; readonly session: SessionId; readonly bytes: Uint8Array }
  /** Send one PDU as a datagram; it may be lost. */
  | { readonly do: "hint"; readonly session: SessionId; readonly bytes: Uint8Array }
  /** The session has something to `take`. */
  | { readonly do: "ready"; readonly session: SessionId }
  /** Everything for this session was told: end its link gracefully. */
  | { readonly do: "close"; readonly session: SessionId; readonly failure: FailureName | null };

/** Where the rules put their effects, in the order in which they are to be carried out. */
export class Effects {
  #list: Effect[] = [];
  #told = new Set<SessionId>();
  #lastTicket: Ticket = 0;

  ticket(): Ticket {
    return ++this.#lastTicket;
  }

  add(effect: Effect): void {
    this.#list.push(effect);
    if (effect.do === "tell") this.#told.add(effect.session);
  }

  /** Whether something was said to this session that is not carried out yet. */
  owes(session: SessionId): boolean {
    return this.#told.has(session);
  }

  /** Everything since the last call. */
  take(): readonly Effect[] {
    const list = this.#list;
    this.#told.clear();
    this.#list = [];
    return list;
  }
}
