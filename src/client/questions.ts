import type { ClientPdu } from "../protocol/client-pdu.ts";
import type { Member, ServerPduOf } from "../protocol/server-pdu.ts";
import { ChatFailure } from "./failure.ts";
import { type AnswerType, Requests } from "./requests.ts";
import type { HistoryOptions } from "./room/room.ts";

export interface QuestionsHost {
  /** A new number, and the time. */
  stamp(): { seq: number; ts: number };
  /** On the connection, if there is one. */
  say(pdu: ClientPdu): void;
  /** Why nothing can be asked; null when it can. */
  refusal(): ChatFailure | null;
}

export interface SearchOptions {
  /** Only in these of the rooms that one is in. */
  readonly rooms?: readonly string[] | undefined;
  /** Older ones: `next` of an earlier answer. */
  readonly before?: number | undefined;
  /** At most this many, 1 to 50; 20 unless given. */
  readonly limit?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface SearchResult {
  /** Newest first; of long messages the part around the first hit. Fewer than asked for, none even,
   * may come with a `next`. */
  readonly found: ServerPduOf<"CHAT_FOUND">["found"];
  /** For `before`, to get older ones; null: there are none. */
  readonly next: number | null;
  /** The server's search has not read all of its log yet, as after a first start with a large one: what was said,
   * edited or deleted last is not looked at. */
  readonly isBehind: boolean;
}

/** More rooms than anybody looks through: 20 MB of names. */
const ROOMS_MAX = 200_000;

/** What a client may ask its server. Each waits for a connection, and rejects with a `ChatFailure`. */
export class Questions {
  /** What has no answer yet. */
  readonly requests = new Requests();
  readonly #host: QuestionsHost;

  constructor(host: QuestionsHost) {
    this.#host = host;
  }

  /** All rooms, page by page. Rejects where the server's pages don't end. */
  async rooms(signal: AbortSignal | undefined): Promise<ServerPduOf<"CHAT_ROOMS">["rooms"]> {
    const all: ServerPduOf<"CHAT_ROOMS">["rooms"] = [];
    for (;;) {
      const after = all.at(-1)?.room;
      const page = await this.#ask(
        { type: "CHAT_ROOMS", ...this.#host.stamp(), after },
        "CHAT_ROOMS",
        signal,
      );
      all.push(...page.rooms);
      if (page.complete || page.rooms.length === 0) return all;
      if (all.at(-1)?.room === after || all.length > ROOMS_MAX) {
        throw ChatFailure.of("invalid", "the server's list of rooms does not end");
      }
    }
  }

  async who(
    room: string,
    signal: AbortSignal | undefined,
  ): Promise<{ readonly count: number; readonly members: readonly Member[] }> {
    const pdu = { type: "CHAT_WHO" as const, ...this.#host.stamp(), room };
    const { count, members } = await this.#ask(pdu, "CHAT_WHO", signal);
    return { count, members };
  }

  async search(query: string, { rooms, before, limit, signal }: SearchOptions): Promise<SearchResult> {
    const pdu = {
      type: "CHAT_SEARCH" as const,
      ...this.#host.stamp(),
      query,
      rooms: rooms === undefined ? undefined : [...rooms],
      before,
      limit,
    };
    const { found, next, behind } = await this.#ask(pdu, "CHAT_FOUND", signal);
    return { found, next: next ?? null, isBehind: behind ?? false };
  }

  page(room: string, { before, after, limit, signal }: HistoryOptions): Promise<ServerPduOf<"CHAT_PAGE">> {
    const pdu = { type: "CHAT_HISTORY" as const, ...this.#host.stamp(), room, before, after, limit };
    return this.#ask(pdu, "CHAT_PAGE", signal);
  }

  #ask<T extends AnswerType>(
    pdu: ClientPdu,
    type: T,
    signal: AbortSignal | undefined,
  ): Promise<ServerPduOf<T>> {
    const refusal = this.#host.refusal();
    if (refusal !== null) return Promise.reject(refusal);
    const answer = this.requests.ask(pdu, type, signal);
    this.#host.say(pdu);
    return answer;
  }
}
