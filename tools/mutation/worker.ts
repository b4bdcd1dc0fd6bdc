// Runs the unit tests in one process that stays, told over stdin which tests and with which mutant: a mutant
// then costs milliseconds instead of a start of Deno. Started by runner.mjs, inside Stryker's copy of the project.
import fc from "fast-check";
import { setImmediate } from "node:timers";
import { pathToFileURL } from "node:url";
import type { Answer, Order, Start, TestResult } from "./orders.ts";

/** What the code that Stryker instrumented reads and writes. */
interface StrykerState {
  activeMutant?: string | undefined;
  currentTestId?: string | undefined;
  hitCount?: number | undefined;
  hitLimit?: number | undefined;
  mutantCoverage?: unknown;
}

interface RegisteredTest {
  readonly id: string;
  readonly file: string;
  readonly body: () => void | Promise<void>;
}

/** Marks the lines of stdout that are answers, should a test print there too. */
const ANSWER = "\u001e";

const [start = "", ...files] = Deno.args;
const { staticMutant, skipped }: Start = JSON.parse(start);
const tests = new Map<string, RegisteredTest>();
const state: StrykerState = {};
let fileBeingRead = "";
/** What was thrown with nobody waiting for it. */
let strayFailure: string | null = null;

function register(name: string, body: () => void | Promise<void>): void {
  const id = `${fileBeingRead}: ${name}`;
  if (skipped.includes(id)) return;
  if (tests.has(id)) throw new Error(`two tests are named "${id}"`);
  tests.set(id, { id, file: fileBeingRead, body });
}

async function run({ id, file, body }: RegisteredTest): Promise<TestResult> {
  const startMs = performance.now();
  state.currentTestId = id;
  strayFailure = null;
  let failure: string | null = null;
  try {
    await body();
    // Whatever the test left behind must go wrong here and not in the next one.
    await new Promise((resolve) => setImmediate(resolve));
  } catch (error) {
    failure = says(error);
  }
  state.currentTestId = undefined;
  return { id, file, failure: failure ?? strayFailure, spentMs: performance.now() - startMs };
}

async function carryOut(order: Order): Promise<Answer> {
  state.activeMutant = order.mutant ?? undefined;
  state.hitCount = order.hitLimit === null ? undefined : 0;
  state.hitLimit = order.hitLimit ?? undefined;
  const results: TestResult[] = [];
  for (const id of order.tests ?? tests.keys()) {
    const test = tests.get(id);
    if (test === undefined) throw new Error(`no test is named "${id}"`);
    const result = await run(test);
    results.push(result);
    if (result.failure !== null && order.stopsAtFailure) break;
  }
  const isLooping = order.hitLimit !== null && (state.hitCount ?? 0) > order.hitLimit;
  state.activeMutant = undefined;
  return { results, isLooping, coverage: order.tellsCoverage ? state.mutantCoverage ?? null : null };
}

function says(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function answer(what: Answer): void {
  const bytes = new TextEncoder().encode(`${ANSWER}${JSON.stringify(what)}\n`);
  for (let written = 0; written < bytes.length;) written += Deno.stdout.writeSync(bytes.subarray(written));
}

Object.assign(globalThis, { __stryker__: state });
Object.defineProperty(Deno, "test", { value: register });
// A counterexample is enough; making it small takes seconds. And where 100 ms of tries find none, thousands more
// rarely do.
fc.configureGlobal({ endOnFailure: true, interruptAfterTimeLimit: 100, markInterruptAsFailure: false });

// A mutant of what runs while files are read must be there before they are.
if (staticMutant !== "") state.activeMutant = staticMutant;
for (const file of files) {
  fileBeingRead = file;
  await import(pathToFileURL(file).href);
}
for (const kind of ["unhandledrejection", "error"] as const) {
  globalThis.addEventListener(kind, (event) => {
    event.preventDefault();
    strayFailure = says(event instanceof PromiseRejectionEvent ? event.reason : (event as ErrorEvent).error);
  });
}
answer({ results: [], isLooping: false, coverage: null });

// Nothing is read from stdin while tests run, so that the process ends when a test waits for what never comes.
const decoder = new TextDecoder();
const chunk = new Uint8Array(65_536);
let pending = "";
for (;;) {
  const end = pending.indexOf("\n");
  if (end >= 0) {
    const order: Order = JSON.parse(pending.slice(0, end));
    pending = pending.slice(end + 1);
    answer(await carryOut(order));
    continue;
  }
  const count = await Deno.stdin.read(chunk);
  if (count === null) Deno.exit(0);
  pending += decoder.decode(chunk.subarray(0, count), { stream: true });
}
