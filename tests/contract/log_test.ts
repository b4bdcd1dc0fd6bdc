import { DatabaseSync } from "node:sqlite";
import { StoreFailure } from "../../src/log/log.ts";
import { MemoryLog } from "../../src/log/memory-log.ts";
import { openSqliteLog } from "../../src/log/sqlite/sqlite-log.ts";
import { testLog } from "./log.ts";

testLog("memory", 300, () => {
  let broken = false;
  /** Fails a turn of the event loop later, as a store does. */
  const beforeCommit = async () => {
    if (!broken) return;
    await new Promise((resolve) => setTimeout(resolve, 0));
    throw new StoreFailure("full", "broken by the test");
  };
  const log = new MemoryLog({ epoch: "e".repeat(24), beforeCommit });
  const breakStore = () => {
    broken = true;
    return () => void (broken = false);
  };
  return Promise.resolve({ log, reopen: null, breakStore, dispose: () => log.close() });
});

testLog("sqlite", 12, async () => {
  const directory = await Deno.makeTempDir();
  const log = await openSqliteLog({ directory });
  let newest = log;
  return {
    log,
    async reopen() {
      await newest.close();
      return newest = await openSqliteLog({ directory });
    },
    /** Another program that writes to the file keeps ours out, as SQLite's locks have it. */
    breakStore() {
      const other = new DatabaseSync(`${directory}/log.sqlite`);
      other.exec("BEGIN IMMEDIATE");
      return () => other.close();
    },
    async dispose() {
      await newest.close();
      await Deno.remove(directory, { recursive: true });
    },
  };
});
