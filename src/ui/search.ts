import { type Clock, Watchable, type Watched } from "../client/mod.ts";
import type { SearchModel } from "./models.ts";
import { problemOf } from "./problem.ts";
import type { FoundView, SearchView } from "./view.ts";

/** One message that a search found. */
export interface Found {
  readonly room: string;
  readonly offset: number;
  readonly sender: string;
  /** Seconds since the epoch. */
  readonly ts: number;
  readonly text: string;
}

/** What the server answered; `next` leads to older ones, null when there are none. */
export interface FoundPage {
  readonly found: readonly Found[];
  readonly next: number | null;
  readonly isBehind: boolean;
}

export type Find = (query: string, before: number | null, signal: AbortSignal) => Promise<FoundPage>;

/** A text in parts, with what was looked for marked (`markHits`). */
export type MarkHits = (text: string, query: string) => FoundView["parts"];

/** Keys follow each other within this; then a search is worth its asking. */
const PAUSE_MS = 150;

/** The search of one chat: asks when one pauses, and shows no answer to an older question. */
export class Search implements SearchModel {
  readonly #find: Find;
  readonly #clock: Clock;
  readonly #marker: () => Promise<MarkHits>;
  readonly #view = new Watchable<SearchView>({ state: "idle" });
  #callOff: (() => void) | null = null;
  #asking = new AbortController();
  #next: number | null = null;

  /** `marker`: a page loads it with the first search, not before one can write. */
  constructor(find: Find, clock: Clock, marker: () => Promise<MarkHits>) {
    this.#find = find;
    this.#clock = clock;
    this.#marker = marker;
  }

  get view(): Watched<SearchView> {
    return this.#view;
  }

  look(query: string): void {
    this.#stop();
    const wanted = query.trim();
    if (wanted === "") return this.#view.set({ state: "idle" });
    const { current } = this.#view;
    this.#view.set({ state: "looking", query, found: "found" in current ? current.found : [] });
    this.#callOff = this.#clock.after(PAUSE_MS, () => void this.#ask(query, wanted, null, []));
  }

  more(): void {
    const { current } = this.#view;
    if (current.state !== "found" || this.#next === null) return;
    const { query, found } = current;
    this.#view.set({ state: "looking", query, found });
    void this.#ask(query, query.trim(), this.#next, found);
  }

  #stop(): void {
    this.#callOff?.();
    this.#callOff = null;
    this.#asking.abort();
    this.#asking = new AbortController();
  }

  async #ask(query: string, wanted: string, before: number | null, had: readonly FoundView[]): Promise<void> {
    const { signal } = this.#asking;
    try {
      let page = await this.#find(wanted, before, signal);
      // What was found in a room that was left meanwhile is left out: that was not the end.
      while (page.found.length === 0 && page.next !== null && !signal.aborted) {
        page = await this.#find(wanted, page.next, signal);
      }
      const markHits = await this.#marker();
      if (signal.aborted) return;
      const { found, next, isBehind } = page;
      this.#next = next;
      const views = found.map(({ room, offset, sender, ts, text }) => ({
        room,
        offset,
        sender,
        tsMs: ts * 1000,
        parts: markHits(text, wanted),
      }));
      this.#view.set({ state: "found", query, found: [...had, ...views], more: next !== null, isBehind });
    } catch (thrown) {
      if (!signal.aborted) this.#view.set({ state: "failed", query, problem: problemOf(thrown) });
    }
  }
}
