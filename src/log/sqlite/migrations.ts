import type { DatabaseSync } from "node:sqlite";
import { StoreFailure } from "../log.ts";
import { corrupt } from "./sqlite-failure.ts";

/** Takes a file from the version before to `version`. */
export interface Migration {
  /** 1, 2, 3 … in order; persisted in files: never renumber, never edit one that was released. */
  readonly version: number;
  readonly sql: string;
}

/**
 * - `life`: one row; whose life this is (`life.ts`).
 * - `events.id` rises in the order of storing, over all rooms; it is also how full-text search will refer
 *   to an event, and how the witness counts. `(room, offset)` is a page's index range; `(device, seq)` finds
 *   duplicates, and by its order also whether a higher seq is stored.
 * - `type` is the PDU's name and `body` JSON: a file can be read with any SQLite tool.
 */
export const MIGRATIONS: readonly Migration[] = [
  {
    version: 1,
    sql: `
      CREATE TABLE life (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        epoch TEXT NOT NULL,
        opening TEXT NOT NULL,
        inode INTEGER,
        recoveries INTEGER NOT NULL DEFAULT 0
      ) STRICT;
      CREATE TABLE rooms (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        head INTEGER NOT NULL
      ) STRICT;
      CREATE TABLE events (
        id INTEGER PRIMARY KEY,
        room INTEGER NOT NULL,
        offset INTEGER NOT NULL,
        ts INTEGER NOT NULL,
        type TEXT NOT NULL,
        device TEXT NOT NULL,
        seq INTEGER NOT NULL,
        sender TEXT NOT NULL,
        author TEXT NOT NULL,
        target INTEGER,
        body TEXT NOT NULL,
        UNIQUE (room, offset),
        UNIQUE (device, seq)
      ) STRICT;
    `,
  },
  {
    version: 2,
    // A room's newest topic, without walking through its talk.
    sql: "CREATE INDEX topics ON events (room, offset) WHERE type = 'CHAT_TOPIC'",
  },
  {
    version: 3,
    // What was said of a message later, without walking through all that came after it.
    sql: "CREATE INDEX changes ON events (room, target, type) WHERE type <> 'CHAT_MESSAGE'",
  },
];

/** Marks the file as ours for `file` and the like: "QCLG". */
const APPLICATION_ID = 0x51434c47;

/**
 * The file's version; 0 for an empty one. Throws a `StoreFailure`: `newer` than the newest migration, or
 * `corrupt` for a database that isn't a log. Writes nothing.
 */
export function versionOf(db: DatabaseSync, path: string, migrations = MIGRATIONS): number {
  const version = Number(db.prepare("PRAGMA user_version").get()?.["user_version"]);
  const newest = migrations.at(-1)?.version ?? 0;
  if (version > newest) {
    throw new StoreFailure(
      "newer",
      `${path} is of version ${version} and this program knows up to ${newest}: update QUICChat`,
    );
  }
  if (version === 0 && db.prepare("SELECT 1 FROM sqlite_master").get() !== undefined) {
    throw corrupt(path, "it is a database with other tables");
  }
  return version;
}

/**
 * Brings a file to the newest version, each step in a transaction of its own with the version it leads to,
 * so that a crash leaves a whole version. Throws as `versionOf` does, and what SQLite throws.
 */
export function migrate(db: DatabaseSync, path: string, migrations = MIGRATIONS): void {
  const from = versionOf(db, path, migrations);
  for (const { version, sql } of migrations) {
    if (version <= from) continue;
    db.exec("BEGIN IMMEDIATE");
    try {
      db.exec(sql);
      db.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
      db.exec(`PRAGMA user_version = ${version}`);
      db.exec("COMMIT");
    } catch (error) {
      if (db.isTransaction) db.exec("ROLLBACK");
      throw error;
    }
  }
}
