/** The simulation finds nothing in what is shipped, everything in what is broken, and does the same each time. */
import assert from "node:assert/strict";
import { CANARIES } from "./canaries/canaries.ts";
import { type Plan, planOf } from "./plan.ts";
import { reportOf } from "./report.ts";
import { runSeeds } from "./seeds.ts";
import { shrink } from "./shrink.ts";
import { simulate } from "./world.ts";

/** Each is about 45 ms of one core. */
const FIXED_SEEDS = 600;
const FRESH_SEEDS = 400;
const TWICE_SEEDS = 25;
/** Seeds in which every canary must be found out. */
const CANARY_SEEDS_MAX = 500;

async function assertHolds(first: number, count: number): Promise<void> {
  const { violation, seeds } = await runSeeds(first, count);
  if (violation !== null) {
    const plan = planOf(violation.seed);
    assert.fail((await reportOf(plan, await simulate(plan))).join("\n"));
  }
  assert.equal(seeds, count);
}

Deno.test(`simulation: the promise holds in ${FIXED_SEEDS} fixed seeds`, () => assertHolds(1, FIXED_SEEDS));

Deno.test(`simulation: the promise holds in ${FRESH_SEEDS} seeds that nobody has seen`, () => {
  const first = Math.floor(Math.random() * 1_000_000_000);
  return assertHolds(first, FRESH_SEEDS);
});

Deno.test(`simulation: ${TWICE_SEEDS} seeds do the same twice`, async () => {
  const hashes = new Set<number>();
  for (let seed = 1; seed <= TWICE_SEEDS; seed++) {
    const [once, again] = [await simulate(planOf(seed)), await simulate(planOf(seed))];
    assert.equal(once.hash, again.hash, `seed ${seed}`);
    hashes.add(once.hash);
  }
  assert.equal(hashes.size, TWICE_SEEDS, "and each something of its own");
});

for (const { breaks, rules, make } of CANARIES) {
  Deno.test(`simulation: finds out a system that ${breaks}`, async () => {
    for (let seed = 1; seed <= CANARY_SEEDS_MAX; seed++) {
      const { violation } = await simulate(planOf(seed), make());
      if (violation === null) continue;
      assert.ok(rules.includes(violation.rule), `seed ${seed}: ${violation.rule}: ${violation.says}`);
      return;
    }
    assert.fail(`not found out in ${CANARY_SEEDS_MAX} seeds`);
  });
}

Deno.test("simulation: a failing schedule shrinks, fails the same way, and is shown with its replay", async () => {
  const canary = CANARIES.find(({ breaks }) => breaks.startsWith("forgets"));
  assert.ok(canary !== undefined);
  const plan: Plan = planOf(1);
  const outcome = await simulate(plan, canary.make());
  assert.ok(outcome.violation !== null);
  const small = await shrink(plan, outcome.violation.rule, canary.make);
  assert.ok(
    small.steps.length < plan.steps.length / 3,
    `${small.steps.length} of ${plan.steps.length} steps`,
  );
  assert.equal((await simulate(small, canary.make())).violation?.rule, outcome.violation.rule);
  const report = await reportOf(plan, outcome, canary.make);
  assert.equal(report[1], "again: npm run sim -- --seed 1 --runs 1");
  assert.match(report.at(-1) ?? "", /VIOLATION nothing-lost/);
});
