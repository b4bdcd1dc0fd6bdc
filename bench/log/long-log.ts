import { SqliteStore } from "../../src/log/sqlite/sqlite-store.ts";
import { Talk } from "./talk.ts";

export const FIRST_TS_MS = 1_790_000_000_000;
const BATCH = 2_000;

/** Makes a log of so many messages of made-up talk, the same each time, a second apart. The directory must have none. */
export function makeLongLog(directory: string, messages: number): void {
  const talk = new Talk(1);
  const store = new SqliteStore(directory);
  for (let from = 0; from < messages; from += BATCH) {
    const length = Math.min(BATCH, messages - from);
    store.append([Array.from({ length }, (_, n) => talk.entry(FIRST_TS_MS + (from + n) * 1_000))]);
    store.tidy();
  }
  store.close();
}
