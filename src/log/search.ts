/** What was said, found again: a projection of the log, which may be thrown away and is made anew. */

/** One message that was found, as it stands now. */
export interface Found {
  /** Its place among all events of the log; older ones have lower ones. */
  readonly id: number;
  readonly room: string;
  readonly offset: number;
  readonly tsMs: number;
  readonly sender: string;
  readonly author: string;
  /** Of a long text the part around the first hit. */
  readonly text: string;
}

export interface SearchQuery {
  /** As a person wrote it: words, and what stands between quotes as one. Any text at all. */
  readonly text: string;
  /** Only in these. */
  readonly rooms: readonly string[];
  /** Only those with a lower id; null: from the newest on. */
  readonly before: number | null;
  readonly limit: number;
}

export interface SearchPage {
  /** Newest first. */
  readonly found: readonly Found[];
  /** `before` of a query that goes on among older ones; null: there are none. */
  readonly next: number | null;
  /** There is more in the log than could be taken in by now, as after a first start with a large log: what was said,
   * edited or deleted last is not looked at. */
  readonly isBehind: boolean;
}

/** Finds messages. Sees what was acknowledged before the call, unless it says that it is behind. Rejects with a
 * `StoreFailure`. */
export interface Search {
  find(query: SearchQuery): Promise<SearchPage>;
  /** Lets go of everything. Idempotent. */
  close(): Promise<void>;
}
