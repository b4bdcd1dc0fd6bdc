/**
 * `npm run bench:guard`: whether our hot paths have become slower. Everything is a ratio to a yardstick that is measured
 * in the same moment, so that it says the same on any machine. Ends with 1 if a limit is passed.
 */
import { LIMITS } from "./limits.ts";

/** Noise passes and a regression stays: what is over its limit is measured again, and the best counts. */
const TRIES = 3;

let isOver = false;
const startMs = performance.now();
for (const { says, measure, measured, most } of LIMITS) {
  let best = Infinity;
  let tries = 0;
  while (tries < TRIES && !(best <= most)) {
    tries++;
    best = Math.min(best, await measure());
  }
  const isRed = !(best <= most);
  isOver ||= isRed;
  console.log(
    `${isRed ? "SLOWER" : "ok    "}  ${says}: ${best.toFixed(2)} times its yardstick, at most ${
      most.toFixed(2)
    }` +
      ` (was ${measured.toFixed(2)}${tries > 1 ? `; measured ${tries} times` : ""})`,
  );
}
console.log(`in ${((performance.now() - startMs) / 1_000).toFixed(0)} s`);
Deno.exit(isOver ? 1 : 0);
