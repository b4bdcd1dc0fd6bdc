// @ts-check
import { closeSync, openSync, readFileSync, rmSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { LaunchFailure } from "./launch-failure.mjs";

/**
 * Waits until no other command prepares this clone, then acts: `npm ci` begins by deleting node_modules, the
 * page's build by deleting the page.
 * @param {string} root the clone
 * @param {() => void} act
 * @throws {LaunchFailure}
 */
export function oneAtATime(root, act) {
  const unlock = lock(join(root, ".installing"));
  try {
    act();
  } finally {
    unlock();
  }
}

/** @param {string} file @returns {() => void} */
function lock(file) {
  const pauseMs = 200;
  for (let tries = 0;; tries++) {
    try {
      const handle = openSync(file, "wx");
      writeSync(handle, String(process.pid));
      closeSync(handle);
      return () => rmSync(file, { force: true });
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : null;
      if (code !== "EEXIST") {
        throw new LaunchFailure(`cannot write ${file} (${code ?? error}): make its folder writable.`);
      }
    }
    if (tries === 0) process.stderr.write(`quicchat: waiting for another installation (${file}) …\n`);
    if (isLeft(file)) rmSync(file, { force: true });
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pauseMs);
  }
}

/** Whether the process that wrote the lock is gone. Its number may be another's by now, so a lock also ages.
 * @param {string} file */
function isLeft(file) {
  const installMsMax = 5 * 60_000;
  let pid;
  try {
    pid = Number(readFileSync(file, "utf8"));
    if (Date.now() - statSync(file).mtimeMs > installMsMax) return true;
  } catch {
    return false; // Removed between the two looks: the next try decides.
  }
  // Empty for the moment between its opening and its writing.
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ESRCH";
  }
}
