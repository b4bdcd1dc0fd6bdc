/** Clocks that are set back and forward, the server's and its clients', while everybody talks. */
import { fileURLToPath } from "node:url";
import type { RunningServer } from "../e2e/running-server.ts";
import { Scene } from "./scene.ts";
import { CLOCK_FILE } from "./server-clock.ts";
import { type Outcome, pause, percentile, seconds, type Trial, type TrialOptions } from "./trial.ts";

const PRELOAD = fileURLToPath(new URL("server-clock.ts", import.meta.url));
/** Either way; longer than an outbox sends things without asking. */
const SET_BY_MS = 3_600_000;
const BETWEEN_MS = 2_000;
/** From the signal to the new time, at most; far more than a busy machine needs. */
const OBEYS_MS = 10_000;
const LOOK_MS = 20;

/** How often the server's clock was set, all its lives taken together. */
function obeyed(server: RunningServer): number {
  return server.output().split("the clock is set").length - 1;
}

/** Gives up after `withinMs`: what was not seen is then missing in the count. */
async function until(seen: () => boolean, withinMs: number): Promise<void> {
  const startMs = performance.now();
  while (!seen() && performance.now() - startMs < withinMs) await pause(LOOK_MS);
}

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
      // The server's first: a short run must not end without it.
      const client = sets > 1 && chance.next() < 0.4 ? chance.pick(processes) : null;
      if (client !== null) {
        await client.setClock(aheadMs);
        // What waits may now seem hours old.
        if (chance.next() < 0.5) client.path.cut();
        continue;
      }
      await Deno.writeTextFile(file, String(aheadMs));
      const before = obeyed(server);
      Deno.kill(server.pid, "SIGUSR2");
      // Or a kill -9 right after it would be the first that the server gets.
      await until(() => obeyed(server) > before, OBEYS_MS);
      if (chance.next() < 0.2) await scene.killServer();
    }
    const stored = await scene.end();
    const count = obeyed(server);
    if (count === 0) scene.violate("trouble", "the server's clock was never set: this shows nothing");
    const times99 = percentile(await scene.receiptTimes(), 0.99);
    return {
      violations: scene.violations,
      says:
        `${sets} clocks were set by up to an hour either way, ${count} times the running server's, among ` +
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
