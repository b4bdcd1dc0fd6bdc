/** A short run of each kind of trouble on the real thing (`npm run faults` for longer ones). A seed that breaks
 * something is printed with the command that runs it again. */
import assert from "node:assert/strict";
import { address } from "./address.ts";
import { clock } from "./clock.ts";
import { fullDisk } from "./full-disk.ts";
import { kill } from "./kill.ts";
import { compare } from "./migration/migration.ts";
import { mixed } from "./mixed.ts";
import { suspend } from "./suspend.ts";
import type { Trial } from "./trial.ts";

/** How often each makes trouble: a few seconds each. The bars for time are the long runs' business. */
const SHORT: readonly { readonly trial: Trial; readonly times: number; readonly minutes: number }[] = [
  { trial: kill, times: 5, minutes: 1 },
  { trial: address, times: 20, minutes: 0.1 },
  { trial: suspend, times: 4, minutes: 0.5 },
  { trial: clock, times: 6, minutes: 0.5 },
  { trial: fullDisk, times: 2, minutes: 1 },
  { trial: mixed, times: 8, minutes: 1 },
];
const SEEDS = 1_000_000_000;
/** Of each kind; over a WebSocket each costs 4 s until it is noticed. */
const MIGRATIONS = 1;

for (const { trial, times, minutes } of SHORT) {
  const why = await trial.missing();
  if (why !== null) console.warn(`skipped: ${why}`);
  Deno.test({
    name: `faults: ${trial.says}`,
    ignore: why !== null,
    async fn() {
      const seed = Math.floor(Math.random() * SEEDS);
      const { violations, says } = await trial.run({
        seed,
        minutes,
        times,
        say: (line) => console.log(line),
      });
      console.log(says);
      const again = `npm run faults -- ${trial.name} --seed ${seed} --times ${times} --minutes ${minutes}`;
      assert.deepEqual(violations, [], again);
    },
  });
}

Deno.test("faults: a change of address is no break over QUIC, and loses nothing over a WebSocket", async () => {
  const { violations, says } = await compare(null, MIGRATIONS, (line) => console.log(line));
  console.log(says);
  assert.deepEqual(violations, []);
});
