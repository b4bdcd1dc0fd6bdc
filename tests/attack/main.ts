/** `npm run attack`: a real server on loopback, one attack after the other, and what honest people notice of it. */
import { parseArgs } from "node:util";
import process from "node:process";
import { type RunningServer, startServer } from "../e2e/running-server.ts";
import { type AttackName, ATTACKS, isAttack } from "./attacks.ts";
import { forceOf, type Size } from "./forces.ts";
import { complaintsOf, linesOf, Siege } from "./siege.ts";

const USAGE = `npm run attack -- [NAME…] [--size short|long] [--seed N]; there are: ${
  Object.keys(ATTACKS).map((name) => JSON.stringify(name)).join(", ")
}`;

/** How much of what a server said is shown when it was harmed. */
const OUTPUT_SHOWN = 2_000;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { seed: { type: "string" }, size: { type: "string" } },
    allowPositionals: true,
  });
  const size = sizeOf(values.size ?? "short");
  const seed = Number(values.seed ?? 1);
  if (!Number.isSafeInteger(seed)) throw new TypeError(`--seed ${values.seed}: give a whole number`);
  let failed = 0;
  for (const attack of positionals.length > 0 ? positionals.map(named) : Object.keys(ATTACKS).map(named)) {
    // Each has a server of its own, so that none is blamed for another's.
    const server = await startServer();
    try {
      await run(server, attack, size, seed);
    } catch (error) {
      failed++;
      console.log(`${attack}: FAILED: ${error instanceof Error ? error.message : error}`);
      console.log(server.output().slice(-OUTPUT_SHOWN));
    } finally {
      await server.stop();
    }
  }
  console.log(failed === 0 ? "ok: the server withstood it all" : `FAILED: ${failed} attacks did harm`);
  return failed === 0 ? 0 : 1;
}

async function run(server: RunningServer, attack: AttackName, size: Size, seed: number): Promise<void> {
  const { pid } = server;
  const siege = await Siege.begin(server);
  const before = await siege.calm();
  const report = await siege.attack([{ attack, force: forceOf(attack, size, seed) }]);
  const after = await siege.calm();
  await siege.end();
  const calm = [before, after].map(({ p50Ms, p99Ms }) => `${p50Ms.toFixed(1)}/${p99Ms.toFixed(0)}`).join(
    ", ",
  );
  console.log(`${linesOf(report)}; calm before and after p50/p99 ${calm} ms`);
  const complaints = complaintsOf(server.output(), [attack]);
  if (server.pid !== pid || complaints.length > 0) throw new Error(complaints[0] ?? "the server ended");
}

function sizeOf(text: string): Size {
  if (text === "short" || text === "long") return text;
  throw new TypeError(`--size ${text}: there are short and long`);
}

function named(name: string): AttackName {
  if (isAttack(name)) return name;
  throw new TypeError(`there is no attack "${name}"`);
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof TypeError)) throw error;
  console.error(`${error.message}: ${USAGE}`);
  process.exitCode = 1;
}
