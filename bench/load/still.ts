/** Members that join and then keep still, until the bench ends this program. Started with its task as JSON; prints
 * `joined` and the milliseconds that it took. */
import { madeAtOnce } from "./at-once.ts";
import type { IdleAt } from "./task.ts";
import { wireOf } from "./voices.ts";

const HOUR_MS = 3_600_000;

async function run({ wire: name, members, rooms: count, ...address }: IdleAt): Promise<void> {
  const wire = wireOf(name);
  const rooms = Array.from({ length: count }, (_, room) => `bench-${room}`);
  const startMs = performance.now();
  await madeAtOnce(members, (index) =>
    wire.join({ ...address, name: `m${index}`, rooms }, {
      message: () => {},
      receipt: () => {},
      lost: (says) => {
        console.error(`member ${index} was thrown out: ${says}`);
        Deno.exit(1);
      },
    }));
  console.log(`joined ${performance.now() - startMs}`);
  // They stay: nothing else keeps this program from ending.
  setInterval(() => {}, HOUR_MS);
}

if (import.meta.main) await run(JSON.parse(Deno.args[0] ?? "{}"));
