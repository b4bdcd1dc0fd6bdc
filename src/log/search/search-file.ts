import { DatabaseSync } from "node:sqlite";
import { isDamage, isOfTheSystem } from "../sqlite/sqlite-failure.ts";

/**
 * Version 1. A file of another version is made anew. Texts are not in it but in the log; where a message was edited,
 * `edits` says by which event.
 *
 * - `words`: of each message that is not deleted, by the id of its event, the words of its newest text (made by
 *   `search-terms.ts`, so that the tokenizer has nothing to decide). A room is a word, too (`r12`), so that a search
 *   in few rooms does not walk through all.
 * - `prefix`: a word is mostly only begun, and without these SQLite gathers all that begin so before it answers.
 *   The longer the beginning, the fewer they are.
 */
const SCHEMA_VERSION = 1;
const SCHEMA = `
  BEGIN;
  CREATE TABLE state (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    epoch TEXT NOT NULL,
    up_to INTEGER NOT NULL,
    mark TEXT NOT NULL
  ) STRICT;
  CREATE TABLE edits (id INTEGER PRIMARY KEY, event INTEGER NOT NULL) STRICT;
  CREATE VIRTUAL TABLE words USING fts5(
    text, room, content='', contentless_delete=1, detail='full', prefix='1 2 3 4 5',
    tokenize="ascii tokenchars '_'"
  );
  PRAGMA user_version = ${SCHEMA_VERSION};
`;
/** In KiB. The upper levels of a million messages' words are about 10 MB. */
export const CACHE_KIB = 16_384;

/** The index can't be used as it is: it is to be deleted, and made anew from the log. */
export class IndexUnfit extends Error {
  override readonly name = "IndexUnfit";
}

export interface IndexFile<T> {
  readonly db: DatabaseSync;
  readonly statements: T;
  /** How far the index has read, and what it found there (see `markOf`). */
  readonly upTo: number;
  readonly mark: string;
}

/** Opens the index's file, or makes it. Throws `IndexUnfit` for one that was made by another version, for another
 * epoch of the log, or by something else; and what SQLite throws. */
export function openIndexFile<T>(
  path: string,
  epoch: string,
  prepare: (db: DatabaseSync) => T,
  cacheKib: number,
): IndexFile<T> {
  // For this user's eyes only, as the log itself.
  Deno.openSync(path, { create: true, append: true, mode: 0o600 }).close();
  const db = new DatabaseSync(path);
  try {
    // A power cut may take the last transactions: they are made again from the log.
    db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -${cacheKib}`);
    if (db.prepare("SELECT 1 FROM sqlite_master").get() === undefined) {
      db.exec(SCHEMA);
      db.prepare("INSERT INTO state (one, epoch, up_to, mark) VALUES (1, ?, 0, '')").run(epoch);
      db.exec("COMMIT");
    }
    const version = db.prepare("PRAGMA user_version").get()?.["user_version"];
    if (version !== SCHEMA_VERSION) throw new IndexUnfit(`it is of version ${version}`);
    const row = db.prepare("SELECT epoch, up_to, mark FROM state").get();
    if (row?.["epoch"] !== epoch) throw new IndexUnfit("it is of another life of the log");
    return { db, statements: prepare(db), upTo: Number(row["up_to"]), mark: String(row["mark"]) };
  } catch (error) {
    db.close();
    // Here, also a table that is missing is damage.
    throw error instanceof IndexUnfit || isOfTheSystem(error) ? error : new IndexUnfit(String(error));
  }
}

/** Does something with the index's file; damage that shows is `IndexUnfit`. */
export function withIndexFile<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw isDamage(error) ? new IndexUnfit(String(error)) : error;
  }
}

/** For the index to be made anew. Nobody may have it open. */
export function removeIndexFile(path: string): void {
  for (const suffix of ["", "-wal", "-shm"]) {
    try {
      Deno.removeSync(path + suffix);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}
