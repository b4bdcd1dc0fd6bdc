/** The bar for networks: 20 % loss with 150 ms delay and reordering. */
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
import { STORM } from "./weather.ts";

const P99_MS_MAX = 3_000;

async function run({ seed, minutes }: TrialOptions): Promise<Outcome> {
  await using scene = await Scene.open(seed, { ways: ["quic", "quic", "webtransport"], pauseMs: 200 });
  await scene.allLive();
  scene.weather = STORM;
  await pause(minutes * 60_000);
  const timesMs = await scene.receiptTimes();
  const reconnects = await scene.reconnects();
  const stored = await scene.end();
  const p99Ms = percentile(timesMs, 0.99);
  if (p99Ms > P99_MS_MAX) scene.violate("settles", `p99 from call to receipt is ${seconds(p99Ms)}`);
  return {
    violations: scene.violations,
    says:
      `${stored} events through ${STORM.loss * 100} % loss each way, ${STORM.delayMs} ms delay each way, ` +
      `${STORM.jitterMs} ms jitter, ${STORM.reordering * 100} % held back, ${
        STORM.doubling * 100
      } % doubled; ` +
      `from call to receipt: median ${seconds(percentile(timesMs, 0.5))}, p99 ${seconds(p99Ms)}, ` +
      `at most ${seconds(timesMs.at(-1) ?? 0)}, ${reconnects} reconnects`,
  };
}

export const network: Trial = {
  name: "network",
  says: "20 % loss, 150 ms delay, reordering",
  missing: nothingMissing,
  run,
};
