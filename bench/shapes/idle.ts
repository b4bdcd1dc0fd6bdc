/** Members that are there and say nothing: what each of them costs. */
import type { IdleResult, IdleTask } from "../load/idle.ts";
import type { Measured } from "../results.ts";
import type { Shape } from "../shape.ts";
import { foundBy, isQuicchat, withLoad, withServer } from "../staging.ts";
import type { System } from "../system.ts";

const MEMBERS = 5_000;
const ROOMS_EACH = 10;
/** As many as a room's list of members names, so that presence costs the most that it can. */
const MEMBERS_A_ROOM = 100;
const SETTLE_SECONDS = 5;
/** Four keep-alives. */
const IDLE_SECONDS = 20;

export const idle: Shape = {
  shape: "idle",
  says: `${MEMBERS.toLocaleString("en")} idle members, each in ${ROOMS_EACH} rooms of ${MEMBERS_A_ROOM}`,
  columns: [
    { key: "kibEach", head: "RSS KiB each", digits: 1, bar: { most: 100, stretch: 64 } },
    { key: "idleCpuPercent", head: "idle CPU %", digits: 2, bar: { most: 5 } },
    { key: "joinSeconds", head: "all joined s", digits: 2 },
    { key: "failures", head: "failed attempts", digits: 0 },
    { key: "joinCpuMicros", head: "CPU µs a join", digits: 0 },
    { key: "peakMiB", head: "peak RSS MiB", digits: 0 },
    { key: "joinLoadCpuPercent", head: "joining: load CPU %", digits: 0 },
    { key: "idleLoadCpuPercent", head: "idle: load CPU %", digits: 0 },
  ],
  isFor: isQuicchat,
  measure: measureIdle,
};

async function measureIdle(system: System, directory: string, scale: number): Promise<Measured> {
  const members = Math.ceil(MEMBERS * scale);
  return await withServer(system.start(directory), async ({ process, port, caCerts }) => {
    const rssMiB = await process.rssMiB();
    const startCpu = await process.cpuSeconds();
    const task: IdleTask = {
      hostname: "127.0.0.1",
      port,
      caCerts,
      members,
      roomsEach: ROOMS_EACH,
      membersARoom: MEMBERS_A_ROOM,
      settleSeconds: SETTLE_SECONDS,
      idleSeconds: IDLE_SECONDS,
    };
    return await withLoad("idle.ts", task, async (load) => {
      await load.says(/^(joined)$/);
      await load.says(/^(settled)$/);
      const settledCpu = await process.cpuSeconds();
      await load.says(/^(rested)$/);
      const idleCpu = await process.cpuSeconds() - settledCpu;
      const kibEach = (await process.rssMiB() - rssMiB) * 1_024 / members;
      const found: IdleResult = await foundBy(load);
      return {
        figures: {
          kibEach,
          idleCpuPercent: idleCpu / IDLE_SECONDS * 100,
          joinSeconds: found.joinSeconds,
          failures: found.failures,
          joinCpuMicros: (settledCpu - startCpu) / members * 1e6,
          peakMiB: await process.peakRssMiB(),
          joinLoadCpuPercent: found.joinLoadCpuSeconds / found.joinSeconds * 100,
          idleLoadCpuPercent: found.idleLoadCpuSeconds / IDLE_SECONDS * 100,
        },
        fault: found.fault,
      };
    });
  });
}
