import type { LoggedEvent } from "../../protocol/event.ts";
import { logFilesIn } from "../directory.ts";
import {
  type Entry,
  type Log,
  type Outcome,
  type Page,
  type RoomStand,
  type RoomSummary,
  StoreFailure,
} from "../log.ts";
import { assertStorable } from "../storable.ts";
import { type ReaderCalls, WorkerLine, type WriterCalls } from "../worker-calls.ts";

export interface SqliteLogOptions {
  /** Where the log's files are, or are made: `log.sqlite`, `log.witness`, `log.lock`. */
  readonly directory: string;
}

/** The embedded engine: one SQLite file, written by one worker thread and read by another. */
export interface SqliteLog extends Log {
  /** Why an existing log began a new life (a new epoch) when it was opened, for the operator; or null. */
  readonly renewed: string | null;
}

/**
 * Opens a log, or makes one. Throws a `StoreFailure`: `locked` when another process has the directory,
 * `newer`, `corrupt`, `full`, `readonly`, `broken`.
 *
 * Needs Deno's permissions to read this folder's source (workers load it) and to read and write the
 * directory, nothing else.
 */
export async function openSqliteLog({ directory }: SqliteLogOptions): Promise<SqliteLog> {
  const writer = new WorkerLine<WriterCalls>(new URL("./sqlite-worker.ts", import.meta.url), "writing");
  const reader = new WorkerLine<ReaderCalls>(
    new URL("./sqlite-reader-worker.ts", import.meta.url),
    "reading",
  );
  try {
    const { epoch, renewed } = await writer.call("open", { directory });
    await reader.call("open", { database: logFilesIn(directory).database });
    return new TwoWorkerLog(epoch, renewed, writer, reader);
  } catch (error) {
    const failure = closed();
    reader.end(failure);
    await writer.call("close", null).catch(() => {}); // It may not have been opened; the error says why.
    writer.end(failure);
    throw error;
  }
}

class TwoWorkerLog implements SqliteLog {
  readonly #writer: WorkerLine<WriterCalls>;
  readonly #reader: WorkerLine<ReaderCalls>;
  /** Counts the failed appends whose callers were told. */
  #era = 0;
  #closing: Promise<void> | null = null;

  constructor(
    readonly epoch: string,
    readonly renewed: string | null,
    writer: WorkerLine<WriterCalls>,
    reader: WorkerLine<ReaderCalls>,
  ) {
    this.#writer = writer;
    this.#reader = reader;
  }

  async append(batch: readonly Entry[]): Promise<readonly Outcome[]> {
    this.#assertOpen();
    batch.forEach(assertStorable);
    try {
      return await this.#writer.call("append", { era: this.#era, batch });
    } catch (error) {
      this.#era++;
      throw error;
    }
  }

  async read(room: string, after: number, limit: number): Promise<Page> {
    this.#assertOpen();
    return await this.#reader.call("read", { room, after, limit });
  }

  async changes(
    room: string,
    targets: readonly number[],
    after: number,
  ): Promise<readonly (readonly LoggedEvent[])[]> {
    this.#assertOpen();
    return await this.#reader.call("changes", { room, targets, after });
  }

  async stand(room: string): Promise<RoomStand> {
    this.#assertOpen();
    return await this.#reader.call("stand", { room });
  }

  async rooms(after: string, limit: number): Promise<readonly RoomSummary[]> {
    this.#assertOpen();
    return await this.#reader.call("rooms", { after, limit });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** The reader first: SQLite leaves a clean file when the last connection, the writer's, closes. Both
   * answer what they were asked before. */
  async #close(): Promise<void> {
    try {
      await this.#reader.call("close", null).catch(() => {}); // A dead reader holds nothing any more.
      await this.#writer.call("close", null);
    } finally {
      this.#reader.end(closed());
      this.#writer.end(closed());
    }
  }

  #assertOpen(): void {
    if (this.#closing !== null) throw closed();
  }
}

function closed(): StoreFailure {
  return new StoreFailure("broken", "the log is closed");
}
