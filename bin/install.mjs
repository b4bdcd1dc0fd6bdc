// @ts-check
import { spawnSync } from "node:child_process";
import { existsSync, lstatSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { LaunchFailure } from "./launch-failure.mjs";
import { oneAtATime } from "./one-at-a-time.mjs";

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
  oneAtATime(root, () => {
    // Another one may have done it while this one waited.
    if (!isInstalled(root)) runNpmCi(root);
  });
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
  // The page's build is among what npm leaves out where NODE_ENV says production.
  const args = ["ci", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"];
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
