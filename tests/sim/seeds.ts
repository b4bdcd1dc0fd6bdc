import type { Violation } from "./oracle/violation.ts";

/** Seeds in a row for one worker. */
export interface SeedTask {
  readonly first: number;
  readonly count: number;
}

export interface SeedResult {
  readonly seed: number;
  readonly violation: Violation | null;
  readonly hash: number;
  readonly said: number;
  readonly lastedMs: number;
}

export interface SeedsRun {
  /** The lowest seed that broke something. */
  readonly violation: SeedResult | null;
  readonly seeds: number;
  readonly said: number;
  readonly lastedMs: number;
}

/** Seeds that a worker gets at once: a second's work. */
const CHUNK = 20;

/** Runs seeds on all cores, until one breaks something. `progress` is told after each chunk. */
export async function runSeeds(
  first: number,
  count: number,
  progress: (done: number) => void = () => {},
): Promise<SeedsRun> {
  let next = first;
  const end = first + count;
  const sum = { violation: null as SeedResult | null, seeds: 0, said: 0, lastedMs: 0 };
  const take = (result: SeedResult) => {
    sum.seeds++;
    sum.said += result.said;
    sum.lastedMs += result.lastedMs;
    if (result.violation === null) return;
    if (sum.violation === null || result.seed < sum.violation.seed) sum.violation = result;
  };
  const work = async () => {
    const worker = new Worker(new URL("./seeds-worker.ts", import.meta.url), { type: "module" });
    try {
      while (next < end && sum.violation === null) {
        const task: SeedTask = { first: next, count: Math.min(CHUNK, end - next) };
        next += task.count;
        for (const result of await ask(worker, task)) take(result);
        progress(sum.seeds);
      }
    } finally {
      worker.terminate();
    }
  };
  const workers = Math.min(navigator.hardwareConcurrency, Math.ceil(count / CHUNK));
  await Promise.all(Array.from({ length: workers }, work));
  return sum;
}

function ask(worker: Worker, task: SeedTask): Promise<SeedResult[]> {
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<SeedResult[]>) => resolve(data);
    worker.onerror = (event) => reject(new Error(`seeds from ${task.first}: ${event.message}`));
    worker.postMessage(task);
  });
}
