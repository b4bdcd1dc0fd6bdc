import {
  type Entry,
  type Log,
  type Outcome,
  type Page,
  type RoomStand,
  type RoomSummary,
  StoreFailure,
} from "../../src/log/log.ts";
import type { LoggedEvent } from "../../src/protocol/event.ts";
import { MemoryLog } from "../../src/log/memory-log.ts";
import { DiskFailure, type SimFile } from "./disk.ts";
import type { Process } from "./machine.ts";

export interface DiskLogOptions {
  readonly process: Process;
  /** How often a read fails, from 0 to 1, and how long it takes at most. */
  readonly reads: () => { readonly fails: number; readonly slowMs: number };
  readonly random: () => number;
}

/** Makes the file of a log: its first line names its life. */
export function formatLog(file: SimFile, epoch: string): void {
  file.replace(`${JSON.stringify({ epoch })}\n`);
}

/**
 * The log's contract on a simulated disk: a line for each batch, written and synced before the batch takes
 * effect. The rules (duplicates, targets, offsets) are the memory engine's.
 */
export class DiskLog implements Log {
  readonly epoch: string;
  readonly #memory: MemoryLog;
  #isLoading = true;
  /** Up to here every line is synced. */
  #goodLength: number;

  private constructor(readonly file: SimFile, readonly options: DiskLogOptions, epoch: string) {
    this.epoch = epoch;
    this.#goodLength = file.text.lastIndexOf("\n") + 1;
    this.#memory = new MemoryLog({
      epoch,
      beforeCommit: (batch) => this.#isLoading ? undefined : this.#write(batch),
      beforeRead: () => this.#beforeRead(),
    });
  }

  /** Reads what the file holds. A torn last line was never acknowledged, and is cut off. */
  static async open(file: SimFile, options: DiskLogOptions): Promise<DiskLog> {
    const [head = "{}", ...lines] = file.text.split("\n");
    const { epoch } = JSON.parse(head) as { epoch: string };
    const log = new DiskLog(file, options, epoch);
    file.truncate(log.#goodLength);
    lines.pop();
    for (const line of lines) await log.#memory.append(JSON.parse(line) as Entry[]);
    log.#isLoading = false;
    return log;
  }

  append(batch: readonly Entry[]): Promise<readonly Outcome[]> {
    return this.#memory.append(batch);
  }

  read(room: string, after: number, limit: number): Promise<Page> {
    return this.#memory.read(room, after, limit);
  }

  changes(
    room: string,
    targets: readonly number[],
    after: number,
  ): Promise<readonly (readonly LoggedEvent[])[]> {
    return this.#memory.changes(room, targets, after);
  }

  stand(room: string): Promise<RoomStand> {
    return this.#memory.stand(room);
  }

  rooms(after: string, limit: number): Promise<readonly RoomSummary[]> {
    return this.#memory.rooms(after, limit);
  }

  close(): Promise<void> {
    return this.#memory.close();
  }

  async #write(batch: readonly Entry[]): Promise<void> {
    const { file, options } = this;
    try {
      await file.append(`${JSON.stringify(batch)}\n`, options.process);
      await file.sync(options.process);
      this.#goodLength = file.text.length;
    } catch (error) {
      file.truncate(this.#goodLength);
      if (error instanceof DiskFailure) throw new StoreFailure(error.reason, error.message);
      throw error;
    }
  }

  async #beforeRead(): Promise<void> {
    const { process, reads, random } = this.options;
    const { fails, slowMs } = reads();
    const failing = random() < fails;
    if (slowMs > 0) await process.pause(Math.floor(random() * (slowMs + 1)));
    if (failing) throw new StoreFailure("broken", "the simulated disk can't read");
  }
}
