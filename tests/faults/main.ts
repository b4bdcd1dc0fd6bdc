/** `npm run faults`: the promise on the real thing. Runs trials, and says what broke. */
import { parseArgs } from "node:util";
import process from "node:process";
import { TRIALS } from "./trials.ts";

/** Seeds are whole numbers below this, so that a fresh one is short to type. */
const SEEDS = 1_000_000_000;
/** For each trial, where nothing was said. */
const MINUTES = 1;
const SHOWN_MAX = 20;

interface Flags {
  readonly seed: number;
  readonly minutes: number;
  readonly times: number | null;
  readonly only: readonly string[];
}

function numberOf(text: string | undefined, flag: string): number | null {
  if (text === undefined) return null;
  const value = Number(text);
  if (Number.isFinite(value) && value >= 0 && text.trim() !== "") return value;
  throw new TypeError(`${flag} ${text}: give a number`);
}

function readFlags(): Flags {
  const { values, positionals } = parseArgs({
    options: {
      seed: { type: "string" },
      minutes: { type: "string" },
      times: { type: "string" },
      only: { type: "string" },
    },
    allowPositionals: true,
  });
  const named = [...positionals, ...(values.only ?? "").split(",")].filter((name) => name !== "");
  const known = TRIALS.map(({ name }) => name);
  for (const name of named) {
    if (!known.includes(name)) throw new TypeError(`there is no ${name}: choose of ${known.join(", ")}`);
  }
  return {
    seed: numberOf(values.seed, "--seed") ?? Math.floor(Math.random() * SEEDS),
    minutes: numberOf(values.minutes, "--minutes") ?? MINUTES,
    times: numberOf(values.times, "--times"),
    only: named.length === 0 ? known : named,
  };
}

async function main(): Promise<number> {
  const { seed, minutes, times, only } = readFlags();
  const startMs = performance.now();
  console.log(`seed ${seed}: ${only.join(", ")}`);
  const broken: string[] = [];
  let skipped = 0;
  for (const trial of TRIALS.filter(({ name }) => only.includes(name))) {
    const why = await trial.missing();
    if (why !== null) {
      skipped++;
      console.log(`skipped: ${trial.name}, ${why}`);
      continue;
    }
    console.log(`${trial.name}: ${trial.says}`);
    const { violations, says } = await trial.run({
      seed,
      minutes,
      times,
      say: (line) => console.log(`  ${line}`),
    });
    for (const line of says.split("\n")) console.log(`  ${line}`);
    if (violations.length === 0) continue;
    broken.push(trial.name);
    for (const { rule, says } of violations.slice(0, SHOWN_MAX)) console.log(`  VIOLATION ${rule}: ${says}`);
    console.log(`  again: npm run faults -- --only ${trial.name} --seed ${seed} --minutes ${minutes}`);
  }
  const sum = `seed ${seed}, ${only.length - skipped} trials in ${
    ((performance.now() - startMs) / 1_000).toFixed(0)
  } s${skipped > 0 ? `, ${skipped} skipped` : ""}`;
  console.log(broken.length === 0 ? `ok: ${sum}, no violation` : `VIOLATION in ${broken.join(", ")}: ${sum}`);
  return broken.length === 0 ? 0 : 1;
}

try {
  // What a trial leaves open, a connection of a process that is gone say, keeps nobody waiting.
  process.exit(await main());
} catch (error) {
  if (!(error instanceof TypeError)) throw error;
  console.error(
    `${error.message}: npm run faults -- [TRIAL…] [--seed N] [--minutes M] [--times N] [--only A,B]`,
  );
  process.exit(1);
}
