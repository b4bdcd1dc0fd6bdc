/** Opens what a peer keeps: the log that its people read and the ledger of the group. */
import { logFilesIn } from "../log/directory.ts";
import { openSqliteLog, type SqliteLog } from "../log/sqlite/sqlite-log.ts";
import { StoreFailure } from "../log/log.ts";
import { WorkerLine } from "../log/worker-calls.ts";
import { LATE_MAX } from "./late-count.ts";
import type { LedgerCalls } from "./ledger-calls.ts";
import type { LedgerOpening } from "./ledger.ts";

export interface GroupStores {
  readonly log: SqliteLog;
  readonly ledger: WorkerLine<LedgerCalls>;
  readonly opening: LedgerOpening;
  /** Whether the log is to be made anew, in the order of time, from the ledger. */
  readonly isRenumbered: boolean;
}

export interface StoresOptions {
  readonly directory: string;
  readonly group: string;
  readonly author: string;
  readonly seed: Uint8Array;
  readonly freshLife: string;
  readonly nowMs: number;
}

/** Where the log of a peer is: the rest of the directory is the peer's own. */
export function logDirectoryIn(directory: string): string {
  return `${directory}/log`;
}

/** Throws a `StoreFailure`. Takes the directory for this process. */
export async function openStores(options: StoresOptions): Promise<GroupStores> {
  let stores = await openOnce(options, false);
  if (stores.opening.late <= LATE_MAX) return stores;
  // All of the log is in the ledger before it is thrown away.
  while ((await stores.ledger.call("follow", null)).more);
  await closeStores(stores);
  const { database, witness, search } = logFilesIn(logDirectoryIn(options.directory));
  for (const path of [database, witness, search]) {
    for (const suffix of ["", "-wal", "-shm"]) await removeFile(path + suffix);
  }
  stores = await openOnce(options, true);
  return stores;
}

export async function closeStores({ log, ledger }: Pick<GroupStores, "log" | "ledger">): Promise<void> {
  await closeLedger(ledger);
  await log.close();
}

export async function closeLedger(ledger: WorkerLine<LedgerCalls>): Promise<void> {
  await ledger.call("close", null).catch(() => {}); // A dead worker holds nothing any more.
  ledger.end(new StoreFailure("broken", "the ledger is closed"));
}

async function openOnce(options: StoresOptions, isRenumbered: boolean): Promise<GroupStores> {
  const { directory, group, author, seed, freshLife, nowMs } = options;
  const logDirectory = logDirectoryIn(directory);
  const log = await openSqliteLog({ directory: logDirectory });
  const ledger = new WorkerLine<LedgerCalls>(new URL("./ledger-worker.ts", import.meta.url), "ledger");
  try {
    const opening = await ledger.call("open", {
      directory,
      logDirectory,
      group,
      author,
      seed,
      epoch: log.epoch,
      freshLife,
      isRenewed: log.renewed !== null,
      nowMs,
    });
    return { log, ledger, opening, isRenumbered };
  } catch (error) {
    await closeStores({ log, ledger });
    throw error;
  }
}

async function removeFile(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) {
      const says = error instanceof Error ? error.message : String(error);
      throw new StoreFailure("broken", `${path} can't be removed (${says}): remove it, and start again`);
    }
  }
}
