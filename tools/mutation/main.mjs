// @ts-check
// `npm run mutate`: breaks the code in thousands of small ways and tells which of them no test notices.
// `-- FILE…` only these files, `-- --since main` only those that changed since then.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { installMissing } from "../../bin/install.mjs";
import { LaunchFailure } from "../../bin/launch-failure.mjs";
import { isMutated, REPORT } from "./config.mjs";
import { scoreLines, scorePercent, survivorLines } from "./score.mjs";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** The newest that runs on Node 20. npm keeps it in its cache: 64 MB that nobody else needs stay out of npm ci. */
const STRYKER = "@stryker-mutator/core@9.6.1";

/** Less is a failure. What survives above it is read, not counted (docs/testing.md). */
const SCORE_MIN_PERCENT = 85;

/** @param {string[]} args @returns {string[]} files to mutate; none means all */
function filesOf(args) {
  if (args[0]?.startsWith("--") !== true) return args;
  const [flag, since] = args;
  if (flag !== "--since" || since === undefined || args.length > 2) {
    throw new LaunchFailure("npm run mutate takes files, or --since and a branch or commit, after --");
  }
  const changed = execFileSync("git", ["diff", "--name-only", since, "--", "src"], {
    cwd: ROOT,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  const files = changed.split("\n").filter((path) => isMutated(path) && existsSync(join(ROOT, path)));
  if (files.length === 0) throw new LaunchFailure(`nothing that is mutated changed since ${since}`);
  return files;
}

/** @param {string[]} files */
function stryker(files) {
  const args = ["exec", "--yes", `--package=${STRYKER}`, "--", "stryker", "run", "tools/mutation/config.mjs"];
  if (files.length > 0) args.push("--mutate", files.join(","));
  // Under `npm run` this is the npm that runs; else the one on the PATH, which is a script on Windows.
  const npm = process.env["npm_execpath"];
  /** @type {import("node:child_process").SpawnSyncOptions} */
  const options = { cwd: ROOT, stdio: "inherit" };
  const { status, error } = npm
    ? spawnSync(process.execPath, [npm, ...args], options)
    : spawnSync("npm", args, { ...options, shell: process.platform === "win32" });
  if (error !== undefined) throw new LaunchFailure(`cannot run npm: ${error.message}`);
  return status ?? 1;
}

function main() {
  const files = filesOf(process.argv.slice(2));
  installMissing(ROOT);
  const report = join(ROOT, REPORT);
  rmSync(report, { force: true });
  const code = stryker(files);
  if (!existsSync(report)) throw new LaunchFailure("Stryker made no report; what it said above tells why");
  const result = JSON.parse(readFileSync(report, "utf8"));
  // Results from earlier runs are in there, too.
  if (files.length > 0) {
    result.files = Object.fromEntries(Object.entries(result.files).filter(([path]) => files.includes(path)));
  }
  for (const line of survivorLines(result)) console.log(line);
  for (const line of scoreLines(result)) console.log(line);
  const percent = scorePercent(result);
  if (percent < SCORE_MIN_PERCENT) console.log(`under ${SCORE_MIN_PERCENT} %`);
  return percent < SCORE_MIN_PERCENT ? 1 : code;
}

try {
  process.exitCode = main();
} catch (error) {
  if (!(error instanceof LaunchFailure)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
