import { DatabaseSync } from "node:sqlite";
import { StoreFailure } from "../log.ts";

/** How long to wait for a program that has the file open besides us, an operator's `sqlite3` say. */
const BUSY_MS = 1_000;

/** Opens the file for the one who writes. Throws what SQLite throws. */
export function openForWriting(path: string): DatabaseSync {
  const db = new DatabaseSync(path, { timeout: BUSY_MS });
  try {
    const mode = db.prepare("PRAGMA journal_mode = WAL").get()?.["journal_mode"];
    if (mode !== "wal") {
      throw new StoreFailure(
        "broken",
        `${path} can't use write-ahead logging (mode ${mode}): keep it on a local disk, not a network one`,
      );
    }
    // FULL: a commit returns when the disk has it. fullfsync: on macOS a plain fsync does not reach the disk.
    db.exec("PRAGMA synchronous = FULL");
    db.exec("PRAGMA fullfsync = ON");
    // The store moves the write-ahead log into the file itself, between commits, so that the witness knows
    // of every change of the file (life.ts).
    db.exec("PRAGMA wal_autocheckpoint = 0");
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Opens the file for a reader beside the writer: it sees whole commits only. */
export function openForReading(path: string): DatabaseSync {
  return new DatabaseSync(path, { readOnly: true, timeout: BUSY_MS });
}
