// @ts-check
// What `npm test`, `npm run ok` and the programs of this table do. Node runs it, as it must work before Deno is here.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { nativeDeno } from "../bin/deno.mjs";
import { installMissing } from "../bin/install.mjs";
import { LaunchFailure } from "../bin/launch-failure.mjs";
import { buildMissingPage } from "../bin/page.mjs";
import { addCounts, countRun, sumLine } from "./count.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** A run that takes longer hangs: a test has no timeout of its own. Unit tests take seconds; a file under
 * tests/ may load the machine for minutes. */
const UNITS_TIMEOUT_MS = 3 * 60_000;
const TESTS_TIMEOUT_MS = 10 * 60_000;

/** What is run as a program, by its words. @type {Readonly<Record<string, string>>} */
const PROGRAMS = {
  "bench": "bench/main.ts",
  "bench page": "bench/shapes/page.ts",
  "bench report": "bench/report/main.ts",
  "bench search": "bench/log/search.ts",
  "bench peers": "bench/shapes/peers.ts",
  "guard": "bench/guard/main.ts",
  "sim": "tests/sim/main.ts",
  "faults": "tests/faults/main.ts",
  "fuzz": "tests/fuzz/main.ts",
  "attack": "tests/attack/main.ts",
  "pictures": "tools/pictures.ts",
};

/** Those that open the page. */
const OPEN_THE_PAGE = ["bench/shapes/page.ts", "tools/pictures.ts", "tests/faults/main.ts"];

/** The gate's checks that are no tests. */
const CHECKS = [
  { says: "types", args: ["check", "--quiet"] },
  { says: "lint", args: ["lint", "--quiet"] },
  { says: "format (npx deno fmt mends it)", args: ["fmt", "--check", "--quiet"] },
  {
    says: "shape",
    args: ["run", "--quiet", "--no-prompt", "--allow-read=.", "--allow-run=git", "tools/imports.ts"],
  },
];

/** Where unit tests stand beside their code. */
const UNITS = ["src", "bin", "tools", "bench"];

/** Folders of tests/ that need no quiet machine: each runs as one, before the others. Every other file under
 * tests/ gets a process of its own, one after another. */
const TOGETHER = ["tests/contract", "tests/sim", "tests/fuzz"];

/**
 * @typedef {import("./count.mjs").Counts} Counts
 * @typedef {{ says: string, files: string[], timeoutMs: number }} Run
 */

const running = new Set(/** @type {import("node:child_process").ChildProcess[]} */ ([]));

async function main() {
  const [what, ...args] = process.argv.slice(2);
  installMissing(ROOT);
  const named = PROGRAMS[`${what} ${args[0]}`];
  if (named !== undefined) return await program(named, args.slice(1));
  const asked = PROGRAMS[what ?? ""];
  if (asked !== undefined) return await program(asked, args);
  if (what !== "ok" && what !== "test") {
    throw new LaunchFailure(`run.mjs knows ok, test, ${Object.keys(PROGRAMS).join(", ")}, not "${what}"`);
  }

  // Tests start servers without the launcher, and open their page.
  if (what === "test") buildMissingPage(ROOT);

  /** @type {Counts} */
  let sum = { passed: 0, failed: 0, skipped: [] };
  if (args.length === 0) sum = addCounts(sum, await checks());
  for (const run of runsOf(what, args)) if (run.files.length > 0) sum = addCounts(sum, await test(run));

  for (const name of sum.skipped) console.log(`skipped: ${name}`);
  if (sum.passed + sum.failed === 0) console.log("no test ran");
  console.log(sumLine(sum));
  return sum.failed === 0 && sum.passed > 0 ? 0 : 1;
}

/**
 * @param {"ok" | "test"} what
 * @param {string[]} only test files named on the command line, in place of all
 * @returns {Run[]}
 */
