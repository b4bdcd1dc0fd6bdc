import type { Breakage } from "./breakage.ts";
import type { Rule } from "./oracle/violation.ts";
import { CALM, type Faults, type Plan } from "./plan.ts";
import { simulate } from "./world.ts";

/** Runs that shrinking may cost: a few seconds. */
const RUNS_MAX = 400;

/** A shorter plan that breaks the same rule: fewer steps, fewer faults, fewer people. */
export async function shrink(plan: Plan, rule: Rule, make: () => Breakage = () => ({})): Promise<Plan> {
  let best = plan;
  let runs = 0;
  const takes = async (candidate: Plan): Promise<boolean> => {
    if (runs >= RUNS_MAX) return false;
    runs++;
    const { violation } = await simulate(candidate, make());
    if (violation?.rule !== rule) return false;
    best = candidate;
    return true;
  };
  // Halves, quarters … single steps, as long as something can be left out.
  for (let size = Math.ceil(best.steps.length / 2); size >= 1;) {
    let found = false;
    for (let from = 0; from < best.steps.length;) {
      const steps = best.steps.filter((_, at) => at < from || at >= from + size);
      if (await takes({ ...best, steps })) found = true;
      else from += size;
    }
    if (size > 1) size = Math.floor(size / 2);
    else if (!found || runs >= RUNS_MAX) break;
  }
  for (const fault of Object.keys(CALM) as (keyof Faults)[]) {
    if (JSON.stringify(best.faults[fault]) === JSON.stringify(CALM[fault])) continue;
    await takes({ ...best, faults: { ...best.faults, [fault]: CALM[fault] } });
  }
  for (const [at, step] of best.steps.entries()) {
    if (step.do !== "send" || step.count === 1) continue;
    await takes({ ...best, steps: best.steps.with(at, { ...step, count: 1 }) });
  }
  for (let last = best.people - 1; last > 0; last--) {
    const isNeeded = best.steps.some((step) => "person" in step && step.person === last);
    if (isNeeded || !(await takes({ ...best, people: last }))) break;
  }
  return best;
}
