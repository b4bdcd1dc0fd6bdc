/** Files that only the server's own user may read: keys, certificates, tokens. */
import { SetupFailure } from "./setup-failure.ts";

/** The file's text, or null where there is none. A key that others could read is closed to them on sight. */
export async function readPrivate(path: string): Promise<string | null> {
  try {
    const text = await Deno.readTextFile(path);
    const { mode } = await Deno.stat(path);
    if (mode !== null && (mode & 0o077) !== 0) await Deno.chmod(path, 0o600);
    return text;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw new SetupFailure(`can't read ${path} (${reasonOf(error)}): make it readable for this user`);
  }
}

/**
 * Replaces the file as a whole or not at all: also after a crash there is the old text or the new one,
 * never a part. The directory is made when it is missing.
 */
export async function writePrivate(directory: string, name: string, text: string): Promise<void> {
  const path = `${directory}/${name}`;
  // Its own name, so that two processes on one directory can't write into the same temporary file.
  const temporary = `${path}.${crypto.randomUUID()}.tmp`;
  try {
    await Deno.mkdir(directory, { recursive: true, mode: 0o700 });
    const file = await Deno.open(temporary, { write: true, createNew: true, mode: 0o600 });
    try {
      const bytes = new TextEncoder().encode(text);
      for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
      // Before the rename, or a crash of the machine could leave the new name on an empty file.
      await file.sync();
    } finally {
      file.close();
    }
    await Deno.rename(temporary, path);
  } catch (error) {
    await Deno.remove(temporary).catch(
      () => {/* it may never have been made; the write's failure is told */},
    );
    throw new SetupFailure(
      `can't write ${path} (${reasonOf(error)}): give this user room and the right to write in ${directory}`,
    );
  }
}

/** The short reason of a failed file operation: "permission denied", not a class and a path. */
export function reasonOf(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "there is no such file";
  if (error instanceof Deno.errors.PermissionDenied) return "permission denied";
  if (error instanceof Deno.errors.NotCapable) return "Deno was started without the permission";
  if (!(error instanceof Error)) return String(error);
  return error.message.replace(/\s*\(os error \d+\).*$/s, "").split("\n")[0] ?? "";
}
