/** What our server costs a delivery, as times of what the bare relay costs: real processes, real sockets. */
import type { GuardResult, GuardTask } from "../load/guard.ts";
import type { TalkTask } from "../load/task.ts";
import type { Running } from "../running.ts";
import { withLoad, withServer } from "../staging.ts";
import type { Started } from "../system.ts";
import { quicchatOnQuic } from "../systems/quicchat.ts";
import { bareRelay } from "../systems/relay.ts";
import type { Measure } from "./measure.ts";

/** Short ones, in turns: what disturbs one disturbs the next as well. */
const ROUNDS = 16;
const BUDGET_SECONDS = 8;

/** All rounds take seconds of the relay's processor, so that steps of 10 ms say little. */
export const LOADED: TalkTask = {
  shape: "loaded",
  members: 200,
  senders: 10,
  inFlight: 8,
  messages: 600,
  textBytes: 100,
  rooms: 1,
  halls: 1,
};
export const ONE_AT_A_TIME: TalkTask = {
  ...LOADED,
  shape: "one-at-a-time",
  members: 50,
  senders: 1,
  inFlight: 1,
  messages: 120,
};

/** The CPU of our server, over that of the relay. */
export function serversDoing(task: TalkTask): Measure {
  return async () => {
    const directory = await Deno.makeTempDir({ prefix: "quicchat-guard-" });
    try {
      return await withServer(
        quicchatOnQuic.start(`${directory}/ours`),
        (ours) =>
          withServer(bareRelay.start(`${directory}/relay`), async (relay) => {
            const servers = [ours, relay];
            const asked: GuardTask = {
              servers: servers.map(({ port, caCerts }) => {
                return { ...task, wire: "quicchat/quic", hostname: "127.0.0.1", port, caCerts };
              }),
              rounds: ROUNDS,
              budgetSeconds: BUDGET_SECONDS,
            };
            return await withLoad("guard.ts", asked, (load) => ratioOf(load, servers));
          }),
      );
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  };
}

/** The CPU of both in all rounds but the first, ours over the other's. */
async function ratioOf(load: Running, servers: readonly Started[]): Promise<number> {
  const seconds = [0, 0];
  for (let turn = 0;; turn++) {
    const line = await load.says(/^(begin \d|\{.*\})$/);
    if (line.startsWith("{")) {
      const { fault }: GuardResult = JSON.parse(line);
      if (fault !== null) throw new Error(fault);
      return (seconds[0] ?? NaN) / (seconds[1] ?? NaN);
    }
    const which = Number(line.split(" ")[1]);
    const before = await servers[which]?.process.cpuSeconds() ?? NaN;
    await load.says(/^(end \d)$/);
    const after = await servers[which]?.process.cpuSeconds() ?? NaN;
    if (turn >= servers.length) seconds[which] = (seconds[which] ?? 0) + after - before;
  }
}
