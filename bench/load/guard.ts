/** The load generator of the guard: the same members at two servers, which talk at one and then at the other, time and
 * again, so that a machine that is busy for a while is so for both. */
import { pause } from "./pause.ts";
import { fillHall, Talk } from "./talk.ts";
import type { TalkAt } from "./task.ts";
import { wireOf } from "./voices.ts";

export interface GuardTask {
  /** The one that is measured, and the yardstick; both do the same. */
  readonly servers: readonly TalkAt[];
  readonly rounds: number;
  /** No round begins after it, but for the first two: a machine that is busy with other things gets fewer. */
  readonly budgetSeconds: number;
}

export interface GuardResult {
  /** What each server delivered in one round. */
  readonly deliveries: number;
  readonly fault: string | null;
}

/** Long enough that the CPU of each is read while neither does anything. */
const REST_MS = 60;
const SETTLE_MS = 600;
const LEAST_ROUNDS = 2;

async function run({ servers, rounds, budgetSeconds }: GuardTask): Promise<GuardResult> {
  const talks = await Promise.all(servers.map(async (server) => {
    const wire = wireOf(server.wire);
    return new Talk(server, await fillHall(server, wire, 0), wire);
  }));
  await pause(SETTLE_MS);
  const messages = servers[0]?.messages ?? 0;
  let fault: string | null = null;
  const startMs = performance.now();
  // The first round warms both up.
  for (let round = 0; round <= rounds; round++) {
    if (round > LEAST_ROUNDS && performance.now() - startMs > budgetSeconds * 1_000) break;
    for (const [which, talk] of talks.entries()) {
      for (const member of talk.members) member.startAnew();
      console.log(`begin ${which}`);
      await pause(REST_MS);
      await talk.send(messages);
      await pause(REST_MS);
      console.log(`end ${which}`);
      await pause(REST_MS);
      const received = talk.members.reduce((sum, member) => sum + member.received, 0);
      if (received !== talk.expected(messages)) {
        fault ??= `${received} of ${talk.expected(messages)} deliveries by server ${which}`;
      }
      const wrong = talk.members.find(({ gaps, lost }) => gaps > 0 || lost !== null);
      if (wrong !== undefined) fault ??= `member ${wrong.index}: ${wrong.lost ?? `${wrong.gaps} gaps`}`;
    }
  }
  return { deliveries: talks[0]?.expected(messages) ?? NaN, fault };
}

if (import.meta.main) {
  console.log(JSON.stringify(await run(JSON.parse(Deno.args[0] ?? "{}"))));
  Deno.exit(0);
}
