/** Changes of a client's address in mid-conversation: over QUIC nobody notices. */
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

const TIMES = 50;
const BETWEEN_MS = 1_000;

async function run({ seed, minutes, times }: TrialOptions): Promise<Outcome> {
  await using scene = await Scene.open(seed, { ways: ["quic", "webtransport", "quic"], pauseMs: 30 });
  const { chance, people } = scene;
  await scene.allLive();
  const wanted = times ?? TIMES;
  const betweenMs = Math.min(BETWEEN_MS, minutes * 60_000 / wanted);
  for (let change = 0; change < wanted && scene.violations.length === 0; change++) {
    await pause(betweenMs * (0.5 + chance.next()));
    chance.pick(people)?.path.changeAddress();
  }
  await pause(betweenMs);
  let failed = 0;
  for (const one of people) {
    const lines = await one.lines();
    failed += lines.filter((line) => line.do === "failed").length;
    const states = lines.flatMap((line) => line.do === "status" ? [line.state] : []);
    const first = states.indexOf("live");
    // `live` is said again with each new round trip that is measured.
    const broken = states.slice(first).find((state) => state !== "live");
    if (broken !== undefined) scene.violate("trouble", `${one.name} saw ${broken} after a change of address`);
  }
  if (failed > 0) scene.violate("nothing-lost", `${failed} sends failed`);
  const timesMs = await scene.receiptTimes();
  const stored = await scene.end();
  return {
    violations: scene.violations,
    says:
      `${wanted} changes of address among ${stored} stored events: no send failed, no reconnect; from call to ` +
      `receipt: median ${seconds(percentile(timesMs, 0.5))}, p99 ${
        seconds(percentile(timesMs, 0.99))
      }, at most ` +
      `${seconds(timesMs.at(-1) ?? 0)}`,
  };
}

export const address: Trial = {
  name: "address",
  says: "a client's address changes in mid-conversation",
  missing: nothingMissing,
  run,
};
