/** The load generator of `shapes/storm.ts`: everybody loses the server at once, and comes back to it. */
import { quantile } from "../quantile.ts";
import { comeIn, type Newcomer, type Position } from "./coming-in.ts";
import { cpuSeconds } from "./cpu.ts";
import { pause } from "./pause.ts";
import type { ServerAt } from "./quicchat-session.ts";

export interface StormTask extends ServerAt {
  readonly members: number;
  readonly rooms: number;
  /** The log's. */
  readonly epoch: string;
  /** Events in each room before the restart. */
  readonly head: number;
  /** Events that each misses. */
  readonly missed: number;
}

export interface StormResult {
  readonly deliveries: number;
  /** Attempts to come in that failed, of all together. */
  readonly failures: number;
  /** Members that had to take a WebSocket. */
  readonly byWebSocket: number;
  /** Since 1970 on this machine's clock, in milliseconds: when this share of the members had everything. */
  readonly halfAtMs: number;
  readonly allAtMs: number;
  /** From the first lost connection to `allAtMs`. */
  readonly loadCpuSeconds: number;
  readonly loadSeconds: number;
  readonly fault: string | null;
}

const AT_ONCE = 16;

class Regular implements Newcomer {
  readonly name: string;
  readonly room: string;
  offset: number;
  failures = 0;
  isByWebSocket = false;
  caughtUpAtMs: number | null = null;

  constructor(index: number, readonly task: StormTask, readonly onEvent: (regular: Regular) => void) {
    this.name = `m${index}`;
    this.room = `storm-${index % task.rooms}`;
    this.offset = task.head;
  }

  fault: string | null = null;
  deliveries = 0;

  positions(): readonly Position[] {
    return [{ room: this.room, epoch: this.task.epoch, offset: this.offset }];
  }

  heard(offset: number): void {
    this.deliveries++;
    if (offset !== this.offset + 1) this.fault ??= `${this.name} got ${offset} after ${this.offset}`;
    this.offset = offset;
    if (offset < this.task.head + this.task.missed) return;
    this.caughtUpAtMs = performance.timeOrigin + performance.now();
    this.onEvent(this);
  }

  refused(says: string): void {
    // The goodbye of a server that stops.
    if (!/stops/.test(says)) this.fault ??= `${this.name} was refused: ${says}`;
  }

  lost(): void {
    this.come().catch((error) => this.fault ??= String(error));
  }

  async come(): Promise<void> {
    const { failures, joined, isByWebSocket } = await comeIn(this.task, this);
    this.isByWebSocket = isByWebSocket;
    this.failures += failures;
    const [first] = joined;
    if (first?.["result"] !== "complete") this.fault ??= `${this.name} was told ${JSON.stringify(first)}`;
  }
}

async function run(task: StormTask): Promise<StormResult> {
  const all = Promise.withResolvers<void>();
  let behind = task.members;
  const regulars = Array.from(
    { length: task.members },
    (_, index) => new Regular(index, task, () => void (--behind === 0 && all.resolve())),
  );
  let next = 0;
  const comeOneByOne = async () => {
    for (let regular = regulars[next++]; regular !== undefined; regular = regulars[next++]) {
      await regular.come();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, comeOneByOne));
  for (const regular of regulars) regular.failures = 0;
  const [startMs, startCpu] = [performance.now(), cpuSeconds()];
  console.log("here");
  await all.promise;
  console.log("caught up");
  const [loadSeconds, loadCpuSeconds] = [(performance.now() - startMs) / 1_000, cpuSeconds() - startCpu];
  // Long enough for a doubled one to show.
  await pause(1_000);
  const times = regulars.map(({ caughtUpAtMs }) => caughtUpAtMs ?? NaN);
  const expected = task.members * task.missed;
  const deliveries = regulars.reduce((sum, regular) => sum + regular.deliveries, 0);
  return {
    deliveries,
    failures: regulars.reduce((sum, regular) => sum + regular.failures, 0),
    byWebSocket: regulars.filter(({ isByWebSocket }) => isByWebSocket).length,
    halfAtMs: quantile(times, 0.5),
    allAtMs: Math.max(...times),
    loadCpuSeconds,
    loadSeconds,
    fault: regulars.find(({ fault }) => fault !== null)?.fault ??
      (deliveries === expected ? null : `${deliveries} of ${expected} deliveries`),
  };
}

if (import.meta.main) {
  console.log(JSON.stringify(await run(JSON.parse(Deno.args[0] ?? "{}"))));
  Deno.exit(0);
}
