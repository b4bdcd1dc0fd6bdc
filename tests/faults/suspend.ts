/** Processes that stand still (SIGSTOP) with all their connections open, and go on. */
import { Scene } from "./scene.ts";
import { type Outcome, pause, seconds, type Trial, type TrialOptions } from "./trial.ts";

/** Most are short; some are longer than QUIC's idle timeout (20 s). */
const SHORT_MS = 3_000;
const LONG_MS = 25_000;
const LONG = 0.15;
/** In a run as short as this there is no time for long ones. */
const LONG_FROM_MINUTES = 1;
const BETWEEN_MS = 1_500;

async function run({ seed, minutes, times }: TrialOptions): Promise<Outcome> {
  await using scene = await Scene.open(seed, {
    ways: ["quic", "webtransport", "websocket", "any"],
    pauseMs: 40,
  });
  const { chance, processes, server } = scene;
  const untilMs = performance.now() + minutes * 60_000;
  await scene.allLive();
  let stops = 0;
  let serverStops = 0;
  let longestMs = 0;
  while (scene.violations.length === 0 && (times === null ? performance.now() < untilMs : stops < times)) {
    await pause(chance.next() * BETWEEN_MS);
    const isLong = minutes >= LONG_FROM_MINUTES && chance.next() < LONG;
    const ms = chance.next() * (isLong ? LONG_MS : SHORT_MS);
    const client = chance.next() < 0.5 ? chance.pick(processes) : null;
    longestMs = Math.max(longestMs, ms);
    stops++;
    if (client !== null) {
      client.suspend(true);
      await pause(ms);
      client.suspend(false);
      continue;
    }
    serverStops++;
    Deno.kill(server.pid, "SIGSTOP");
    try {
      await pause(ms);
    } finally {
      Deno.kill(server.pid, "SIGCONT");
    }
  }
  const stored = await scene.end();
  return {
    violations: scene.violations,
    says:
      `${stops} suspended processes, ${serverStops} times the server, up to ${seconds(longestMs)} long, ` +
      `among ${stored} stored events`,
  };
}

export const suspend: Trial = {
  name: "suspend",
  says: "processes that stand still (SIGSTOP) and go on",
  missing: () => Promise.resolve(Deno.build.os === "windows" ? "it needs SIGSTOP" : null),
  run,
};
