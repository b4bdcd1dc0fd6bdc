import { newDevice } from "./device.ts";
import type { OutboxEntry } from "./outbox-entry.ts";
import type { OutboxContents, OutboxStore } from "./store.ts";

/** Keeps an outbox while the program runs. Each has a device of its own. */
export class MemoryStore implements OutboxStore {
  readonly #device: string;
  #entries = new Map<number, OutboxEntry>();
  #nextSeq = 1;

  /** `device` is for tests and simulations: everybody else wants the random one. */
  constructor(device: string = newDevice()) {
    this.#device = device;
  }

  load(): Promise<OutboxContents> {
    const entries = [...this.#entries.values()].sort((a, b) => a.seq - b.seq);
    return Promise.resolve({ device: this.#device, nextSeq: this.#nextSeq, entries });
  }

  put(entry: OutboxEntry, replaces?: number): Promise<void> {
    if (replaces !== undefined) this.#entries.delete(replaces);
    this.#entries.set(entry.seq, entry);
    this.#nextSeq = Math.max(this.#nextSeq, entry.seq + 1);
    return Promise.resolve();
  }

  remove(seq: number): Promise<void> {
    this.#entries.delete(seq);
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
