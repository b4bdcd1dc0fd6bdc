/** Everybody in one room hears one message: how long until the last has it. */
import type { BigRoomResult, BigRoomTask } from "../load/big-room.ts";
import type { Measured } from "../results.ts";
import type { Shape } from "../shape.ts";
import { foundBy, isQuicchat, withLoad, withServer } from "../staging.ts";
import type { System } from "../system.ts";

const MEMBERS = 5_000;
const MESSAGES = 20;
const TEXT_BYTES = 100;

export const bigRoom: Shape = {
  shape: "big-room",
  says: `${MEMBERS.toLocaleString("en")} members of one room, one message at a time`,
  columns: [
    { key: "lastP50Ms", head: "the last has it: p50 ms", digits: 0, bar: { most: 300, stretch: 150 } },
    { key: "lastWorstMs", head: "worst ms", digits: 0 },
    { key: "halfP50Ms", head: "half have it: p50 ms", digits: 0 },
    { key: "serverCpuMicros", head: "CPU µs a delivery", digits: 2 },
    { key: "joinSeconds", head: "all joined s", digits: 2 },
    { key: "failures", head: "failed attempts", digits: 0 },
    { key: "rssMiB", head: "RSS MiB", digits: 0 },
    { key: "loadCpuPercent", head: "load CPU %", digits: 0 },
  ],
  isFor: isQuicchat,
  measure: measureBigRoom,
};

async function measureBigRoom(system: System, directory: string, scale: number): Promise<Measured> {
  return await withServer(system.start(directory), async ({ process, port, caCerts }) => {
    const task: BigRoomTask = {
      hostname: "127.0.0.1",
      port,
      caCerts,
      members: Math.ceil(MEMBERS * scale),
      messages: MESSAGES,
      textBytes: TEXT_BYTES,
    };
    return await withLoad("big-room.ts", task, async (load) => {
      await load.says(/^(begin)$/);
      const before = await process.cpuSeconds();
      await load.says(/^(end)$/);
      const cpuSeconds = await process.cpuSeconds() - before;
      const found: BigRoomResult = await foundBy(load);
      return {
        figures: {
          lastP50Ms: found.lastP50Ms,
          lastWorstMs: found.lastWorstMs,
          halfP50Ms: found.halfP50Ms,
          serverCpuMicros: cpuSeconds / found.deliveries * 1e6,
          joinSeconds: found.joinSeconds,
          failures: found.failures,
          rssMiB: await process.rssMiB(),
          loadCpuPercent: found.loadCpuSeconds / found.seconds * 100,
        },
        fault: found.fault,
      };
    });
  });
}
