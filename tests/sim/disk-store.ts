import type { OutboxEntry } from "../../src/client/outbox/outbox-entry.ts";
import { goneLine, headLine, putLine, readJournal } from "../../src/client/outbox/outbox-journal.ts";
import type { OutboxContents, OutboxStore } from "../../src/client/outbox/store.ts";
import type { SimFile } from "./disk.ts";
import type { Process } from "./machine.ts";

/** An outbox's store on a simulated disk: the journal is the one of `store-file.ts`, the file is simulated. */
export class DiskStore implements OutboxStore {
  #tail: Promise<unknown> = Promise.resolve();
  /** The last write may have left half a line. */
  #isTorn = false;

  /** `freshDevice` names the device of a journal that is not there yet. */
  constructor(readonly file: SimFile, readonly process: Process, readonly freshDevice: string) {}

  async load(): Promise<OutboxContents> {
    await this.process.pause(1);
    const contents = readJournal(this.file.text) ?? { device: this.freshDevice, nextSeq: 1, entries: [] };
    const lines = contents.entries.map((entry) => putLine(entry, undefined));
    this.file.replace(headLine(contents.device, contents.nextSeq) + lines.join(""));
    return contents;
  }

  put(entry: OutboxEntry, replaces?: number): Promise<void> {
    return this.#inTurn(async () => {
      try {
        await this.#write(putLine(entry, replaces));
        await this.file.sync(this.process);
      } catch (thrown) {
        // The line may be there although it is not certain: its author is told that it is not kept.
        await this.#write(goneLine(entry.seq)).catch(() => {});
        throw thrown;
      }
    });
  }

  remove(seq: number): Promise<void> {
    return this.#inTurn(() => this.#write(goneLine(seq)));
  }

  async close(): Promise<void> {
    await this.#tail;
  }

  #inTurn(run: () => Promise<void>): Promise<void> {
    const done = this.#tail.then(run);
    this.#tail = done.catch(() => {});
    return done;
  }

  async #write(line: string): Promise<void> {
    const text = (this.#isTorn ? "\n" : "") + line;
    this.#isTorn = true;
    await this.file.append(text, this.process);
    this.#isTorn = false;
  }
}
