import { chmod, type FileHandle, mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { newDevice } from "./device.ts";
import { codeOf, syncDirectory, tryLock, type Unlock } from "./device-lock.ts";
import type { OutboxEntry } from "./outbox-entry.ts";
import { goneLine, headLine, JournalFailure, putLine, readJournal } from "./outbox-journal.ts";
import type { OutboxContents, OutboxStore } from "./store.ts";

/** Devices in one directory: as many processes at once. More than a person has windows. */
const DEVICES_MAX = 64;
/** A journal is written anew when it holds so many lines more than entries: a few hundred KB. */
const STALE_LINES_MAX = 1_000;

interface Write {
  readonly line: string;
  readonly sync: boolean;
  readonly done: () => void;
  readonly failed: (thrown: unknown) => void;
}

/**
 * Keeps an outbox in a directory, for Deno and Node: a journal of JSON lines with mode 0600, synced to the
 * disk before a `put` resolves; what is put in one moment shares one sync. Each process that uses the
 * directory at the same time has a device of its own (`outbox-1.jsonl`, `outbox-2.jsonl` …), and takes over
 * what a former one left.
 */
export class FileStore implements OutboxStore {
  readonly #directory: string;
  #unlock: Unlock | null = null;
  #path = "";
  #file: FileHandle | null = null;
  #device = "";
  #nextSeq = 1;
  #entries = new Map<number, OutboxEntry>();
  #lines = 0;
  #queue: Write[] = [];
  #writing: Promise<void> | null = null;
  /** The last write may have left half a line. */
  #torn = false;

  /** The directory is made when it isn't there. One for each server. */
  constructor(directory: string) {
    this.#directory = directory;
  }

  async load(): Promise<OutboxContents> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    const contents = await this.#claim();
    this.#device = contents.device;
    this.#nextSeq = contents.nextSeq;
    for (const entry of contents.entries) this.#entries.set(entry.seq, entry);
    await this.#rewrite();
    return contents;
  }

  put(entry: OutboxEntry, replaces?: number): Promise<void> {
    const replaced = replaces === undefined ? undefined : this.#entries.get(replaces);
    if (replaced !== undefined) this.#entries.delete(replaced.seq);
    this.#entries.set(entry.seq, entry);
    this.#nextSeq = Math.max(this.#nextSeq, entry.seq + 1);
    return this.#write(putLine(entry, replaces), true).catch((thrown) => {
      this.#entries.delete(entry.seq);
      if (replaced !== undefined) this.#entries.set(replaced.seq, replaced);
      // The line may be there although it is not certain: its author was told that it is not kept.
      this.#write(goneLine(entry.seq), false).catch(() => {/* The disk is still full: told already. */});
      throw thrown;
    });
  }

  /** Is not synced: what a crash brings back is sent again, and recognised. */
  remove(seq: number): Promise<void> {
    this.#entries.delete(seq);
    return this.#write(goneLine(seq), false);
  }

  async close(): Promise<void> {
    while (this.#writing !== null) await this.#writing;
    await this.#file?.close();
    this.#file = null;
    await this.#unlock?.();
    this.#unlock = null;
  }

  /** Locks a device that nobody else uses: rather one with something left to send. */
  async #claim(): Promise<OutboxContents> {
    let empty: { contents: OutboxContents; unlock: Unlock; path: string } | null = null;
    for (let n = 1; n <= DEVICES_MAX; n++) {
      const path = join(this.#directory, `outbox-${n}.jsonl`);
      const unlock = await tryLock(`${path}.lock`);
      if (unlock === null) continue;
      const found = await this.#read(path);
      if (found !== null && found.entries.length > 0) {
        await empty?.unlock();
        this.#unlock = unlock;
        this.#path = path;
        return found;
      }
      if (empty !== null) await unlock();
      else {
        const contents = found ?? { device: newDevice(), nextSeq: 1, entries: [] };
        empty = { contents, unlock, path };
      }
      // Journals are made in ascending order: none further on.
      if (found === null) break;
    }
    if (empty === null) {
      throw new Error(
        `${DEVICES_MAX} programs use ${this.#directory} already: give this one another directory`,
      );
    }
    this.#unlock = empty.unlock;
    this.#path = empty.path;
    return empty.contents;
  }

  async #read(path: string): Promise<OutboxContents | null> {
    let text: string;
    try {
      text = await readFile(path, "utf8");
    } catch (thrown) {
      if (codeOf(thrown) === "ENOENT") return null;
      throw thrown;
    }
    try {
      const read = readJournal(text);
      // Nothing was ever kept in a torn first line; a damaged one with others behind it is for a person.
      if (read === null && text.includes("\n")) await rename(path, `${path}.damaged`);
      return read;
    } catch (thrown) {
      if (thrown instanceof JournalFailure) {
        throw new Error(`the outbox ${path} can't be read: ${thrown.message}`);
      }
      throw thrown;
    }
  }

  /** Writes the journal anew, beside the old one, which it then replaces in one step. */
  async #rewrite(): Promise<void> {
    const fresh = `${this.#path}.new`;
    await rm(fresh, { force: true });
    const file = await open(fresh, "ax", 0o600);
    try {
      await chmod(fresh, 0o600);
      const lines = [...this.#entries.values()].sort((a, b) => a.seq - b.seq)
        .map((entry) => putLine(entry, undefined));
      await file.appendFile(headLine(this.#device, this.#nextSeq) + lines.join(""));
      await file.sync();
      await rename(fresh, this.#path);
      await syncDirectory(this.#directory);
      this.#lines = lines.length;
    } catch (thrown) {
      await file.close();
      throw thrown;
    }
    await this.#file?.close();
    this.#file = file;
    this.#torn = false;
  }

  #write(line: string, sync: boolean): Promise<void> {
    return new Promise((done, failed) => {
      this.#queue.push({ line, sync, done, failed });
      this.#writing ??= this.#flush();
    });
  }

  async #flush(): Promise<void> {
    // A turn later, so that what is put in one moment shares one sync.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      const batch = this.#queue;
      this.#queue = [];
      try {
        if (this.#file === null) throw new Error("the outbox is not open");
        await this.#file.appendFile((this.#torn ? "\n" : "") + batch.map((write) => write.line).join(""));
        this.#torn = false;
        if (batch.some((write) => write.sync)) await this.#file.datasync();
        this.#lines += batch.length;
      } catch (thrown) {
        this.#torn = true;
        for (const write of batch) write.failed(thrown);
        continue;
      }
      for (const write of batch) write.done();
      await this.#compactIfDue();
    }
    // In the same moment as the look at the queue: what is put from now on starts another flush.
    this.#writing = null;
  }

  async #compactIfDue(): Promise<void> {
    if (this.#lines - this.#entries.size < STALE_LINES_MAX) return;
    try {
      await this.#rewrite();
    } catch {
      // No room for a second journal: the first one is whole and goes on; tried again after as many lines.
      this.#lines = this.#entries.size;
    }
  }
}
