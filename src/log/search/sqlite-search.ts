import { logFilesIn } from "../directory.ts";
import { StoreFailure } from "../log.ts";
import type { Search, SearchPage, SearchQuery } from "../search.ts";
import { CACHE_KIB } from "./search-file.ts";
import { type SearchCalls, WorkerLine } from "../worker-calls.ts";

export interface SqliteSearchOptions {
  readonly directory: string;
  /** Memory for pages of the index, in KiB, in place of what a million messages want. */
  readonly cacheKib?: number;
}

/** A full-text index beside a log in the same directory (`search.sqlite`), in a worker of its own. Opening never
 * fails: whether it works a question tells. */
export function openSqliteSearch({ directory, cacheKib }: SqliteSearchOptions): Search {
  const worker = new WorkerLine<SearchCalls>(new URL("./search-worker.ts", import.meta.url), "searching");
  const { database, search } = logFilesIn(directory);
  // What is wrong with it is said by the first question, to whoever asks.
  worker.call("open", { log: database, own: search, cacheKib: cacheKib ?? CACHE_KIB }).catch(() => {});
  return new WorkerSearch(worker);
}

class WorkerSearch implements Search {
  readonly #worker: WorkerLine<SearchCalls>;
  #closing: Promise<void> | null = null;

  constructor(worker: WorkerLine<SearchCalls>) {
    this.#worker = worker;
  }

  async find(query: SearchQuery): Promise<SearchPage> {
    return await this.#worker.call("find", query);
  }

  close(): Promise<void> {
    this.#closing ??= this.#worker.call("close", null).catch(() => {}) // A dead worker holds nothing any more.
      .then(() => this.#worker.end(new StoreFailure("broken", "the search is closed")));
    return this.#closing;
  }
}
