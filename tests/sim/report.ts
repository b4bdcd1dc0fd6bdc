import type { Breakage } from "./breakage.ts";
import { CALM, type Faults, type Plan } from "./plan.ts";
import { shrink } from "./shrink.ts";
import { type Outcome, simulate } from "./world.ts";

/** Lines of a trace that are shown: what led to a violation is mostly near it. */
const LINES_MAX = 120;

export function replayCommand(seed: number): string {
  return `npm run sim -- --seed ${seed} --runs 1`;
}

/** What went wrong in a seed, how to see it again, the shortest schedule that was found, and its trace. */
export async function reportOf(
  plan: Plan,
  outcome: Outcome,
  make: () => Breakage = () => ({}),
): Promise<string[]> {
  const { violation } = outcome;
  if (violation === null) return [];
  const small = await shrink(plan, violation.rule, make);
  const again = await simulate(small, make(), true);
  const cut = Math.max(0, again.lines.length - LINES_MAX);
  return [
    `seed ${plan.seed} breaks "${violation.rule}" at ${violation.atMs / 1_000} s: ${violation.says}`,
    `again: ${replayCommand(plan.seed)}`,
    `shrunk from ${plan.steps.length} steps to ${small.steps.length}, of ${small.people} people:`,
    ...small.steps.map(({ atMs, do: deed, ...rest }) =>
      `  ${(atMs / 1_000).toFixed(3)} ${deed} ${wordsOf(rest)}`
    ),
    `with ${wordsOf(faultsOf(small))}`,
    ...(cut > 0 ? [`trace, without its first ${cut} lines:`] : ["trace:"]),
    ...again.lines.slice(cut),
  ];
}

/** What goes wrong by itself in a plan. */
function faultsOf({ faults, rate }: Plan): object {
  const on = (Object.keys(CALM) as (keyof Faults)[])
    .filter((name) => JSON.stringify(faults[name]) !== JSON.stringify(CALM[name]));
  return { ...Object.fromEntries(on.map((name) => [name, faults[name]])), rate: Object.values(rate) };
}

function wordsOf(values: object): string {
  return Object.entries(values).map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(" ");
}
