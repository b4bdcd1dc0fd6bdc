/** Members who are there and say nothing: what each of them costs in memory. Any system can be asked. */
import type { IdleAt, IdleTask } from "../load/task.ts";
import type { Measured } from "../results.ts";
import { Running } from "../running.ts";
import type { Shape } from "../shape.ts";
import type { System } from "../system.ts";

/** A server that has just done something still collects what it left. */
const SETTLE_MS = 3_000;
/** Over which its processor time at rest is counted. */
const REST_MS = 5_000;

const TASK: IdleTask = { members: 1_000, rooms: 1 };

export const idleMembers: Shape = {
  shape: "idle-members",
  says: `${TASK.members.toLocaleString("en")} members join one room, one after another, and say nothing`,
  columns: [
    { key: "kibPerMember", head: "KiB each", digits: 1 },
    { key: "rssMiB", head: "RSS MiB", digits: 0 },
    { key: "joinMs", head: "to join, ms each", digits: 2 },
    { key: "joinCpuMs", head: "server CPU ms", digits: 2 },
    { key: "restCpuPercent", head: "CPU at rest %", digits: 1 },
  ],
  charts: [{ says: "resident KiB a joined member", better: "less", key: "kibPerMember" }],
  measure: (system, directory, scale) =>
    measureIdle(system, directory, { ...TASK, members: Math.ceil(TASK.members * scale) }),
};

async function measureIdle(system: System, directory: string, task: IdleTask): Promise<Measured> {
  const { process, port, caCerts } = await system.start(directory);
  try {
    await sleep(SETTLE_MS);
    const emptyMiB = await process.rssMiB();
    const startCpu = await process.cpuSeconds();
    const at: IdleAt = { ...task, wire: system.wire, hostname: "127.0.0.1", port, caCerts };
    const load = Running.deno("load", ["bench/load/still.ts", JSON.stringify(at)]);
    try {
      const joinMs = Number(await load.says(/^joined ([\d.]+)$/));
      const joinedCpu = await process.cpuSeconds();
      await sleep(SETTLE_MS);
      const restCpu = await process.cpuSeconds();
      await sleep(REST_MS);
      const rssMiB = await process.rssMiB();
      return {
        figures: {
          kibPerMember: (rssMiB - emptyMiB) * 1024 / task.members,
          rssMiB,
          joinMs: joinMs / task.members,
          joinCpuMs: (joinedCpu - startCpu) * 1e3 / task.members,
          restCpuPercent: (await process.cpuSeconds() - restCpu) / (REST_MS / 1e3) * 100,
        },
        fault: load.isRunning ? null : `members were thrown out\n${load.complaints}`,
      };
    } finally {
      await load.stop();
    }
  } finally {
    await process.stop();
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
