import type { DatabaseSync } from "node:sqlite";
import { StoreFailure } from "../log/log.ts";

const VERSION = 1;
/** Marks the file as ours for `file` and the like: "QCLE". */
const APPLICATION_ID = 0x51434c45;

/**
 * - `state`: one row; whose ledger it is, which life of the log (`epoch`) its places are in, and up to which of the
 *   log's events (`up_to`, their `id`) it knows them.
 * - `chains`: this peer's run of each: `low`, `high`, `head` as in `Run`; `before`: the hash that the event `low`
 *   must have.
 * - `events`: `fields` and `signature` are what was signed; `mark` and `target` as `markOf`; `(device, device_seq)`
 *   names the event in the log; `place` is its offset there: null not yet, 0 never, -1 muted. `waits`: its target is not
 *   there yet.
 */
const SCHEMA = `
  CREATE TABLE state (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    group_id TEXT NOT NULL, author TEXT NOT NULL, life TEXT NOT NULL,
    epoch TEXT NOT NULL, up_to INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE chains (
    id INTEGER PRIMARY KEY,
    author TEXT NOT NULL, life TEXT NOT NULL,
    low INTEGER NOT NULL, high INTEGER NOT NULL, head TEXT NOT NULL, before TEXT NOT NULL,
    broken_at INTEGER, proof TEXT,
    UNIQUE (author, life)
  ) STRICT;
  CREATE TABLE events (
    id INTEGER PRIMARY KEY,
    chain INTEGER NOT NULL, seq INTEGER NOT NULL,
    ts INTEGER NOT NULL, type TEXT NOT NULL, room TEXT NOT NULL,
    mark TEXT NOT NULL UNIQUE, target TEXT,
    fields TEXT NOT NULL, signature TEXT NOT NULL,
    device TEXT NOT NULL, device_seq INTEGER NOT NULL,
    place INTEGER, waits INTEGER NOT NULL,
    UNIQUE (chain, seq), UNIQUE (device, device_seq)
  ) STRICT;
  CREATE INDEX unplaced ON events (ts) WHERE place IS NULL AND waits = 0;
  CREATE INDEX waiting ON events (target) WHERE waits = 1;
  CREATE INDEX places ON events (room, place) WHERE place > 0;
  CREATE INDEX topics ON events (room, ts) WHERE type = 'CHAT_TOPIC' AND place > 0;
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${VERSION};
`;

/** Makes the tables in an empty file. Throws a `StoreFailure` for a newer one. */
export function prepareLedger(db: DatabaseSync, path: string): void {
  const version = Number(db.prepare("PRAGMA user_version").get()?.["user_version"]);
  if (version > VERSION) {
    throw new StoreFailure(
      "newer",
      `${path} is of version ${version} and this program knows up to ${VERSION}: update QUICChat`,
    );
  }
  if (version === VERSION) return;
  db.exec(`BEGIN IMMEDIATE; ${SCHEMA} COMMIT`);
}
