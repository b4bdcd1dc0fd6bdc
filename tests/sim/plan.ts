import { Seeded } from "../fixtures/seeded.ts";

/** When a server's crash strikes: at once, or in the middle of the next write to its disk. */
export type CrashPoint = "now" | "written" | "synced";
export type ReadFrom = "first" | "live" | "last" | "saved";

/** One thing that happens, as data, so that a schedule can be shortened and run again. */
export type Step =
  & { readonly atMs: number }
  & (
    | { readonly do: "join"; readonly person: number; readonly room: number; readonly from: ReadFrom }
    | { readonly do: "leave"; readonly person: number; readonly room: number }
    | {
      readonly do: "send";
      readonly person: number;
      readonly room: number;
      readonly chars: number;
      readonly count: number;
    }
    | {
      readonly do: "edit" | "delete" | "react";
      readonly person: number;
      readonly room: number;
      readonly luck: number;
    }
    | { readonly do: "type" | "topic"; readonly person: number; readonly room: number }
    | {
      readonly do: "look";
      readonly person: number;
      readonly room: number;
      readonly what: "history" | "rooms" | "who";
    }
    | { readonly do: "resume"; readonly person: number }
    | { readonly do: "offline"; readonly person: number; readonly forMs: number }
    | { readonly do: "slow"; readonly person: number; readonly forMs: number; readonly pauseMs: number }
    | { readonly do: "crash"; readonly person: number; readonly forMs: number; readonly losesDisk: boolean }
    | { readonly do: "close"; readonly person: number; readonly forMs: number }
    | { readonly do: "cut"; readonly person: number }
    | { readonly do: "partition"; readonly person: number; readonly forMs: number }
    | { readonly do: "set-clock"; readonly person: number | null; readonly byMs: number }
    | { readonly do: "crash-server"; readonly point: CrashPoint; readonly forMs: number }
    | { readonly do: "stop-server"; readonly forMs: number }
    | { readonly do: "restore"; readonly forMs: number; readonly keeps: number }
    | { readonly do: "fill-disk"; readonly forMs: number }
  );

export type Deed = Step["do"];

/** What goes wrong by itself, and how often. Rates are from 0 to 1. */
export interface Faults {
  readonly latencyMs: readonly [number, number];
  /** A write's packet is lost, and comes a few hundred ms later; what is behind it waits. */
  readonly loss: number;
  readonly datagramLoss: number;
  readonly datagramDoubling: number;
  readonly datagramJitterMs: number;
  /** The network's own window; writes wait when it is full. */
  readonly windowBytes: number;
  readonly dialFails: number;
  readonly logWriteFails: number;
  readonly logSyncFails: number;
  readonly logReadFails: number;
  readonly logSlowMs: number;
  readonly outboxWriteFails: number;
  readonly outboxSlowMs: number;
}

export interface Plan {
  readonly seed: number;
  readonly people: number;
  readonly rooms: number;
  /** Several people under one name, as tabs of one browser. */
  readonly twins: boolean;
  readonly rate: { readonly perSecond: number; readonly burst: number };
  readonly faults: Faults;
  /** Ascending by time. */
  readonly steps: readonly Step[];
  /** When everything is mended. */
  readonly endMs: number;
}

/** Nothing goes wrong. */
export const CALM: Faults = {
  latencyMs: [1, 5],
  loss: 0,
  datagramLoss: 0,
  datagramDoubling: 0,
  datagramJitterMs: 0,
  windowBytes: 1_048_576,
  dialFails: 0,
  logWriteFails: 0,
  logSyncFails: 0,
  logReadFails: 0,
  logSlowMs: 2,
  outboxWriteFails: 0,
  outboxSlowMs: 2,
};

/** How often each happens where a seed has it at all, relative to the others. */
const WEIGHTS: Readonly<Record<Deed, number>> = {
  "send": 40,
  "edit": 8,
  "delete": 4,
  "react": 6,
  "type": 4,
  "topic": 1,
  "look": 4,
  "join": 6,
  "leave": 4,
  "resume": 2,
  "offline": 3,
  "slow": 3,
  "crash": 4,
  "close": 2,
  "cut": 5,
  "partition": 4,
  "set-clock": 2,
  "crash-server": 5,
  "stop-server": 2,
  "restore": 1,
  "fill-disk": 2,
};

/** What a run is about: always there. */
const ALWAYS: ReadonlySet<Deed> = new Set(["send"]);

