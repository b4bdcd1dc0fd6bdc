// @ts-check
import { spawnSync } from "node:child_process";
import {
  closeSync,
  existsSync,
  lstatSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import process from "node:process";

/** Something that stops the program before it starts; the message is a sentence for its user. */
export class LaunchFailure extends Error {}

/**
 * Installs a clone's packages if they are missing or not those of its lock file, with a line on standard
 * error; standard output stays the command's. Other first commands in the same clone wait meanwhile.
 * @param {string} root the clone
 * @throws {LaunchFailure}
 */
export function installMissing(root) {
  if (isInstalled(root)) return;
  const modules = join(root, "node_modules");
  if (lstatSync(modules, { throwIfNoEntry: false })?.isSymbolicLink()) {
    throw new LaunchFailure(
      `${modules} is a link to packages of another version: run npm ci where it leads.`,
    );
  }
  const unlock = lockInstall(join(root, ".installing"));
  try {
    // Another one may have done it while this one waited.
    if (!isInstalled(root)) runNpmCi(root);
  } finally {
    unlock();
  }
}

/**
 * Whether node_modules holds what package-lock.json says. npm writes its own list there last, so an
 * interrupted installation has none.
 * @param {string} root
 */
export function isInstalled(root) {
  const wanted = packagesOf(join(root, "package-lock.json"));
  const present = packagesOf(join(root, "node_modules", ".package-lock.json"));
  if (!wanted || !present) return false;
  return Object.entries(wanted).every(([path, { version, integrity, optional }]) => {
    if (path === "") return true;
    const found = present[path];
    // An optional one may be for another platform; that one's own start finds out (deno.mjs).
    return found ? found.version === version && found.integrity === integrity : optional === true;
  });
}

/**
 * @param {string} file
 * @returns {Record<string, { version?: string, integrity?: string, optional?: boolean }> | null}
 */
function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8")).packages;
  } catch {
    // Absent or cut off: either way not installed, and npm ci tells what is wrong with a lock file.
    return null;
  }
}

/** @param {string} root */
function runNpmCi(root) {
  process.stderr.write("quicchat: installing packages (npm ci), once …\n");
  const args = ["ci", "--no-audit", "--no-fund", "--loglevel=error"];
  // Under `npm start` this is the npm that runs; else the one on the PATH, which is a script on Windows.
  const npm = process.env["npm_execpath"];
  const own = npm && /npm-cli\.c?js$/.test(npm) && existsSync(npm);
  /** @type {import("node:child_process").SpawnSyncOptionsWithStringEncoding} */
  const options = { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] };
  const done = own
    ? spawnSync(process.execPath, [npm, ...args], options)
    : spawnSync("npm", args, { ...options, shell: process.platform === "win32" });
  if (done.error) {
    throw new LaunchFailure(`cannot run npm (${done.error.message}): install Node with npm and try again.`);
  }
  if (done.status !== 0) {
    throw new LaunchFailure(
      `npm ci failed in ${root}; mend what it says and try again:\n${
        done.stderr.trim() || done.stdout.trim()
      }`,
    );
  }
}

/**
 * One installation at a time: npm ci begins by deleting node_modules.
 * @param {string} file
 * @returns {() => void}
 */
function lockInstall(file) {
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
