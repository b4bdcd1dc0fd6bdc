/**
 * One process at a time for one outbox on disk. Deno locks the file itself (flock), which ends with the
 * process whatever happens. Node has no such lock: there the file names the process that holds it, and one
 * that is not there any more is replaced. Don't let both runtimes share a directory.
 */
import { type FileHandle, link, open, readFile, rename, rm, writeFile } from "node:fs/promises";
import process from "node:process";

/** What ends the lock. */
export type Unlock = () => Promise<void>;

/** Locks, or gives null when another has it. */
export function tryLock(path: string): Promise<Unlock | null> {
  return "Deno" in globalThis ? tryFlock(path) : tryPidFile(path);
}

async function tryFlock(path: string): Promise<Unlock | null> {
  const file = await Deno.open(path, { create: true, write: true, mode: 0o600 });
  if (await file.tryLock(true)) return () => Promise.resolve(file.close());
  file.close();
  return null;
}

/** Exported for its test, since the tests run on Deno. */
export async function tryPidFile(path: string): Promise<Unlock | null> {
  const mine = `${path}.${process.pid}.${crypto.randomUUID()}`;
  await writeFile(mine, `${process.pid} ${crypto.randomUUID()}`, { mode: 0o600, flag: "wx" });
  try {
    if (!await linked(mine, path)) {
      const theirs = await contentOf(path);
      if (theirs !== null && isAlive(theirs)) return null;
      // Moved aside and looked at again: of two that find a dead one's lock, one must not take the other's.
      const aside = `${mine}.aside`;
      if (theirs !== null && await moved(path, aside)) {
        const isTheirs = await contentOf(aside) === theirs;
        if (!isTheirs) await linked(aside, path);
        await rm(aside, { force: true });
        if (!isTheirs) return null;
      }
      if (!await linked(mine, path)) return null;
    }
  } finally {
    await rm(mine, { force: true });
  }
  return () => rm(path, { force: true });
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (thrown) {
    if (codeOf(thrown) === "EEXIST") return false;
    throw thrown;
  }
}

async function moved(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (thrown) {
    if (codeOf(thrown) === "ENOENT") return false;
    throw thrown;
  }
}

async function contentOf(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch (thrown) {
    if (codeOf(thrown) === "ENOENT") return null;
    throw thrown;
  }
}

function isAlive(content: string): boolean {
  const pid = Number(content.split(" ")[0]);
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    // EPERM: it is there, and somebody else's.
    return codeOf(thrown) !== "ESRCH";
  }
}

/** The system's name of what went wrong: "ENOENT". */
export function codeOf(thrown: unknown): string | undefined {
  return thrown instanceof Error && "code" in thrown && typeof thrown.code === "string"
    ? thrown.code
    : undefined;
}

/** Makes what was written to a directory's list of names durable, where the system knows how. */
export async function syncDirectory(path: string): Promise<void> {
  let handle: FileHandle | null = null;
  try {
    handle = await open(path, "r");
    await handle.sync();
  } catch (thrown) {
    // Windows can't open directories, and has no need to.
    if (process.platform !== "win32") throw thrown;
  } finally {
    await handle?.close();
  }
}
