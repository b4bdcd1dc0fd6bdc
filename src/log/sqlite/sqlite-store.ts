import type { DatabaseSync, StatementSync } from "node:sqlite";
import { openForWriting } from "./connection.ts";
import { type LogFiles, logFilesIn } from "../directory.ts";
import { stampOf } from "./life.ts";
import type { Entry, Outcome } from "../log.ts";
import { StoreFailure } from "../log.ts";
import { type Opened, openFiles } from "./opening.ts";
import { lastIdOf, SqliteAppender } from "./sqlite-appender.ts";
import { corrupt, storeFailure } from "./sqlite-failure.ts";
import type { Testimony } from "./witness.ts";

/** Where tests make a store fail. */
export interface StoreHooks {
  /** Each time the store has opened its connection. */
  opened?(db: DatabaseSync): void;
  beforeCommit?(): void;
  /** After SQLite has the commit, before the store knows. */
  afterCommit?(): void;
}

/**
 * How long the write-ahead log grows before it is moved into the file: 2,000 pages are 8 MB. Moving holds up
 * commits for about 5 to 20 ms. Measured: with 1,000 pages that is seen at the p99 of ordinary traffic, with
 * 4,000 at that of a flood; moving it from another thread is no faster, and the write-ahead log then grows
 * past all bounds, as it only starts over when a commit finds all of it moved.
 */
const WAL_PAGES_MAX = 2_000;

/**
 * The one who writes the log's file; blocks its thread. Every method throws a `StoreFailure`.
 *
 * **When a commit fails** it may still have happened: SQLite wrote it whole, and flushing reported an error.
 * The store takes it as not happened, tells the callers so, and trusts nothing that it knew: the next call
 * opens the file anew, takes out every event behind the last acknowledged one (nobody was told of them,
 * and readers beside see a commit only once it succeeded), and makes a small commit of its own, which
 * overwrites what is left of the failed one in the write-ahead log. Only then is anything kept again, from
 * the offset after the last acknowledged one. If the process ends before that, a batch that failed this
 * way may be in the log after the restart: never acknowledged, whole, and recognised as a duplicate when
 * its sender repeats it.
 */
export class SqliteStore {
  readonly epoch: string;
  /** Why the log began a new life when it was opened, for the operator; null if it didn't. */
  readonly renewed: string | null;
  readonly #files: LogFiles;
  readonly #hooks: StoreHooks;
  readonly #opened: Opened;
  #db: DatabaseSync;
  #begin: StatementSync;
  #commit: StatementSync;
  #appender: SqliteAppender;
  #said: Testimony;
  /** The connection isn't to be trusted. */
  #down = false;
  #closed = false;

  constructor(directory: string, hooks: StoreHooks = {}) {
    this.#files = logFilesIn(directory);
    this.#hooks = hooks;
    this.#opened = openFiles(this.#files);
    this.#db = this.#opened.db;
    this.#said = this.#opened.said;
    this.epoch = this.#said.epoch;
    this.renewed = this.#opened.renewed;
    [this.#begin, this.#commit, this.#appender] = this.#prepare();
  }

  /** Keeps all batches in one transaction, or none. */
  append(batches: readonly (readonly Entry[])[]): Outcome[][] {
    try {
      if (this.#down) this.#recover();
      this.#begin.run();
      const outcomes = batches.map((batch) => batch.map((entry) => this.#appender.take(entry)));
      if (this.#appender.lastId === this.#said.lastId) {
        this.#db.exec("ROLLBACK");
        return outcomes;
      }
      this.#appender.settle();
      this.#hooks.beforeCommit?.();
      this.#commit.run();
      this.#hooks.afterCommit?.();
      this.#remember({ lastId: this.#appender.lastId });
      return outcomes;
    } catch (error) {
      this.#down = true;
      throw storeFailure(error, this.#files.database);
    }
  }

  /** What can wait until the callers have their answers: moves a long write-ahead log into the file. */
  tidy(): void {
    if (this.#down) return;
    try {
      const wal = this.#db.prepare("PRAGMA wal_checkpoint(NOOP)").get();
      if (Number(wal?.["log"]) - Number(wal?.["checkpointed"]) < WAL_PAGES_MAX) return;
      this.#changingFile(() => this.#db.exec("PRAGMA wal_checkpoint(PASSIVE)"));
    } catch {
      // Nothing is lost by it: what was kept is in the write-ahead log, and the next append opens anew.
      this.#down = true;
    }
  }

  /** Leaves one whole file, without write-ahead log. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    try {
      // SQLite empties the write-ahead log when its last connection closes.
      this.#changingFile(() => this.#db.close());
    } catch {
      // Everything acknowledged is in the write-ahead log at least, and the next opening finds it there.
      if (this.#db.isOpen) this.#db.close();
    } finally {
      this.#opened.witness.close();
      this.#opened.lock.close();
    }
  }

  /** The events are kept for good, whether or not the witness can be told: if not, it is told by what the
   * next append does first. */
  #remember(news: Partial<Testimony>): void {
    this.#said = { ...this.#said, ...news };
    try {
      this.#opened.witness.write(this.#said);
    } catch {
      this.#down = true;
    }
  }

  /** The file must not change without the witness having been told before, and told after how it was left
   * (`whyNewLife`). */
  #changingFile(change: () => void): void {
    const { witness } = this.#opened;
    witness.write({ ...this.#said, file: null });
    witness.flush();
    change();
    this.#said = { ...this.#said, file: stampOf(this.#files.database) };
    witness.write(this.#said);
    witness.flush();
  }

  #prepare(): [StatementSync, StatementSync, SqliteAppender] {
    this.#hooks.opened?.(this.#db);
    // Prepared, as only a prepared statement's error carries SQLite's number.
    return [this.#db.prepare("BEGIN IMMEDIATE"), this.#db.prepare("COMMIT"), new SqliteAppender(this.#db)];
  }

  #recover(): void {
    const path = this.#files.database;
    const { lastId, file } = this.#said;
    if (stampOf(path).inode !== file?.inode) {
      throw new StoreFailure("broken", `${path} was replaced while it was in use: restart QUICChat`);
    }
    this.#changingFile(() => {
      if (this.#db.isOpen) this.#db.close();
      this.#db = openForWriting(path);
      const found = lastIdOf(this.#db);
      if (found < lastId) throw corrupt(path, `it ends at event ${found} and had ${lastId}`);
      this.#db.exec("BEGIN IMMEDIATE");
      if (found > lastId) forgetAfter(this.#db, lastId);
      this.#db.exec("UPDATE life SET recoveries = recoveries + 1");
      this.#db.exec("COMMIT");
      [this.#begin, this.#commit, this.#appender] = this.#prepare();
    });
    this.#down = false;
  }
}

function forgetAfter(db: DatabaseSync, lastId: number): void {
  db.prepare("DELETE FROM events WHERE id > ?").run(lastId);
  db.exec("UPDATE rooms SET head = (SELECT coalesce(max(offset), 0) FROM events WHERE room = rooms.id)");
}
