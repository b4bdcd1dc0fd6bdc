/** `kill -9` of the server, and now and then of a client, while everybody talks. */
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

/** From one kill to the next, at most; every fourth time nobody has to be back yet. */
const BETWEEN_MS = 1_500;
const IMPATIENT = 0.25;
/** How often a client is killed as well. */
const CLIENT_TOO = 0.2;

async function run({ seed, minutes, times, say }: TrialOptions): Promise<Outcome> {
  await using scene = await Scene.open(seed, {
    ways: ["quic", "webtransport", "websocket", "any"],
    pauseMs: 40,
  });
  const { chance, processes, server } = scene;
  const untilMs = performance.now() + minutes * 60_000;
  const backMs: number[] = [];
  let kills = 0;
  let clientKills = 0;
  await scene.allLive();
  while (scene.violations.length === 0 && (times === null ? performance.now() < untilMs : kills < times)) {
    await pause(chance.next() * BETWEEN_MS);
    const victim = chance.next() < CLIENT_TOO ? chance.pick(processes) : null;
    await Promise.all([scene.killServer(), victim?.kill9()]);
    kills++;
    if (victim !== null) {
      clientKills++;
      await victim.start();
    }
    if (chance.next() >= IMPATIENT) backMs.push(await scene.allLive());
    if (kills % 20 === 0) say(`${kills} kills, ${scene.stored.events.length} events`);
  }
  const stored = await scene.end();
  backMs.sort((a, b) => a - b);
  return {
    violations: scene.violations,
    says:
      `the server (port ${server.port}) was killed ${kills} times and clients ${clientKills} times among ` +
      `${stored} stored events; after a start everybody was back in ${seconds(percentile(backMs, 0.5))} ` +
      `(median), ${seconds(backMs.at(-1) ?? 0)} at most`,
  };
}

export const kill: Trial = {
  name: "kill",
  says: "kill -9 of the server and of clients under load",
  missing: nothingMissing,
  run,
};
