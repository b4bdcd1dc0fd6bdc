import type { DatabaseSync } from "node:sqlite";
import { openForReading, openForWriting } from "./connection.ts";
import { lockDirectory, type LogFiles, makeFiles } from "../directory.ts";
import { newLifeId, readLife, stampOf, whyNewLife, writeLife } from "./life.ts";
import { migrate, versionOf } from "./migrations.ts";
import { lastIdOf } from "./sqlite-appender.ts";
import { corrupt, storeFailure } from "./sqlite-failure.ts";
import { type Testimony, Witness } from "./witness.ts";

/** A log's files, opened and held. */
export interface Opened {
  readonly lock: Deno.FsFile;
  readonly witness: Witness;
  readonly db: DatabaseSync;
  readonly said: Testimony;
  /** Why this is a new life of an existing file (`whyNewLife`), or null. */
  readonly renewed: string | null;
}

/**
 * Opens a log's files, or makes them. Judges the file before anything may change it, and leaves the witness
 * such that a crash at any point of this does not look like a restored copy. Throws a `StoreFailure`.
 */
export function openFiles(files: LogFiles): Opened {
  const held: { close(): void }[] = [];
  const hold = <T extends { close(): void }>(thing: T): T => {
    held.push(thing);
    return thing;
  };
  try {
    const lock = hold(lockDirectory(files));
    makeFiles(files);
    const { witness, said } = Witness.open(files.witness);
    hold(witness);
    const judged = judge(files.database, said);
    const opening = newLifeId();
    if (judged.goesOn && said !== null) {
      witness.write({ ...said, nextOpening: opening, file: null });
      witness.flush();
    }
    const db = hold(openForWriting(files.database));
    if (judged.renewed !== null) assertWhole(db, files.database);
    migrate(db, files.database);
    const epoch = judged.goesOn && said !== null ? said.epoch : newLifeId();
    // Its commit also flushes what a crashed process wrote and did not flush, before anyone is told of it.
    writeLife(db, { epoch, opening, inode: stampOf(files.database).inode });
    db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    const lastId = lastIdOf(db);
    const now: Testimony = { epoch, opening, nextOpening: null, lastId, file: stampOf(files.database) };
    witness.write(now);
    witness.flush();
    return { lock, witness, db, said: now, renewed: judged.renewed };
  } catch (error) {
    for (const thing of held.reverse()) thing.close();
    throw storeFailure(error, files.database);
  }
}

/** Reads the file as it was found. A reading connection leaves it alone, also when it is closed; a writing
 * one would move a crashed process's write-ahead log into it. */
function judge(path: string, said: Testimony | null): { goesOn: boolean; renewed: string | null } {
  const found = stampOf(path);
  const db = openForReading(path);
  try {
    const life = versionOf(db, path) === 0 ? null : readLife(db);
    if (life === null) return { goesOn: false, renewed: null };
    const renewed = whyNewLife(life, lastIdOf(db), found, said);
    return { goesOn: renewed === null, renewed };
  } finally {
    db.close();
  }
}

/** A copy may have been taken of a file in use, or put back beside the write-ahead log of another life:
 * then pages don't fit together. Throws `StoreFailure("corrupt")`. Reads the whole file. */
function assertWhole(db: DatabaseSync, path: string): void {
  const verdict = db.prepare("PRAGMA quick_check(1)").get()?.["quick_check"];
  if (verdict !== "ok") throw corrupt(path, `SQLite's check says: ${verdict}`);
  const torn = db.prepare(`
    SELECT name FROM rooms WHERE head <> (SELECT count(*) FROM events WHERE room = rooms.id)
      OR head <> (SELECT coalesce(max(offset), 0) FROM events WHERE room = rooms.id)`).get();
  if (torn !== undefined) throw corrupt(path, `events of room ${JSON.stringify(torn["name"])} are missing`);
}
