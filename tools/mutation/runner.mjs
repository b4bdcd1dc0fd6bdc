// @ts-check
// Stryker's test runner for Deno: keeps one worker.ts alive and tells it which mutant to switch on.
import { spawn } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { nativeDeno } from "../../bin/deno.mjs";

/** Where tests stand that know what is mutated: fast ones, each of which leaves nothing behind. */
const TEST_FOLDERS = [
  "src/protocol",
  "src/chat",
  "src/client",
  "src/client/dial",
  "src/client/outbox",
  "src/client/room",
  "tests/golden",
];
const TEST_FILES = ["src/transport/outbox_test.ts", "src/transport/memory-link_test.ts"];

/** They send megabytes byte by byte, or count what thousands of tries did: seconds of instrumented code for each
 * mutant that lives. */
const TOO_SLOW = [
  "src/protocol/check_any_test.ts: a damaged client PDU is accepted whole or answered with what is wrong",
  "src/protocol/check_any_test.ts: a damaged server PDU is accepted whole or answered with what is wrong",
  "src/protocol/wire_any_test.ts: chat/0: never more than one PDU's bytes are held",
  "tests/golden/protocol_page_test.ts: links inside the page, and the code's references to it, lead somewhere",
  "src/client/classic_test.ts: chat/0: a reader that stops holds the server back",
];

/** What the first run tells the other runners. */
const TIMES = "test-times.json";

const ANSWER = "\u001e";
const KB = 1024;

/**
 * @typedef {import("./orders.ts").Order} Order
 * @typedef {import("./orders.ts").Answer} Answer
 * @typedef {"ended" | "late"} NoAnswer the worker ended, or the time was up
 * @typedef {{ timeout: number, disableBail: boolean }} RunOptions
 * @typedef {RunOptions & {
 *   testFilter?: string[], hitLimit?: number, activeMutant: { id: string },
 *   mutantActivation: "runtime" | "static" }} MutantRunOptions
 * @typedef {{ status: "survived", nrOfTests: number } | { status: "timeout" } |
 *   { status: "killed", killedBy: string[], failureMessage: string, nrOfTests: number }} MutantRunResult
 */

/** One process, one order at a time. */
class Worker {
  #process;
  /** @type {(answer: Answer | NoAnswer) => void} */
  #settle = () => {};
  /** The end of what it said last, for when it ends unasked. */
  lastWords = "";
  hasEnded = false;

  /** @param {string} staticMutant an id, or "" */
  constructor(staticMutant) {
    this.#process = spawn(nativeDeno(), [
      "run",
      "--quiet",
      "--no-check",
      "--allow-all",
      "--no-prompt",
      "tools/mutation/worker.ts",
      JSON.stringify({ staticMutant, skipped: TOO_SLOW }),
      ...testFiles(),
    ], {
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...process.env, DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" },
    });
    this.#process.stderr.on("data", (chunk) => {
      this.lastWords = (this.lastWords + chunk).slice(-2 * KB);
    });
    // An order to a worker that has just ended: its end is the answer.
    this.#process.stdin.on("error", () => {});
    this.#process.on("close", () => {
      this.hasEnded = true;
      this.#settle("ended");
    });
    createInterface({ input: this.#process.stdout }).on("line", (line) => {
      const at = line.indexOf(ANSWER);
      if (at >= 0) this.#settle(JSON.parse(line.slice(at + 1)));
    });
  }

  /**
   * @param {Order | null} order null waits until the tests have been read
   * @param {number} timeoutMs
   * @returns {Promise<Answer | NoAnswer>}
   */
  tell(order, timeoutMs) {
    return new Promise((resolve) => {
      if (this.hasEnded) return resolve("ended");
      const timer = setTimeout(() => this.#settle("late"), timeoutMs);
      this.#settle = (answer) => {
        clearTimeout(timer);
        resolve(answer);
      };
      if (order !== null) this.#process.stdin.write(`${JSON.stringify(order)}\n`);
    });
  }

  end() {
    this.#process.kill("SIGKILL");
  }
}

export class DenoTestRunner {
  /** @type {Worker | null} */
  #worker = null;
  /** How long each test took last: the quick ones run first. @type {Map<string, number>} */
  #spentMs = new Map();

