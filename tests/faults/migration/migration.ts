/** How long a conversation stands still when a client's address changes: over QUIC, over our WebSocket, and with
 * Socket.IO as it is delivered, in the same run. */
import { Seeded } from "../../fixtures/seeded.ts";
import { Path } from "../path.ts";
import type { Broken } from "../scene.ts";
import {
  nothingMissing,
  type Outcome,
  percentile,
  seconds,
  type Trial,
  type TrialOptions,
} from "../trial.ts";
import { type Contender, Contenders, type Ground } from "./contenders.ts";
import { TwoHosts } from "./namespaces.ts";
import type { Break, Pulse } from "./pulse.ts";
import { socketIoModules } from "./socketio-modules.ts";

const TIMES = 3;
/** A busy machine may owe this much; an established QUIC connection that is taken along owes nothing else. */
const NO_BREAK_MS = 1_000;
const LOOPBACK: Ground = { host: "127.0.0.1", serverWithin: [], clientWithin: [] };

/** One kind of change, for one contender. */
interface Row {
  readonly change: string;
  readonly contender: string;
  readonly breaks: readonly Break[];
  /** Said, and never answered. */
  readonly lost: number;
}

/** The same change for all, as often as wanted. `act` makes it for one of them. */
async function measure(
  change: string,
  contenders: readonly Contender[],
  pulses: readonly Pulse[],
  times: number,
  act: (round: number, contender: number) => void | Promise<void>,
): Promise<Row[]> {
  const breaks: Break[][] = pulses.map(() => []);
  let lost: number[] = [];
  try {
    await Promise.all(pulses.map((pulse) => pulse.warmUp()));
    for (let round = 0; round < times; round++) {
      await Promise.all(pulses.map(async (pulse, at) => {
        breaks[at]?.push(await pulse.through(() => act(round, at)));
      }));
    }
  } finally {
    lost = await Promise.all(pulses.map((pulse) => pulse.end()));
  }
  return contenders.map(({ name }, at) => ({
    change,
    contender: name,
    breaks: breaks[at] ?? [],
    lost: lost[at] ?? 0,
  }));
}

/** Behind a relay: the server sees another source; TCP's old connections are told so, or are not. */
async function behindRelay(
  directory: string,
  socketIo: string | null,
  times: number,
  isTold: boolean,
): Promise<Row[]> {
  await using contenders = await Contenders.open(LOOPBACK, directory, socketIo);
  const { all } = contenders;
  const paths = all.map(({ serverPort }, at) => Path.open(serverPort, new Seeded(at)));
  try {
    const pulses = all.map((contender, at) => contender.client(paths[at]?.port ?? 0));
    const change = isTold ? "another source port, TCP is cut" : "another source port, nobody is told";
    return await measure(change, all, pulses, times, (_, at) => {
      if (isTold) paths[at]?.cut();
      paths[at]?.changeAddress();
    });
  } finally {
    for (const path of paths) path.close();
  }
}

/** Between two hosts: the address is taken from the client's interface, and it has another one. */
async function betweenHosts(directory: string, socketIo: string | null, times: number): Promise<Row[]> {
  await using hosts = await TwoHosts.make();
  await using contenders = await Contenders.open(
    {
      host: hosts.serverAddress,
      serverWithin: hosts.within(hosts.server),
      clientWithin: hosts.within(hosts.client),
    },
    directory,
    socketIo,
  );
  const { all } = contenders;
  const pulses = all.map((contender) => contender.client(contender.serverPort));
  let changed = -1;
  return await measure("another IP address (network namespaces)", all, pulses, times, async (round) => {
    // They share the host.
    if (round === changed) return;
    changed = round;
    await hosts.changeAddress();
  });
}

function tableOf(rows: readonly Row[]): string[] {
  return [
    "| change of address | who | break, median | longest | told that the connection is lost | said and lost |",
    "|---|---|---|---|---|---|",
    ...rows.map(({ change, contender, breaks, lost }) => {
      const sorted = breaks.map(({ ms }) => ms).sort((a, b) => a - b);
      const seen = breaks.filter(({ isSeen }) => isSeen).length;
      const words = [
        change,
        contender,
        seconds(percentile(sorted, 0.5)),
        seconds(sorted.at(-1) ?? 0),
        `${seen} of ${breaks.length}`,
        lost,
      ];
      return `| ${words.join(" | ")} |`;
    }),
  ];
}

async function run({ times, say }: TrialOptions): Promise<Outcome> {
  const found = await socketIoModules();
  if ("missing" in found) say(`without Socket.IO: ${found.missing}`);
  return await compare("directory" in found ? found.directory : null, times ?? TIMES, say);
}

/** `socketIo`: where its modules are; null leaves it out. */
export async function compare(
  socketIo: string | null,
  rounds: number,
  say: (line: string) => void,
): Promise<Outcome> {
  const directory = await Deno.makeTempDir({ prefix: "quicchat-migration-" });
  try {
    const rows = [
      ...await behindRelay(`${directory}/told`, socketIo, rounds, true),
      ...await behindRelay(`${directory}/silent`, socketIo, rounds, false),
    ];
    const why = await TwoHosts.missing();
    if (why === null) rows.push(...await betweenHosts(`${directory}/hosts`, socketIo, rounds));
    else say(`without a real change of address: ${why}`);
    return { violations: violationsIn(rows), says: tableOf(rows).join("\n") };
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

function violationsIn(rows: readonly Row[]): Broken[] {
  const violations: Broken[] = [];
  for (const { change, contender, breaks, lost } of rows) {
    if (!contender.startsWith("QUICChat")) continue;
    if (lost > 0) {
      violations.push({ rule: "nothing-lost", says: `${contender}: ${lost} were lost, ${change}` });
    }
    if (!contender.endsWith("QUIC")) continue;
    for (const { ms, isSeen } of breaks) {
      if (ms <= NO_BREAK_MS && !isSeen) continue;
      violations.push({ rule: "settles", says: `${contender} has a break of ${seconds(ms)}: ${change}` });
    }
  }
  return violations;
}

export const migration: Trial = {
  name: "migration",
  says: "how long a change of address breaks a conversation, here and with Socket.IO",
  missing: nothingMissing,
  run,
};