function runsOf(what, only) {
  if (only.length > 0) return [{ says: only.join(" "), files: only, timeoutMs: TESTS_TIMEOUT_MS }];
  const units = { says: "unit tests", files: UNITS.flatMap(testFiles), timeoutMs: UNITS_TIMEOUT_MS };
  if (what === "ok") return [units];
  const alone = testFiles("tests").filter((file) =>
    !TOGETHER.some((folder) => file.startsWith(`${folder}/`))
  );
  const tests = [
    ...TOGETHER.map((folder) => ({ says: folder, files: testFiles(folder) })),
    ...alone.map((file) => ({ says: file, files: [file] })),
  ].map((run) => ({ ...run, timeoutMs: TESTS_TIMEOUT_MS }));
  return [units, ...tests];
}

/** A check that fails counts as a failed test, one that passes not as a passed one. */
async function checks() {
  const failed = [];
  for (const { says, args } of CHECKS) {
    const startMs = performance.now();
    const code = await deno(args);
    console.log(`${code === 0 ? "ok" : "FAILED"}: ${says}, ${seconds(startMs)}`);
    if (code !== 0) failed.push(says);
  }
  return { passed: 0, failed: failed.length, skipped: [] };
}

/** @param {Run} run @returns {Promise<Counts>} */
async function test({ says, files, timeoutMs }) {
  const folder = mkdtempSync(join(tmpdir(), "quicchat-test-"));
  const report = join(folder, "junit.xml");
  const startMs = performance.now();
  try {
    console.log(`running: ${says}`);
    // The types were checked before; a test may do what it must, the launcher's tests show the permissions.
    const code = await deno([
      "test",
      "--quiet",
      "--no-check",
      "--allow-all",
      "--no-prompt",
      `--junit-path=${report}`,
      ...files,
    ], timeoutMs);
    const counts = countRun(existsSync(report) ? readFileSync(report, "utf8") : null, code);
    console.log(`${counts.failed === 0 ? "ok" : "FAILED"}: ${says}, ${seconds(startMs)}`);
    return counts;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {string} file @param {string[]} args */
async function program(file, args) {
  if (OPEN_THE_PAGE.includes(file)) buildMissingPage(ROOT);
  return await deno(["run", "--quiet", "--allow-all", "--no-prompt", file, ...args], Infinity);
}

/** @param {string} folder @returns {string[]} */
function testFiles(folder) {
  if (!existsSync(join(ROOT, folder))) return [];
  const names = readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" });
  return names.filter((name) => /_test\.tsx?$/.test(name)).map((name) =>
    `${folder}/${name.replaceAll("\\", "/")}`
  ).sort();
}

/**
 * @param {string[]} args
 * @param {number} timeoutMs
 * @returns {Promise<number>} the exit code; not 0 when it was ended by a signal or took too long
 */
function deno(args, timeoutMs = UNITS_TIMEOUT_MS) {
  return new Promise((resolve, reject) => {
    // A group of its own, so that what a hanging test started ends with it.
    const child = spawn(nativeDeno(), args, {
      cwd: ROOT,
      stdio: ["ignore", "inherit", "inherit"],
      detached: process.platform !== "win32",
      env: { ...process.env, DENO_NO_UPDATE_CHECK: "1", ...(process.stdout.isTTY ? {} : { NO_COLOR: "1" }) },
    });
    running.add(child);
    const timer = Number.isFinite(timeoutMs)
      ? setTimeout(() => {
        console.log(`took more than ${timeoutMs / 60_000} minutes and was ended: deno ${args.join(" ")}`);
        end(child, "SIGKILL");
      }, timeoutMs)
      : undefined;
    child.on("error", reject);
    child.on("exit", (code) => {
      clearTimeout(timer);
      running.delete(child);
      // What a test left running would disturb the next.
      end(child, "SIGKILL");
      resolve(code ?? 1);
    });
  });
}

/** @param {import("node:child_process").ChildProcess} child @param {NodeJS.Signals} signal */
function end(child, signal) {
  if (child.pid === undefined) return;
  try {
    process.kill(process.platform === "win32" ? child.pid : -child.pid, signal);
  } catch (error) {
    // Nothing of it runs any more.
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

/** @param {number} startMs */
function seconds(startMs) {
  return `${((performance.now() - startMs) / 1000).toFixed(1)} s`;
}

for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) {
  process.on(signal, () => {
    for (const child of running) end(child, signal);
    process.exit(1);
  });
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof LaunchFailure)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
