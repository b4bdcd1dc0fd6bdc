import type { Process } from "./machine.ts";

/** How a disk misbehaves; rates are from 0 to 1, for each operation. */
export interface DiskFaults {
  /** A write fails, with any beginning of it written. */
  readonly writeFails: number;
  readonly syncFails: number;
  /** A write or a sync takes up to this long. */
  readonly slowMs: number;
}

export class DiskFailure extends Error {
  override readonly name = "DiskFailure";
  constructor(readonly reason: "full" | "broken") {
    super(reason === "full" ? "no space left" : "input/output error");
  }
}

/** What a watcher may do in the middle of an operation: end the process. */
export type DiskMoment = "written" | "synced";

/**
 * A file of lines on a disk that lies as disks do: what was written and not synced may be there after a crash,
 * wholly, in part or not at all. What was synced is there.
 */
export class SimFile {
  text = "";
  #syncedLength = 0;
  /** Nothing more fits. */
  isFull = false;
  onMoment: (moment: DiskMoment) => void = () => {};

  constructor(readonly random: () => number, readonly faults: () => DiskFaults) {}

  /** What would be there after the worst crash. */
  get durable(): string {
    return this.text.slice(0, this.#syncedLength);
  }

  get syncedLength(): number {
    return this.#syncedLength;
  }

  async append(text: string, process: Process): Promise<void> {
    const { writeFails, slowMs } = this.faults();
    const fails = this.random() < writeFails;
    if (this.isFull || fails) {
      // Torn: some of it is there.
      this.text += text.slice(0, Math.floor(this.random() * text.length));
      await process.pause(this.#duration(slowMs));
      throw new DiskFailure(this.isFull ? "full" : "broken");
    }
    this.text += text;
    await process.pause(this.#duration(slowMs));
    this.onMoment("written");
    // Whose process has ended here goes no further.
    if (!process.alive) await new Promise(() => {});
  }

  async sync(process: Process): Promise<void> {
    const { syncFails, slowMs } = this.faults();
    const { length } = this.text;
    const fails = this.random() < syncFails;
    await process.pause(this.#duration(slowMs));
    if (fails) throw new DiskFailure("broken");
    this.#syncedLength = Math.max(this.#syncedLength, Math.min(length, this.text.length));
    this.onMoment("synced");
    if (!process.alive) await new Promise(() => {});
  }

  /** Takes back what was not synced. */
  truncate(length: number): void {
    this.text = this.text.slice(0, length);
    this.#syncedLength = Math.min(this.#syncedLength, length);
  }

  /** Puts another file in its place, in one step, synced. */
  replace(text: string): void {
    this.text = text;
    this.#syncedLength = text.length;
  }

  /** The machine went down. */
  crash(): void {
    const unsynced = this.text.length - this.#syncedLength;
    const luck = this.random();
    const kept = luck < 0.34 ? 0 : luck < 0.67 ? unsynced : Math.floor(this.random() * unsynced);
    this.text = this.text.slice(0, this.#syncedLength + kept);
    this.#syncedLength = this.text.length;
  }

  #duration(slowMs: number): number {
    return Math.floor(this.random() * (slowMs + 1));
  }
}
