// @ts-check
import { spawn } from "node:child_process";
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, sep } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { findBrowser, isConfined } from "./browser.mjs";
import { nativeDeno } from "./deno.mjs";
import { ARENAS, HEAPS } from "./heaps.mjs";
import { installMissing } from "./install.mjs";
import { irohLibrary } from "./iroh.mjs";
import { LaunchFailure } from "./launch-failure.mjs";
import { buildMissingPage } from "./page.mjs";
import { permissionFlags } from "./permissions.mjs";
import { places } from "./places.mjs";

/** A terminal's Ctrl-C reaches both processes, so a command gets SIGINT twice: it must take the second for
 * the same wish. Not forwarding it would leave `kill -INT` of the launcher without effect. */
const FORWARDED = /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]);

/** The exit code of a peer whose log is to be made anew, which a start does; and how often at most, as others may cause it. */
const START_AGAIN = 75;
const AGAIN_EVERY_MS = 3_600_000;

/** The commands that serve the page. */
const SHOW_THE_PAGE = ["serve", "peer", "gui"];

const HERE = dirname(fileURLToPath(import.meta.url));
const ROOT = dirname(HERE);

/**
 * Runs a command line under Deno with that command's permissions, and ends as it ended.
 * @param {readonly string[]} args what follows `quicchat`
 */
export function launch(args) {
  run(args, -Infinity);
}

/**
 * @param {readonly string[]} args
 * @param {number} againMs when it was last started again because it asked for it, by `performance.now()`
 */
function run(args, againMs) {
  let command;
  try {
    command = denoCommand(args, performance.now() - againMs > AGAIN_EVERY_MS);
  } catch (error) {
    if (!(error instanceof LaunchFailure)) throw error;
    process.stderr.write(`quicchat: ${error.message}\n`);
    process.exitCode = 1;
    return;
  }

  const child = spawn(command.file, command.args, { stdio: "inherit", env: command.env });
  const forward = FORWARDED.map((signal) => {
    const pass = () => child.kill(signal);
    process.on(signal, pass);
    return () => process.off(signal, pass);
  });
  if (isUnderNpm()) endWithNpm(child);
  child.on("error", (error) => {
    process.stderr.write(`quicchat: cannot run ${command.file} (${error.message}): run npm ci.\n`);
    process.exitCode = 1;
  });
  child.on("exit", (code, signal) => {
    if (code === START_AGAIN) {
      for (const end of forward) end();
      return run(args, performance.now());
    }
    if (signal === null) {
      process.exitCode = code ?? 1;
      return;
    }
    for (const forwarded of FORWARDED) process.removeAllListeners(forwarded);
    process.kill(process.pid, signal);
  });
}

/** Whether npm started this, as `npm start` or `npx quicchat`: through a shell. */
function isUnderNpm() {
  const { npm_lifecycle_event: event, npm_package_name: name } = process.env;
  return event === "npx" || (event === "start" && name === "quicchat");
}

/**
 * A SIGTERM to npm ends npm and its shell and reaches nobody else: without this, `npm start` leaves a server
 * behind. Sends the signal on when one of the two is gone.
 * @param {import("node:child_process").ChildProcess} child
 */
function endWithNpm(child) {
  const lookEveryMs = 500;
  const before = ancestors();
  const timer = setInterval(() => {
    if (ancestors() === before) return;
    clearInterval(timer);
    child.kill("SIGTERM");
  }, lookEveryMs).unref();
}

/** The process ids of parent and, where it can be told cheaply, grandparent. */
function ancestors() {
  try {
    // proc_pid_stat(5): pid (command) state ppid; the command may hold anything.
    const stat = readFileSync(`/proc/${process.ppid}/stat`, "utf8");
    return `${process.ppid} ${stat.slice(stat.lastIndexOf(")")).split(" ")[2]}`;
  } catch {
    // Not Linux, or the parent just went: its id alone still tells of its end.
    return String(process.ppid);
  }
}

/** @param {readonly string[]} args @param {boolean} mayAsk whether it may ask to be started again */
function denoCommand(args, mayAsk) {
  // A package has only the built program: Deno strips no types below a node_modules folder.
  const isClone = existsSync(join(ROOT, "src", "main.ts")) && !ROOT.split(sep).includes("node_modules");
  if (isClone) installMissing(ROOT);
  if (isClone && SHOW_THE_PAGE.includes(args[0] ?? "") && !args.includes("--help")) buildMissingPage(ROOT);
  const at = places(process.platform, process.env, homedir(), process.cwd());
  const iroh = args[0] === "peer" ? irohLibrary(ROOT) : null;
  const browser = args[0] === "gui" ? findBrowser(process.platform, process.env) : null;
  const modules = join(ROOT, "node_modules");
  const own = isClone
    ? [join(ROOT, "src"), join(ROOT, "dist"), join(ROOT, "package.json"), modules, realpathSync(modules)]
    : [ROOT];
  return {
    file: nativeDeno(),
    args: [
      "run",
      "--quiet",
      "--unstable-net",
      "--no-remote",
      "--no-lock",
      ...(HEAPS[args[0] ?? ""] ?? []),
      ...(isClone ? ["--config", join(ROOT, "deno.json")] : ["--no-config", "--no-npm"]),
      "--preload",
      join(HERE, "follow.js"),
      ...permissionFlags(args, { own, ...at, cwd: process.cwd(), iroh, browser }),
      isClone ? join(ROOT, "src", "main.ts") : join(ROOT, "dist", "quicchat.js"),
      ...args,
    ],
    env: {
      ...ARENAS[args[0] ?? ""],
      ...process.env,
      QUICCHAT_DATA: at.data,
      QUICCHAT_STATE: at.state,
      QUICCHAT_AGAIN: mayAsk ? "1" : "",
      ...(iroh === null ? {} : { QUICCHAT_IROH: iroh }),
      QUICCHAT_BROWSER: browser ?? "",
      QUICCHAT_BROWSER_PROFILE: browser !== null && isConfined(browser) ? "shared" : "own",
      // Deno's own roots are Mozilla's; people trust those of their system, their own authority among them.
      DENO_TLS_CA_STORE: process.env["DENO_TLS_CA_STORE"] ?? "system",
      // Where somebody has set RUST_BACKTRACE, each error inside Deno, told or not, reads debug symbols and keeps 38 MB
      // of them. Panics keep their backtrace.
      RUST_LIB_BACKTRACE: process.env["RUST_LIB_BACKTRACE"] ?? "0",
      // Deno's own look for a newer Deno would write among our lines.
      DENO_NO_UPDATE_CHECK: "1",
    },
  };
}
