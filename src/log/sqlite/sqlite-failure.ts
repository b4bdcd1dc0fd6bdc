import { StoreFailure } from "../log.ts";

/** SQLite's primary result codes (sqlite.org/rescode.html) that an operator can do something about. */
const SQLITE = {
  error: 1,
  busy: 5,
  locked: 6,
  readonly: 8,
  ioerr: 10,
  corrupt: 11,
  full: 13,
  cantopen: 14,
  notadb: 26,
};

/** What SQLite says for them, for the calls that fail without a number (`exec`, `prepare`, opening). */
const SAYS: readonly (readonly [string, number])[] = [
  ["database is locked", SQLITE.busy],
  ["database table is locked", SQLITE.locked],
  ["readonly database", SQLITE.readonly],
  ["disk I/O error", SQLITE.ioerr],
  ["disk image is malformed", SQLITE.corrupt],
  ["disk is full", SQLITE.full],
  ["unable to open", SQLITE.cantopen],
  ["not a database", SQLITE.notadb],
];

/** Turns whatever SQLite or the file system threw into the failure that the log's caller gets. `path`: the
 * file that was used. */
export function storeFailure(error: unknown, path: string): StoreFailure {
  if (error instanceof StoreFailure) return error;
  const says = error instanceof Error ? error.message : String(error);
  const system = error instanceof Error && "code" in error ? error.code : undefined;
  switch (sqliteCode(error, says)) {
    case SQLITE.full:
      return full(path);
    case SQLITE.readonly:
      return readonly(path);
    case SQLITE.corrupt:
    case SQLITE.notadb:
      return corrupt(path, says);
    case SQLITE.busy:
    case SQLITE.locked:
      return new StoreFailure(
        "locked",
        `${path} is being written by another program: let it finish or stop it, then try again`,
      );
    case SQLITE.ioerr:
      return new StoreFailure("broken", `the disk failed under ${path} (${says}): check the disk`);
    case SQLITE.cantopen:
      return new StoreFailure(
        "broken",
        `${path} can't be opened (${says}): check that it is a file that this user may read and write`,
      );
  }
  if (system === "ENOSPC" || system === "EDQUOT") return full(path);
  if (system === "EROFS" || system === "EACCES" || system === "EPERM") return readonly(path);
  if (error instanceof Deno.errors.PermissionDenied) return readonly(path);
  return new StoreFailure("broken", `the log in ${path} failed: ${says}`);
}

/** `what`: one clause that says what is damaged. */
export function corrupt(path: string, what: string): StoreFailure {
  return new StoreFailure(
    "corrupt",
    `${path} is damaged or not a QUICChat log (${what}): move it away and put a backup in its place`,
  );
}

const DAMAGE: readonly number[] = [SQLITE.corrupt, SQLITE.notadb];

/** Whether a file is not, or no longer, what SQLite or its schema made of it. */
export function isDamage(error: unknown): boolean {
  const code = sqliteCode(error, error instanceof Error ? error.message : "");
  return code !== undefined && DAMAGE.includes(code);
}

/** Whether the file may be well, and the disk, its rights or another program are in the way. */
export function isOfTheSystem(error: unknown): boolean {
  const code = sqliteCode(error, error instanceof Error ? error.message : "");
  return code === undefined
    ? !(error instanceof Error && "code" in error && error.code === "ERR_SQLITE_ERROR")
    : code !== SQLITE.error && !DAMAGE.includes(code);
}

function full(path: string): StoreFailure {
  return new StoreFailure("full", `no room is left on the disk that holds ${path}: free some space`);
}

function readonly(path: string): StoreFailure {
  return new StoreFailure(
    "readonly",
    `${path} may not be written: give this user the right to write it, or use another directory`,
  );
}

function sqliteCode(error: unknown, says: string): number | undefined {
  if (!(error instanceof Error)) return undefined;
  // Extended codes carry the primary one in their low byte.
  if ("errcode" in error && typeof error.errcode === "number") return error.errcode & 0xff;
  if (!("code" in error) || error.code !== "ERR_SQLITE_ERROR") return undefined;
  return SAYS.find(([phrase]) => says.includes(phrase))?.[1];
}
