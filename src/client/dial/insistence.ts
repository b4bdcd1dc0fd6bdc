import type { Clock } from "../../transport/clock.ts";
import type { Link } from "../../transport/link.ts";
import type { Way } from "./dial-race.ts";

export const INSISTENCE = {
  /** About 3 s of asking; after that it is for whoever owns the retry. */
  triesMax: 20,
  /** A refusal costs the server 20 µs, and one round trip tells of it. */
  everyMs: 150,
} as const;

/**
 * Dials again soon where the server refused at once: one that is flooded lets in by chance, so that asking often is
 * what gets an honest client in. Every other failure, and the signal's abort, rejects as it is.
 */
export async function insist(
  way: Way,
  wasRefused: (thrown: unknown) => boolean,
  signal: AbortSignal,
  clock: Clock,
): Promise<Link> {
  for (let tries = 1;; tries++) {
    try {
      return await way(signal);
    } catch (thrown) {
      if (!wasRefused(thrown) || tries === INSISTENCE.triesMax || signal.aborted) throw thrown;
    }
    await pause(INSISTENCE.everyMs, signal, clock);
  }
}

function pause(ms: number, signal: AbortSignal, clock: Clock): Promise<void> {
  return new Promise((resolve, reject) => {
    const aborted = () => {
      callOff();
      reject(signal.reason);
    };
    const callOff = clock.after(ms, () => {
      signal.removeEventListener("abort", aborted);
      resolve();
    });
    signal.addEventListener("abort", aborted, { once: true });
  });
}
