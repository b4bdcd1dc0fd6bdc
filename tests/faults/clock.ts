/** Clocks that are set back and forward, the server's and its clients', while everybody talks. */
import { fileURLToPath } from "node:url";
import { Scene } from "./scene.ts";
import { CLOCK_FILE } from "./server-clock.ts";
import { type Outcome, pause, percentile, seconds, type Trial, type TrialOptions } from "./trial.ts";

const PRELOAD = fileURLToPath(new URL("server-clock.ts", import.meta.url));
/** Either way; longer than an outbox sends things without asking. */
const SET_BY_MS = 3_600_000;
const BETWEEN_MS = 2_000;

async function run({ seed, minutes, times }: TrialOptions): Promise<Outcome> {
  const file = await Deno.makeTempFile({ prefix: "quicchat-clock-" });
  try {
    await Deno.writeTextFile(file, "0");
    await using scene = await Scene.open(seed, {
      ways: ["quic", "webtransport", "websocket"],
      pauseMs: 30,
      server: { preload: PRELOAD, env: { [CLOCK_FILE]: file } },
    });
    const { chance, processes, server } = scene;
    const untilMs = performance.now() + minutes * 60_000;
    await scene.allLive();
    let sets = 0;
    while (scene.violations.length === 0 && (times === null ? performance.now() < untilMs : sets < times)) {
      await pause(chance.next() * BETWEEN_MS);
      sets++;
      const aheadMs = chance.from(-SET_BY_MS, SET_BY_MS);
      const client = chance.next() < 0.4 ? chance.pick(processes) : null;
      if (client !== null) {
        await client.setClock(aheadMs);
        // What waits may now seem hours old.
        if (chance.next() < 0.5) client.path.cut();
        continue;
      }
      await Deno.writeTextFile(file, String(aheadMs));
      Deno.kill(server.pid, "SIGUSR2");
      if (chance.next() < 0.2) await scene.killServer();
    }
    const obeyed = server.output().split("the clock is set").length - 1;
    const stored = await scene.end();
    if (obeyed === 0) scene.violate("trouble", "the server's clock was never set: this shows nothing");
    const times99 = percentile(await scene.receiptTimes(), 0.99);
    return {
      violations: scene.violations,
      says:
        `${sets} clocks were set by up to an hour either way, ${obeyed} times the running server's, among ` +
        `${stored} stored events; p99 from call to receipt ${seconds(times99)}`,
    };
  } finally {
    await Deno.remove(file);
  }
}

export const clock: Trial = {
  name: "clock",
  says: "clocks set back and forward: the server's calendar (Date.now in its process) and the clients'",
  missing: () => Promise.resolve(Deno.build.os === "windows" ? "it needs Unix signals" : null),
  run,
};
