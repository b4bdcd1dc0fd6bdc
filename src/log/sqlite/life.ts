import type { DatabaseSync } from "node:sqlite";
import type { Stamp, Testimony } from "./witness.ts";

/** What the database says of itself. */
export interface Life {
  readonly epoch: string;
  /** Made anew each time the log is opened. */
  readonly opening: string;
  /** The file's inode when it was opened. */
  readonly inode: number | null;
}

/**
 * Decides whether a database file goes on with its life, or is a restored copy and begins a new one, since
 * events that were acknowledged may be missing from it. Returns null, or why it is a new life, for the
 * operator.
 *
 * The evidence is what a crash leaves alone and a copy can't take along: the witness beside the file knows
 * of the last opening and the last event, and what the file looked like when it was last written to. Only
 * moving the write-ahead log into the file changes the file, and the witness is told before and after (and
 * flushed), so after any crash the file looks as the witness says; a file that was copied back does not,
 * even into the same inode and with its own old witness. A crash or a power loss leaves the database equal
 * to or newer than the witness. In doubt it is a new life: that costs every client one reload, and the
 * opposite mistake hides messages.
 */
export function whyNewLife(
  life: Life,
  lastId: number,
  found: Stamp,
  witness: Testimony | null,
): string | null {
  if (witness === null) return "its witness file is missing or unreadable";
  if (witness.epoch !== life.epoch) return "its witness file is that of another log";
  if (life.opening !== witness.opening && life.opening !== witness.nextOpening) {
    return "it is not the file that was open last";
  }
  if (lastId < witness.lastId) return `it ends at event ${lastId} and had ${witness.lastId}`;
  if (life.inode !== found.inode) return "it is a copy: its inode is another one";
  const left = witness.file;
  if (
    left !== null &&
    (left.inode !== found.inode || left.bornMs !== found.bornMs || left.modifiedMs !== found.modifiedMs ||
      left.changedMs !== found.changedMs)
  ) {
    return "something else wrote to it or copied it back";
  }
  return null;
}

/** Null for a file that was never opened as a log. */
export function readLife(db: DatabaseSync): Life | null {
  const row = db.prepare("SELECT epoch, opening, inode FROM life").get();
  if (row === undefined) return null;
  const inode = row["inode"];
  return {
    epoch: String(row["epoch"]),
    opening: String(row["opening"]),
    inode: typeof inode === "number" ? inode : null,
  };
}

export function writeLife(db: DatabaseSync, life: Life): void {
  db.prepare(`
    INSERT INTO life (one, epoch, opening, inode) VALUES (1, ?, ?, ?)
    ON CONFLICT (one) DO UPDATE SET epoch = excluded.epoch, opening = excluded.opening, inode = excluded.inode`)
    .run(life.epoch, life.opening, life.inode);
}

/** Reads the stamp without opening the file (`directory.ts` says why that matters). */
export function stampOf(path: string): Stamp {
  const { ino, birthtime, mtime, ctime } = Deno.statSync(path);
  return {
    // On file systems with longer numbers than JavaScript counts, the times have to do.
    inode: ino !== null && Number.isSafeInteger(ino) ? ino : null,
    bornMs: birthtime?.getTime() ?? null,
    modifiedMs: mtime?.getTime() ?? null,
    changedMs: ctime?.getTime() ?? null,
  };
}

/** 96 random bits in hexadecimal: an epoch, or an opening. */
export function newLifeId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
