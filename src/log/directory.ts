import { StoreFailure } from "./log.ts";

/** The files of one log. SQLite puts `-wal` and `-shm` beside `database`, with its mode. */
export interface LogFiles {
  readonly directory: string;
  readonly database: string;
  readonly witness: string;
  readonly lock: string;
  /** The search's own; may be deleted while no server runs. */
  readonly search: string;
}

export function logFilesIn(directory: string): LogFiles {
  const at = directory.replace(/\/+$/, "");
  return {
    directory,
    database: `${at}/log.sqlite`,
    witness: `${at}/log.witness`,
    lock: `${at}/log.lock`,
    search: `${at}/search.sqlite`,
  };
}

/** Makes the directory and an empty database file where they are missing, for this user's eyes only. */
export function makeFiles(files: LogFiles): void {
  Deno.mkdirSync(files.directory, { recursive: true, mode: 0o700 });
  Deno.openSync(files.database, { create: true, append: true, mode: 0o600 }).close();
}

/**
 * Takes the directory for this process until the returned file is closed or the process ends, however it
 * ends: the kernel's lock goes with its holder. Throws `StoreFailure("locked")`.
 *
 * The lock has a file of its own, since closing a second descriptor of the database would drop the locks
 * that SQLite holds on it (fcntl(2), advisory record locking).
 */
export function lockDirectory(files: LogFiles): Deno.FsFile {
  Deno.mkdirSync(files.directory, { recursive: true, mode: 0o700 });
  const file = Deno.openSync(files.lock, { create: true, read: true, write: true, mode: 0o600 });
  try {
    if (!file.tryLockSync(true)) {
      const holder = Deno.readTextFileSync(files.lock).trim();
      throw new StoreFailure(
        "locked",
        `the directory ${files.directory} is in use by another QUICChat` +
          `${holder === "" ? "" : ` (process ${holder})`}: stop that one, or use another directory`,
      );
    }
    file.truncateSync();
    file.writeSync(new TextEncoder().encode(`${Deno.pid}\n`));
    return file;
  } catch (error) {
    file.close();
    throw error;
  }
}