  constructor() {
    process.on("exit", () => this.#worker?.end());
    // Stryker was ended, and with it whoever could end the worker.
    for (const event of ["SIGINT", "SIGTERM", "SIGHUP", "disconnect"]) {
      process.on(event, () => process.exit(1));
    }
  }

  capabilities() {
    return { reloadEnvironment: true };
  }

  /** @param {RunOptions} options */
  async dryRun({ timeout }) {
    const answer = await this.#tell(
      { mutant: null, tests: null, stopsAtFailure: false, hitLimit: null, tellsCoverage: true },
      "",
      timeout,
    );
    if (answer === "late") return { status: "timeout" };
    if (answer === "ended") return { status: "error", errorMessage: this.#lastWords() };
    writeFileSync(TIMES, JSON.stringify([...this.#spentMs]));
    const tests = answer.results.map(({ id, file, failure, spentMs }) => ({
      id,
      name: id,
      fileName: join(process.cwd(), file),
      timeSpentMs: spentMs,
      ...(failure === null ? { status: 0 } : { status: 1, failureMessage: failure }),
    }));
    return { status: "complete", tests, mutantCoverage: answer.coverage };
  }

  /** @param {MutantRunOptions} options @returns {Promise<MutantRunResult>} */
  async mutantRun(options) {
    const result = await this.#try(options);
    if (result.status !== "killed" || options.mutantActivation === "static") return result;
    if (result.nrOfTests === 0) return result;
    // What an earlier mutant left behind in the process may fail a test, too: a test that kills does so again, and
    // passes without the mutant. Else the mutant is tried anew in a fresh process.
    const tests = result.killedBy.slice(0, 1);
    const again = await this.#try({ ...options, testFilter: tests });
    if (again.status !== "survived") {
      const order = { mutant: null, tests, stopsAtFailure: true, hitLimit: null, tellsCoverage: false };
      const without = await this.#tell(order, "", options.timeout);
      if (typeof without === "object" && without.results.every(({ failure }) => failure === null)) {
        return result;
      }
    }
    this.dispose();
    return await this.#try(options);
  }

  /** @param {MutantRunOptions} options @returns {Promise<MutantRunResult>} */
  async #try({ activeMutant, mutantActivation, testFilter, hitLimit, timeout, disableBail }) {
    const isStatic = mutantActivation === "static";
    if (isStatic) this.dispose();
    if (this.#spentMs.size === 0) this.#spentMs = new Map(JSON.parse(readFileSync(TIMES, "utf8")));
    const tests = testFilter ?? [...this.#spentMs.keys()];
    tests.sort((a, b) => (this.#spentMs.get(a) ?? 0) - (this.#spentMs.get(b) ?? 0));
    const answer = await this.#tell(
      {
        mutant: activeMutant.id,
        tests,
        stopsAtFailure: !disableBail,
        hitLimit: hitLimit ?? null,
        tellsCoverage: false,
      },
      isStatic ? activeMutant.id : "",
      timeout,
    );
    if (answer === "late" || (answer !== "ended" && answer.isLooping)) {
      this.dispose();
      return { status: "timeout" };
    }
    const lastWords = this.#lastWords();
    if (isStatic) this.dispose();
    if (answer === "ended") {
      // It could not be read, it exited, or a test waits for ever: with `deno test` each is a failure.
      return { status: "killed", killedBy: tests, failureMessage: lastWords, nrOfTests: 0 };
    }
    const nrOfTests = answer.results.length;
    const failed = answer.results.filter(({ failure }) => failure !== null);
    return failed.length === 0 ? { status: "survived", nrOfTests } : {
      status: "killed",
      killedBy: failed.map(({ id }) => id),
      failureMessage: failed[0]?.failure ?? "",
      nrOfTests,
    };
  }

  dispose() {
    this.#worker?.end();
    this.#worker = null;
  }

  /** @param {Order} order @param {string} staticMutant @param {number} timeoutMs */
  async #tell(order, staticMutant, timeoutMs) {
    if (this.#worker === null || this.#worker.hasEnded) {
      this.#worker = new Worker(staticMutant);
      const ready = await this.#worker.tell(null, timeoutMs);
      if (typeof ready === "string") return ready;
    }
    const answer = await this.#worker.tell(order, timeoutMs);
    if (typeof answer === "object") {
      for (const { id, spentMs, failure } of answer.results) {
        if (failure === null) this.#spentMs.set(id, spentMs);
      }
    }
    return answer;
  }

  #lastWords() {
    return this.#worker?.lastWords.trim() || "the tests ended before they were done";
  }
}

function testFiles() {
  const beside = TEST_FOLDERS.flatMap((folder) =>
    readdirSync(folder).filter((name) => name.endsWith("_test.ts")).sort().map((name) => `${folder}/${name}`)
  );
  return [...beside, ...TEST_FILES];
}

export const strykerPlugins = [{ kind: "TestRunner", name: "deno", injectableClass: DenoTestRunner }];
