/** What an attack is made of. Each runs in a process of its own, against loopback only, and ends by itself. */
import { Seeded } from "../fixtures/seeded.ts";

/** Whom it is aimed at. */
export interface Target {
  readonly port: number;
  /** Holds the certificate to trust. */
  readonly dataDir: string;
}

/** How hard. What an attack has no use for it ignores. */
export interface Force {
  readonly seed: number;
  /** How long it lasts, about. */
  readonly seconds: number;
  /** How many of what it makes: connections, packets, rooms. */
  readonly count: number;
  /** At most so many a second. */
  readonly perSecond: number;
}

/** What it did and what came of it, in numbers by name. */
export type Tally = Record<string, number>;

export type Attack = (target: Target, force: Force) => Promise<Tally>;

/** Where attackers come from; honest clients come from 127.0.0.1. All of 127.0.0.0/8 is this machine. */
export const ATTACKER = "127.0.0.2";

export function randomOf({ seed }: Force): Seeded {
  return new Seeded(seed);
}

export function noiseOf(random: Seeded, length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, () => random.from(0, 255));
}

export async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

/** Long enough for anything on this machine that is going to happen. */
const IN_TIME_MS = 300;

/** What the server lets hang or ends, the attacker neither waits for nor minds: undefined then. */
export async function inTime<T>(promise: Promise<T>): Promise<T | undefined> {
  return await Promise.race([promise.catch(() => undefined), pause(IN_TIME_MS).then(() => undefined)]);
}

/** Between two bursts: timers below it are not kept. */
const BEAT_MS = 1;

/** Acts `perSecond` times a second for `seconds`, in bursts; gives how often it did. */
export async function atRate(force: Force, act: (index: number) => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  let done = 0;
  for (;;) {
    const passedMs = performance.now() - startMs;
    if (passedMs >= force.seconds * 1_000) return done;
    const due = Math.floor(passedMs * force.perSecond / 1_000);
    while (done < due) await act(done++);
    await pause(BEAT_MS);
  }
}

/** Does `count` things, so many at a time; gives how many succeeded. */
export async function atOnce(
  count: number,
  abreast: number,
  act: (index: number) => Promise<unknown>,
): Promise<number> {
  let next = 0;
  let done = 0;
  const work = async () => {
    while (next < count) {
      try {
        await act(next++);
        done++;
      } catch {
        // Being turned away is what an attacker expects; how many were is what the tally says.
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(abreast, count) }, work));
  return done;
}
