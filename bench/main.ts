/**
 * `npm run bench`: what a delivery costs. Each system is a real process on one core, the load generator is on the other,
 * and each simulated client has a socket of its own. The bare relay of `systems/relay-server.ts` is in every run, since
 * absolute figures of a shared machine say little.
 *
 *     npm run bench [-- --quick] [--json FILE]
 */
import { parseArgs } from "node:util";
import type { TalkTask } from "./load/task.ts";
import { isPinned } from "./running.ts";
import { measureTalk, type TalkFigure } from "./shapes/talk.ts";
import { bareRelay } from "./systems/relay.ts";
import { quicchatOnQuic } from "./systems/quicchat.ts";
import { talkTable } from "./table.ts";

const flags = flagsOf();

function flagsOf(): { readonly quick?: boolean; readonly json?: string } {
  try {
    return parseArgs({ options: { quick: { type: "boolean" }, json: { type: "string" } } }).values;
  } catch {
    console.error(
      "usage: npm run bench [-- --quick] [--json FILE], npm run bench -- search, npm run bench -- page",
    );
    Deno.exit(2);
  }
}

const scale = flags.quick === true ? 0.1 : 1;
const ROOM = { textBytes: 100, rooms: 1 };
const TASKS: readonly TalkTask[] = [
  { ...ROOM, shape: "loaded", members: 200, senders: 10, inFlight: 8, messages: 20_000 * scale },
  { ...ROOM, shape: "loaded", members: 200, senders: 10, inFlight: 64, messages: 40_000 * scale },
  { ...ROOM, shape: "one-at-a-time", members: 50, senders: 1, inFlight: 1, messages: 2_000 * scale },
];

const directory = await Deno.makeTempDir({ prefix: "quicchat-bench-" });
const results: { readonly task: TalkTask; readonly figures: readonly TalkFigure[] }[] = [];
try {
  for (const task of TASKS) {
    const figures: TalkFigure[] = [];
    for (const system of [bareRelay, quicchatOnQuic]) {
      figures.push(await measureTalk(system, await Deno.makeTempDir({ dir: directory }), task));
    }
    results.push({ task, figures });
    console.log(talkTable(task, figures));
  }
} finally {
  await Deno.remove(directory, { recursive: true });
}
console.log(
  isPinned ? "Server on core 0, load generator on core 1." : "Not pinned to cores (no taskset, or one core).",
);
if (flags.json !== undefined) await Deno.writeTextFile(flags.json, JSON.stringify(results, null, 2) + "\n");
const isWhole = results.every(({ figures }) =>
  figures.every(({ deliveries, expected, gaps }) => deliveries === expected && gaps === 0)
);
Deno.exit(isWhole ? 0 : 1);
