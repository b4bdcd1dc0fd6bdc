/** Cases of every kind, one seed each. */
import { Seeded } from "../fixtures/seeded.ts";
import { fuzzClients } from "./clients.ts";
import { fuzzDecoders } from "./decoders.ts";
import { openFuzzedPort } from "./requests.ts";
import { fuzzSessions } from "./sessions.ts";

export const PARTS = ["sessions", "decoders", "clients", "requests"] as const;
export type Part = (typeof PARTS)[number];

/** A case that takes longer hangs: they take milliseconds. */
const CASE_MS_MAX = 60_000;
/** How many cases of each part make a round: most of the work where most of the state is. */
const ROUND: readonly Part[] = [
  "sessions",
  "decoders",
  "sessions",
  "clients",
  "sessions",
  "requests",
  "decoders",
  "sessions",
];

export interface Broken {
  readonly part: Part;
  readonly seed: number;
  readonly error: unknown;
}

export interface FuzzRun {
  readonly cases: number;
  readonly pdus: number;
  readonly broken: Broken | null;
}

/** Runs cases with the seeds from `seed` on until they made `pdus` PDUs (or requests) together, or one fails. */
export async function fuzz(
  { seed, pdus, only, onProgress = () => {} }: {
    readonly seed: number;
    readonly pdus: number;
    readonly only?: Part | undefined;
    readonly onProgress?: (pdus: number) => void;
  },
): Promise<FuzzRun> {
  const port = await openFuzzedPort();
  const escaped: unknown[] = [];
  // A promise that nobody caught would end a program.
  const onEscape = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    escaped.push(event.reason);
  };
  globalThis.addEventListener("unhandledrejection", onEscape);
  const runs: Record<Part, (random: Seeded) => number | Promise<number>> = {
    sessions: fuzzSessions,
    decoders: fuzzDecoders,
    clients: fuzzClients,
    requests: (random) => port.ask(random),
  };
  let done = 0;
  let cases = 0;
  try {
    for (; done < pdus; cases++) {
      const part = only ?? ROUND[(seed + cases) % ROUND.length] ?? "sessions";
      try {
        done += await inTime(runs[part](new Seeded(seed + cases)));
        if (escaped.length > 0) throw escaped[0];
      } catch (error) {
        return { cases: cases + 1, pdus: done, broken: { part, seed: seed + cases, error } };
      }
      onProgress(done);
    }
    return { cases, pdus: done, broken: null };
  } finally {
    globalThis.removeEventListener("unhandledrejection", onEscape);
    await port.close();
  }
}

async function inTime(run: number | Promise<number>): Promise<number> {
  if (typeof run === "number") return run;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`not done after ${CASE_MS_MAX} ms`)), CASE_MS_MAX);
  });
  return await Promise.race([run, late]).finally(() => clearTimeout(timer));
}

/** The command that shows one case again. */
export function replayOf({ part, seed }: Broken): string {
  return `npm run fuzz -- --only ${part} --seed ${seed} --pdus 1`;
}
