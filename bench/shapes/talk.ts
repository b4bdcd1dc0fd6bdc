/** Everybody in a room hears what some say: what a delivery costs, and how long it takes. Any system can be asked. */
import type { TalkAt, TalkResult, TalkTask } from "../load/task.ts";
import { Running } from "../running.ts";
import type { Stored, System } from "../system.ts";

export interface TalkFigure extends TalkResult {
  readonly system: string;
  readonly stored: Stored;
  readonly isEncrypted: boolean;
  readonly deliveriesPerSecond: number;
  /** Of the server, user and system time, for each delivery. */
  readonly serverCpuMicros: number;
  readonly serverRssMiB: number;
}

/** Starts the system in the directory, lets the members talk, stops it. */
export async function measureTalk(system: System, directory: string, task: TalkTask): Promise<TalkFigure> {
  const server = await system.start(directory);
  try {
    const { port, caCerts } = server;
    const at: TalkAt = { ...task, wire: system.wire, hostname: "127.0.0.1", port, caCerts };
    const load = Running.deno("load", ["bench/load/main.ts", JSON.stringify(at)]);
    try {
      await load.says(/^(begin)$/);
      const before = await server.process.cpuSeconds();
      await load.says(/^(end)$/);
      const after = await server.process.cpuSeconds();
      const result: TalkResult = JSON.parse(await load.says(/^(\{.*\})$/));
      return {
        system: system.name,
        stored: system.stored,
        isEncrypted: system.isEncrypted,
        ...result,
        deliveriesPerSecond: result.deliveries / result.seconds,
        serverCpuMicros: (after - before) / result.deliveries * 1e6,
        serverRssMiB: await server.process.rssMiB(),
      };
    } finally {
      await load.stop();
    }
  } finally {
    await server.process.stop();
  }
}
