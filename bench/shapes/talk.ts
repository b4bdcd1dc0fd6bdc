/** Everybody in a room hears what some say: what a delivery costs, and how long it takes. Any system can be asked. */
import type { TalkAt, TalkResult, TalkTask } from "../load/task.ts";
import type { Bar, Chart, Column, Measured } from "../results.ts";
import { Running } from "../running.ts";
import type { Shape } from "../shape.ts";
import type { System } from "../system.ts";

type Bars = Readonly<Record<string, Bar>>;

/** With what is to be reached, by key. */
function columns(bars: Bars): readonly Column[] {
  const all: readonly Column[] = [
    { key: "deliveriesPerSecond", head: "deliveries/s", digits: 0 },
    { key: "serverCpuMicros", head: "CPU µs each", digits: 2 },
    { key: "p50Ms", head: "p50 ms", digits: 2 },
    { key: "p99Ms", head: "p99 ms", digits: 2 },
    { key: "receiptP50Ms", head: "receipt p50 ms", digits: 2 },
    { key: "receiptP99Ms", head: "receipt p99 ms", digits: 2 },
    { key: "serverRssMiB", head: "RSS MiB", digits: 0 },
    { key: "loadCpuPercent", head: "load CPU %", digits: 0 },
  ];
  return all.map((column) => {
    const bar = bars[column.key];
    return bar === undefined ? column : { ...column, bar };
  });
}

const DELIVERIES: Chart = {
  says: "deliveries a second",
  better: "more",
  key: "deliveriesPerSecond",
};
const CPU: Chart = { says: "server CPU, µs a delivery", better: "less", key: "serverCpuMicros" };
const LATENCY: Chart = {
  says: "from send to delivery, ms: p50 (bar) and p99 (line)",
  better: "less",
  key: "p50Ms",
  upTo: "p99Ms",
};
const ROOM = { textBytes: 100, rooms: 1, halls: 1 };

export const TALK_SHAPES: readonly Shape[] = [
  talk({
    shape: "loaded-8",
    bars: {
      deliveriesPerSecond: { least: 600_000, stretch: 750_000 },
      serverCpuMicros: { most: 1.6, stretch: 1.3 },
    },
    charts: [DELIVERIES, CPU],
    task: { ...ROOM, shape: "loaded", members: 200, senders: 10, inFlight: 8, messages: 20_000 },
  }),
  talk({
    shape: "loaded-64",
    bars: {
      deliveriesPerSecond: { least: 1_000_000 },
      serverCpuMicros: { most: 1, stretch: 0.75 },
    },
    charts: [DELIVERIES, CPU],
    task: { ...ROOM, shape: "loaded", members: 200, senders: 10, inFlight: 64, messages: 40_000 },
  }),
  talk({
    shape: "one-at-a-time",
    bar: "server CPU a delivery at most 1.25 times the bare relay's",
    bars: { p50Ms: { most: 0.7, stretch: 0.5 }, p99Ms: { most: 2.5 } },
    charts: [LATENCY, CPU],
    task: { ...ROOM, shape: "one-at-a-time", members: 50, senders: 1, inFlight: 1, messages: 2_000 },
  }),
];

interface TalkOptions extends Pick<Shape, "shape" | "bar" | "charts"> {
  readonly bars?: Bars;
  /** The whole of the work. */
  readonly task: TalkTask;
}

export function talk({ task, bars = {}, ...described }: TalkOptions): Shape {
  return {
    ...described,
    says: saysOf(task),
    columns: columns(bars),
    measure: (system, directory, scale) => {
      const share = task.shape === "loaded" ? system.loadShare ?? 1 : 1;
      return measureTalk(system, directory, { ...task, messages: Math.ceil(task.messages * share * scale) });
    },
  };
}

function saysOf({ members, senders, inFlight, textBytes, rooms }: TalkTask): string {
  return `${members} members, ${senders} sender${senders > 1 ? "s" : ""}, ${inFlight} in flight` +
    (senders > 1 ? " each" : "") + `, ${textBytes}-byte texts` + (rooms > 1 ? `, ${rooms} rooms` : "");
}

/** Starts the system in the directory, lets the members talk, stops it. */
export async function measureTalk(system: System, directory: string, task: TalkTask): Promise<Measured> {
  const server = await system.start(directory);
  try {
    const { port, caCerts } = server;
    const at: TalkAt = { ...task, wire: system.wire, hostname: "127.0.0.1", port, caCerts };
    const load = Running.deno("load", ["bench/load/main.ts", JSON.stringify(at)]);
    try {
      await load.says(/^(begin)$/);
      const before = await server.process.cpuSeconds();
      await load.says(/^(end)$/);
      const cpuSeconds = await server.process.cpuSeconds() - before;
      const result: TalkResult = JSON.parse(await load.says(/^(\{.*\})$/));
      return measured(result, cpuSeconds, await server.process.rssMiB());
    } finally {
      await load.stop();
    }
  } finally {
    await server.process.stop();
  }
}

function measured(result: TalkResult, serverCpuSeconds: number, serverRssMiB: number): Measured {
  const { deliveries, expected, gaps, seconds, loadCpuSeconds } = result;
  return {
    figures: {
      deliveriesPerSecond: deliveries / seconds,
      serverCpuMicros: serverCpuSeconds / deliveries * 1e6,
      p50Ms: result.p50Ms,
      p99Ms: result.p99Ms,
      receiptP50Ms: result.receiptP50Ms,
      receiptP99Ms: result.receiptP99Ms,
      serverRssMiB,
      loadCpuPercent: loadCpuSeconds / seconds * 100,
    },
    fault: deliveries === expected && deliveries > 0 && gaps === 0
      ? null
      : `not whole: ${deliveries.toLocaleString("en")} of ${expected.toLocaleString("en")} deliveries` +
        (gaps > 0 ? `, ${gaps} lost, doubled or out of order where it was read` : ""),
  };
}
