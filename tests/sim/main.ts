/** `npm run sim`: runs seeds, says what broke and how to see it again. */
import { parseArgs } from "node:util";
import process from "node:process";
import { planOf } from "./plan.ts";
import { reportOf } from "./report.ts";
import { runSeeds } from "./seeds.ts";
import { simulate } from "./world.ts";

/** Seeds are whole numbers below this, so that a fresh one is short to type. */
const SEEDS = 1_000_000_000;

function numberOf(text: string | undefined, flag: string, otherwise: number): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= (flag === "--runs" ? 1 : 0)) return value;
  throw new TypeError(`${flag} ${text}: give a whole number`);
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { seed: { type: "string" }, runs: { type: "string" }, trace: { type: "boolean" } },
  });
  const seed = numberOf(values.seed, "--seed", Math.floor(Math.random() * SEEDS));
  const runs = numberOf(values.runs, "--runs", values.seed === undefined ? 500 : 1);
  const startMs = performance.now();
  if (values.trace === true) {
    for (const line of (await simulate(planOf(seed), {}, true)).lines) console.log(line);
  }
  let told = 0;
  const run = await runSeeds(seed, runs, (done) => {
    if (done - told < 1_000) return;
    told = done;
    console.log(`${done} of ${runs} seeds`);
  });
  const seconds = (performance.now() - startMs) / 1_000;
  const broken = run.violation;
  if (broken !== null) {
    const plan = planOf(broken.seed);
    for (const line of await reportOf(plan, await simulate(plan))) console.log(line);
  }
  const sum = `${run.seeds} seeds from ${seed}, ${run.said} events said, ` +
    `${(run.lastedMs / 3_600_000).toFixed(1)} h simulated in ${seconds.toFixed(1)} s`;
  console.log(broken === null ? `ok: ${sum}, no violation` : `VIOLATION in seed ${broken.seed}: ${sum}`);
  return broken === null ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof TypeError)) throw error;
  console.error(`${error.message}: npm run sim -- [--seed N] [--runs M] [--trace]`);
  process.exitCode = 1;
}
