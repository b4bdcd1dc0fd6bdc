import { createHash } from "node:crypto";

/** What marks the database file itself, apart from its content. A copy can't take all of it along. */
export interface Stamp {
  readonly inode: number | null;
  readonly bornMs: number | null;
  readonly modifiedMs: number | null;
  /** When content or attributes changed last; no program can set it. Whole seconds in Deno 2.9. */
  readonly changedMs: number | null;
}

/** What the file beside the database says of it (`life.ts` says why). */
export interface Testimony {
  readonly epoch: string;
  /** The opening that wrote this. */
  readonly opening: string;
  /** An opening that was about to be written into the database, if the process died between the two. */
  readonly nextOpening: string | null;
  /** The newest event that was durable; the database must have it. */
  readonly lastId: number;
  /** The database file as it was left; null while it is being written to. */
  readonly file: Stamp | null;
}

/** A page of its own for each slot: a torn write of one can't touch the other. */
const SLOT_BYTES = 4_096;

/**
 * A small file that is told after each commit what the database must contain. It has two slots, written in
 * turn, each with a number and a checksum: after a power loss at most the one being written is unreadable,
 * and the other is only a little older, which does no harm. It is not flushed at a commit, as an older
 * witness never contradicts a newer database.
 */
export class Witness {
  readonly #file: Deno.FsFile;
  #turn: number;

  private constructor(file: Deno.FsFile, turn: number) {
    this.#file = file;
    this.#turn = turn;
  }

  /** Opens or makes the file. `said` is null when there is nothing readable in it. */
  static open(path: string): { witness: Witness; said: Testimony | null } {
    const file = Deno.openSync(path, { create: true, read: true, write: true, mode: 0o600 });
    try {
      const slots = [readSlot(file, 0), readSlot(file, 1)].filter((slot) => slot !== null);
      const newest = slots.sort((a, b) => b.turn - a.turn)[0];
      return { witness: new Witness(file, newest?.turn ?? 0), said: newest?.testimony ?? null };
    } catch (error) {
      file.close();
      throw error;
    }
  }

  write(testimony: Testimony): void {
    this.#turn++;
    const line = JSON.stringify({ turn: this.#turn, testimony });
    // Padded so that no longer line of before shows behind it.
    const slot = new TextEncoder().encode(`${checksumOf(line)} ${line}\n`.padEnd(512));
    this.#file.seekSync((this.#turn % 2) * SLOT_BYTES, Deno.SeekMode.Start);
    for (let at = 0; at < slot.length;) at += this.#file.writeSync(slot.subarray(at));
  }

  flush(): void {
    this.#file.syncDataSync();
  }

  close(): void {
    this.#file.close();
  }
}

interface Slot {
  readonly turn: number;
  readonly testimony: Testimony;
}

function readSlot(file: Deno.FsFile, index: number): Slot | null {
  file.seekSync(index * SLOT_BYTES, Deno.SeekMode.Start);
  const bytes = new Uint8Array(SLOT_BYTES);
  const text = new TextDecoder().decode(bytes.subarray(0, file.readSync(bytes) ?? 0));
  const end = text.indexOf("\n");
  if (end < 0) return null;
  const line = text.slice(CHECKSUM_CHARS + 1, end);
  if (checksumOf(line) !== text.slice(0, CHECKSUM_CHARS)) return null;
  // The checksum vouches for the shape: only `write` makes such a line.
  return JSON.parse(line) as Slot;
}

const CHECKSUM_CHARS = 16;

function checksumOf(line: string): string {
  return createHash("sha256").update(line).digest("hex").slice(0, CHECKSUM_CHARS);
}