/** Everything that happens in a run, from one number. */
export function planOf(seed: number): Plan {
  const chance = new Seeded(seed);
  const maybe = (rate: number) => chance.next() < rate;
  const weights = (Object.keys(WEIGHTS) as Deed[])
    .filter((deed) => ALWAYS.has(deed) || maybe(0.5))
    .map((deed) => ({ deed, weight: WEIGHTS[deed] * (0.5 + chance.next() * 2) }));
  const total = weights.reduce((sum, { weight }) => sum + weight, 0);
  const people = chance.from(2, 5);
  const rooms = chance.from(1, 4);
  const endMs = chance.from(4, 30) * 1_000;
  const stepCount = chance.from(15, 90);
  const steps: Step[] = [];
  for (let person = 0; person < people; person++) {
    const from = (maybe(0.7) ? "first" : chance.pick<ReadFrom>(["live", "last"])) ?? "first";
    steps.push({ do: "join", person, room: 0, from, atMs: 0 });
  }
  for (let at = 0; at < stepCount; at++) {
    let luck = chance.next() * total;
    const chosen = weights.find(({ weight }) => (luck -= weight) < 0)?.deed ?? "send";
    steps.push(stepOf(chosen, chance, people, rooms, chance.from(0, endMs)));
  }
  return {
    seed,
    people,
    rooms,
    twins: maybe(0.2),
    rate: maybe(0.2)
      ? { perSecond: chance.from(2, 20), burst: chance.from(10, 30) }
      : { perSecond: 100, burst: 600 },
    faults: faultsOf(chance),
    steps: steps.sort((a, b) => a.atMs - b.atMs),
    endMs,
  };
}

function faultsOf(chance: Seeded): Faults {
  const some = (rate: number, most: number) => chance.next() < rate ? chance.next() * most : 0;
  const least = chance.from(0, 40);
  return {
    latencyMs: [least, least + chance.from(0, 200)],
    loss: some(0.5, 0.2),
    datagramLoss: some(0.5, 0.5),
    datagramDoubling: some(0.5, 0.3),
    datagramJitterMs: Math.floor(some(0.5, 300)),
    windowBytes: chance.next() < 0.2 ? chance.from(500, 20_000) : 1_048_576,
    dialFails: some(0.3, 0.5),
    logWriteFails: some(0.2, 0.2),
    logSyncFails: some(0.2, 0.2),
    logReadFails: some(0.2, 0.3),
    logSlowMs: chance.next() < 0.3 ? chance.from(20, 400) : chance.from(0, 10),
    outboxWriteFails: some(0.15, 0.2),
    outboxSlowMs: chance.from(0, 20),
  };
}

function stepOf(deed: Deed, chance: Seeded, people: number, rooms: number, atMs: number): Step {
  const person = chance.from(0, people - 1);
  // Most of the talk is in one room.
  const room = chance.next() < 0.6 ? 0 : chance.from(0, rooms - 1);
  const forMs = chance.next() < 0.7 ? chance.from(10, 3_000) : chance.from(3_000, 20_000);
  const luck = chance.next();
  switch (deed) {
    case "join": {
      const from = luck < 0.4 ? "first" : luck < 0.6 ? "live" : luck < 0.8 ? "last" : "saved";
      return { do: deed, person, room, from, atMs };
    }
    case "send": {
      const count = luck < 0.8 ? 1 : chance.from(2, 40);
      const chars = chance.next() < 0.95 ? chance.from(1, 60) : chance.from(1_000, 8_000);
      return { do: deed, person, room, chars, count, atMs };
    }
    case "edit":
    case "delete":
    case "react":
      return { do: deed, person, room, luck, atMs };
    case "leave":
    case "type":
    case "topic":
      return { do: deed, person, room, atMs };
    case "look":
      return { do: deed, person, room, what: luck < 0.6 ? "history" : luck < 0.8 ? "rooms" : "who", atMs };
    case "resume":
    case "cut":
      return { do: deed, person, atMs };
    case "offline":
    case "partition":
    case "close":
      return { do: deed, person, forMs, atMs };
    case "slow":
      return { do: deed, person, forMs, pauseMs: chance.from(20, 1_000), atMs };
    case "crash":
      return { do: deed, person, forMs, losesDisk: luck < 0.25, atMs };
    case "set-clock": {
      const byMs = Math.floor((chance.next() - 0.5) * (chance.next() < 0.5 ? 20_000 : 4_000_000));
      return { do: deed, person: luck < 0.4 ? null : person, byMs, atMs };
    }
    case "crash-server":
      return { do: deed, point: luck < 0.3 ? "now" : luck < 0.6 ? "written" : "synced", forMs, atMs };
    case "stop-server":
    case "fill-disk":
      return { do: deed, forMs, atMs };
    case "restore":
      return { do: deed, forMs, keeps: luck, atMs };
  }
}
