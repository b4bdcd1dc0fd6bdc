/** Everything at once, at moments that the seed picks. */
import { PagePerformer } from "./page-performer.ts";
import { Scene } from "./scene.ts";
import {
  nothingMissing,
  type Outcome,
  pause,
  percentile,
  seconds,
  type Trial,
  type TrialOptions,
} from "./trial.ts";
import { CALM, STORM, type Weather } from "./weather.ts";

const BETWEEN_MS = 1_200;
const SILENCE_MS = 6_000;
const SUSPENDED_MS = 4_000;
const WEATHERS: readonly Weather[] = [
  CALM,
  STORM,
  { loss: 0.05, delayMs: 20, jitterMs: 40, doubling: 0.1, reordering: 0.2 },
  { loss: 0, delayMs: 300, jitterMs: 0, doubling: 0, reordering: 0 },
];
const FAULTS = [
  "kill-server",
  "kill-client",
  "suspend-server",
  "suspend-client",
  "change-address",
  "silence",
  "cut",
  "weather",
] as const;
type Fault = typeof FAULTS[number];

async function run({ seed, minutes, times, say }: TrialOptions): Promise<Outcome> {
  await using scene = await Scene.open(seed, {
    ways: ["quic", "webtransport", "websocket", "any"],
    pauseMs: 50,
  });
  const without = await PagePerformer.join(scene, seed + 3_000);
  if (without !== null) say(`without a browser: ${without}`);
  const { chance } = scene;
  // Swarm: each seed leaves some of them out, so that what others would hide is met.
  const faults = FAULTS.filter(() => chance.next() < 0.7);
  if (faults.length === 0) faults.push("kill-server");
  const untilMs = performance.now() + minutes * 60_000;
  const counts = new Map<Fault, number>();
  let done = 0;
  await scene.allLive();
  while (scene.violations.length === 0 && (times === null ? performance.now() < untilMs : done < times)) {
    await pause(chance.next() * BETWEEN_MS);
    const fault = chance.pick(faults);
    if (fault === null) break;
    counts.set(fault, (counts.get(fault) ?? 0) + 1);
    done++;
    await commit(fault, scene);
  }
  const timesMs = await scene.receiptTimes();
  const stored = await scene.end();
  const list = [...counts].map(([fault, count]) => `${count} ${fault}`).join(", ");
  return {
    violations: scene.violations,
    says:
      `${done} faults (${list}) among ${stored} stored events of ${scene.people.length} people; from call to ` +
      `receipt: median ${seconds(percentile(timesMs, 0.5))}, p99 ${seconds(percentile(timesMs, 0.99))}`,
  };
}

async function commit(fault: Fault, scene: Scene): Promise<void> {
  const { chance, server } = scene;
  const someone = chance.pick(scene.people);
  const process = chance.pick(scene.processes);
  if (someone === null || process === null) return;
  switch (fault) {
    case "kill-server":
      return await scene.killServer();
    case "kill-client":
      await process.kill9();
      await pause(chance.next() * SUSPENDED_MS);
      return await process.start();
    case "suspend-server": {
      // Not across a restart: this is another process then.
      const { pid } = server;
      Deno.kill(pid, "SIGSTOP");
      await pause(chance.next() * SUSPENDED_MS);
      return Deno.kill(pid, "SIGCONT");
    }
    case "suspend-client":
      process.suspend(true);
      await pause(chance.next() * SUSPENDED_MS);
      return process.suspend(false);
    case "change-address":
      return someone.path.changeAddress();
    case "silence":
      someone.path.silence(true);
      await pause(chance.next() * SILENCE_MS);
      return someone.path.silence(false);
    case "cut":
      return someone.path.cut();
    case "weather":
      scene.weather = chance.pick(WEATHERS) ?? CALM;
  }
}

export const mixed: Trial = {
  name: "mixed",
  says: "everything at once, at moments that the seed picks",
  missing: nothingMissing,
  run,
};
