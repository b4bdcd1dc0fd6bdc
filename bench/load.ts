import process from "node:process";
/** The load generator: one process, started by `main.ts` with its task as JSON. Prints `begin` and `end`
 * around what is measured, and then the result as JSON. */
import { Member } from "./member.ts";

export interface Task {
  readonly shape: "loaded" | "one-at-a-time";
  readonly hostname: string;
  readonly port: number;
  readonly caCerts: readonly string[];
  readonly members: number;
  readonly senders: number;
  readonly inFlight: number;
  readonly messages: number;
  readonly textBytes: number;
}

export interface Result {
  readonly deliveries: number;
  readonly expected: number;
  readonly gaps: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly receiptP50Ms: number;
  readonly receiptP99Ms: number;
  /** CPU seconds of this process meanwhile: near `seconds` means that it was the bottleneck. */
  readonly loadCpuSeconds: number;
}

/** Members that read every message whole: enough for a distribution, few enough to cost little. */
const READERS_WHEN_LOADED = 4;

export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? NaN;
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

async function run(task: Task): Promise<Result> {
  const members: Member[] = [];
  for (let index = 0; index < task.members; index++) {
    // Readers come last, so that no sender is one.
    const reads = task.shape === "one-at-a-time" || index >= task.members - READERS_WHEN_LOADED;
    members.push(await Member.join({ ...task, name: `m${index}`, room: "bench", reads }));
  }
  // Presence of the last who came.
  await new Promise((resolve) => setTimeout(resolve, 600));

  const warmUp = Math.ceil(task.messages / 5);
  await send(task, members, warmUp);
  for (const member of members) {
    member.received = 0;
    member.latenciesMs.length = 0;
    member.receiptLatenciesMs.length = 0;
  }
  console.log("begin");
  const startCpu = cpuSeconds();
  const startMs = performance.now();
  await send(task, members, task.messages);
  const seconds = (performance.now() - startMs) / 1000;
  const loadCpuSeconds = cpuSeconds() - startCpu;
  console.log("end");
  // Long enough for a doubled one to show.
  await new Promise((resolve) => setTimeout(resolve, 200));
  const latencies = members.flatMap(({ latenciesMs }) => latenciesMs);
  const receipts = members.flatMap(({ receiptLatenciesMs }) => receiptLatenciesMs);
  const result: Result = {
    deliveries: members.reduce((sum, { received }) => sum + received, 0),
    expected: task.members * task.messages,
    gaps: members.reduce((sum, { gaps }) => sum + gaps, 0),
    seconds,
    p50Ms: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
    receiptP50Ms: quantile(receipts, 0.5),
    receiptP99Ms: quantile(receipts, 0.99),
    loadCpuSeconds,
  };
  for (const member of members) member.leave();
  return result;
}

/** Sends `count` messages as the task says and waits until every member has them all. */
async function send(task: Task, members: readonly Member[], count: number): Promise<void> {
  const before = members.map(({ received }) => received);
  const { promise: allHere, resolve } = Promise.withResolvers<void>();
  let missing = members.length;
  for (const [index, member] of members.entries()) {
    const goal = (before[index] ?? 0) + count;
    member.onMessage = () => {
      if (member.received === goal && --missing === 0) resolve();
    };
  }
  let sent = 0;
  const next = (sender: Member) => {
    if (sent >= count) return;
    sent++;
    sender.send(task.textBytes);
  };
  if (task.shape === "loaded") {
    for (const sender of members.slice(0, task.senders)) {
      sender.onReceipt = () => next(sender);
      for (let slot = 0; slot < task.inFlight; slot++) next(sender);
    }
    return await allHere;
  }
  // One at a time: the next goes when everybody has the last.
  const [sender] = members;
  if (sender === undefined) return;
  for (let number = 1; number <= count; number++) {
    const { promise: everybody, resolve: here } = Promise.withResolvers<void>();
    let waiting = members.length;
    for (const member of members) member.onMessage = () => void (--waiting === 0 && here());
    next(sender);
    await everybody;
  }
}

if (import.meta.main) {
  const result = await run(JSON.parse(Deno.args[0] ?? "{}"));
  console.log(JSON.stringify(result));
  Deno.exit(0);
}
