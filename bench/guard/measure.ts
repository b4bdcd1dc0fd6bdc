/** Gives how many times as long as its yardstick, measured in the same moment, something takes. */
export type Measure = () => Promise<number>;

/** How long a run of each takes: in turns, the shortest of each, as noise only ever adds. */
export function loopRatio(ours: () => void, yardstick: () => void, rounds: number): number {
  let [best, bare] = [Infinity, Infinity];
  // The first rounds are for the compiler.
  for (let round = -WARM_UP; round < rounds; round++) {
    const [oursMs, bareMs] = [timeOf(ours), timeOf(yardstick)];
    if (round < 0) continue;
    best = Math.min(best, oursMs);
    bare = Math.min(bare, bareMs);
  }
  return best / bare;
}

const WARM_UP = 60;

function timeOf(run: () => void): number {
  const startMs = performance.now();
  run();
  return performance.now() - startMs;
}
