/** Members who are there and say nothing: what each of them costs in memory. Any system can be asked. */
import { pause } from "../load/pause.ts";
import type { IdleAt, IdleTask } from "../load/task.ts";
import type { Measured } from "../results.ts";
import type { Shape } from "../shape.ts";
import { withLoad, withServer } from "../staging.ts";
import type { System } from "../system.ts";

/** A server that has just done something still collects what it left. */
const SETTLE_MS = 3_000;
/** Over which its processor time at rest is counted. */
const REST_MS = 5_000;

const TASK: IdleTask = { members: 1_000, rooms: 1 };

export const idleMembers: Shape = {
  shape: "idle-members",
  says: `${TASK.members.toLocaleString("en")} members join one room, some at a time, and say nothing`,
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
  return await withServer(system.start(directory), async ({ process, port, caCerts }) => {
    await pause(SETTLE_MS);
    const emptyMiB = await process.rssMiB();
    const startCpu = await process.cpuSeconds();
    const at: IdleAt = { ...task, wire: system.wire, hostname: "127.0.0.1", port, caCerts };
    return await withLoad("still.ts", at, async (load) => {
      const joinMs = Number(await load.says(/^joined ([\d.]+)$/));
      const joinedCpu = await process.cpuSeconds();
      await pause(SETTLE_MS);
      const restCpu = await process.cpuSeconds();
      await pause(REST_MS);
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
    });
  });
}
