// @ts-check
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { oneAtATime } from "./one-at-a-time.mjs";

/** What the page is made of; a change anywhere in it makes a built one old. */
const SOURCES = [
  "src/web",
  "src/ui",
  "src/client",
  "src/transport",
  "src/protocol",
  "tools/web.mjs",
  "package-lock.json",
];

/**
 * Builds a clone's page (dist/web) if there is none or it is older than its sources, with a line on standard
 * error. A build that fails is told of and stops nothing: the server runs without a page.
 * @param {string} root the clone, with its packages installed
 */
export function buildMissingPage(root) {
  if (isPageBuilt(root)) return;
  oneAtATime(root, () => {
    // Another one may have done it while this one waited.
    if (isPageBuilt(root)) return;
    process.stderr.write("quicchat: building the page, once …\n");
    const { status, stderr, error } = spawnSync(process.execPath, [join(root, "tools", "web.mjs")], {
      cwd: root,
      encoding: "utf8",
      stdio: ["ignore", "ignore", "pipe"],
    });
    if (status !== 0) {
      const why = error?.message ?? stderr.trim();
      process.stderr.write(`quicchat: the page could not be built, the server goes on without it: ${why}\n`);
    }
  });
}

/** Whether the built page is younger than all that it is made of. @param {string} root */
export function isPageBuilt(root) {
  const index = statSync(join(root, "dist", "web", "index.html"), { throwIfNoEntry: false });
  if (index === undefined) return false;
  return SOURCES.every((source) => youngestMs(join(root, source)) <= index.mtimeMs);
}

/** The last change of a file, or of anything in a folder. @param {string} path @returns {number} */
function youngestMs(path) {
  if (!existsSync(path)) return 0;
  const { mtimeMs } = statSync(path);
  if (!statSync(path).isDirectory()) return mtimeMs;
  // A folder's own time tells of what was deleted in it.
  return Math.max(mtimeMs, ...readdirSync(path).map((name) => youngestMs(join(path, name))));
}
