/** `deno run -A tests/peer-sim/main.ts [FIRST [COUNT]]`: seeds of the peers' simulation; prints the first that fails. */
import { runSeed } from "./world.ts";

const [first = 1, count = 1_000] = Deno.args.map(Number);
const startMs = performance.now();
let said = 0;
for (let seed = first; seed < first + count; seed++) {
  const result = await runSeed(seed);
  said += result.said;
  if ((seed - first) % 100 === 99) console.error(`${seed - first + 1} seeds, ${said} events`);
  if (result.wrong !== null) {
    console.log(`seed ${seed}: ${result.wrong}`);
    Deno.exit(1);
  }
}
console.log(
  `${count} seeds from ${first}: ${said} events, ${((performance.now() - startMs) / 1000).toFixed(1)} s`,
);
