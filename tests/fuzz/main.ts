/** `npm run fuzz`: says anything to everything that hears strangers, in one process. */
import { parseArgs } from "node:util";
import process from "node:process";
import { fuzz, type Part, PARTS, replayOf } from "./fuzz.ts";

/** Seeds are whole numbers below this, so that a fresh one is short to type. */
const SEEDS = 1_000_000_000;
const USAGE = `npm run fuzz -- [--seed N] [--pdus M] [--only ${PARTS.join("|")}]`;

function numberOf(text: string | undefined, flag: string, otherwise: number): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= (flag === "--pdus" ? 1 : 0)) return value;
  throw new TypeError(`${flag} ${text}: give a whole number`);
}

function partOf(text: string | undefined): Part | undefined {
  if (text === undefined) return undefined;
  const part = PARTS.find((one) => one === text);
  if (part === undefined) throw new TypeError(`--only ${text}: there are ${PARTS.join(", ")}`);
  return part;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { seed: { type: "string" }, pdus: { type: "string" }, only: { type: "string" } },
  });
  const seed = numberOf(values.seed, "--seed", Math.floor(Math.random() * SEEDS));
  const pdus = numberOf(values.pdus, "--pdus", 100_000);
  const startMs = performance.now();
  let told = 0;
  const onProgress = (done: number) => {
    if (done - told < 100_000) return;
    told = done;
    console.log(`${done} of ${pdus} PDUs`);
  };
  const run = await fuzz({ seed, pdus, only: partOf(values.only), onProgress });
  const sum = `${run.pdus} PDUs in ${run.cases} cases from seed ${seed}, ` +
    `${((performance.now() - startMs) / 1_000).toFixed(1)} s`;
  if (run.broken === null) {
    console.log(`ok: ${sum}, nothing broke`);
    return 0;
  }
  const { error, part } = run.broken;
  console.log(error instanceof Error ? error.stack ?? error.message : String(error));
  console.log(`again: ${replayOf(run.broken)}`);
  console.log(`BROKEN in ${part}, seed ${run.broken.seed}: ${sum}`);
  return 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof TypeError)) throw error;
  console.error(`${error.message}: ${USAGE}`);
  process.exitCode = 1;
}
