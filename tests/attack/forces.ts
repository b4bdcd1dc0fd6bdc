/** How hard each attack is made: a short one for every run of the tests, and the whole. */
import type { Force } from "./attack.ts";
import type { AttackName } from "./attacks.ts";

export type Size = "short" | "long";

type Sized = Partial<Omit<Force, "seed">>;

const DEFAULTS: Record<Size, Omit<Force, "seed">> = {
  short: { seconds: 2, count: 60, perSecond: 1_000 },
  long: { seconds: 20, count: 1_000, perSecond: 5_000 },
};

/** Where the default says little: counts that a flood of a second reaches, bars that name a number. */
const OWN: Partial<Record<AttackName, Record<Size, Sized>>> = {
  "initial flood": { short: { perSecond: 5_000 }, long: { perSecond: 5_000 } },
  "many connections": { short: { count: 2_000 }, long: { count: 10_000 } },
  "h3 fuzz": { short: { count: 100 }, long: { count: 2_000, seconds: 200 } },
  "fuzzed pdus": { short: { count: 10_000 }, long: { count: 1_000_000, seconds: 400 } },
  "fuzzed chat datagrams": { short: { count: 2_000 }, long: { count: 100_000, seconds: 200 } },
  "a million rooms": { short: { count: 5_000 }, long: { count: 1_000_000 } },
  "pdu flood": { short: { count: 3 }, long: { count: 8 } },
  "tcp connections": { short: { count: 500 }, long: { count: 4_200 } },
  "tcp garbage": { short: { perSecond: 100 }, long: { perSecond: 200 } },
  "http flood": { short: { perSecond: 100 }, long: { perSecond: 500 } },
  "answers never read": { short: { count: 8 }, long: { count: 200 } },
  "websocket messages that never end": { short: { count: 20 }, long: { count: 500 } },
};

export function forceOf(attack: AttackName, size: Size, seed: number): Force {
  return { ...DEFAULTS[size], ...OWN[attack]?.[size], seed };
}
