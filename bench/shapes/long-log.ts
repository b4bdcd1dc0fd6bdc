/** A server with years of talk in its log: how soon it is there, what it takes, how fast the past is shown. The log and
 * its index are made before, in this process. */
import { logFilesIn } from "../../src/log/directory.ts";
import { SearchIndex } from "../../src/log/search/search-index.ts";
import type { LongLogResult, LongLogTask } from "../load/long-log.ts";
import { pause } from "../load/pause.ts";
import { makeLongLog } from "../log/long-log.ts";
import { quantile } from "../quantile.ts";
import type { Measured } from "../results.ts";
import type { Shape } from "../shape.ts";
import { foundBy, isQuicchat, withLoad, withServer } from "../staging.ts";
import type { System } from "../system.ts";

const MESSAGES = 1_000_000;
const PAGES = 1_000;
const SEARCHES = 60;
/** Of the start-up the median of so many. */
const STARTS = 3;
/** After the start, until it is at rest. */
const SETTLE_MS = 5_000;

export const longLog: Shape = {
  shape: "long-log",
  says: `a log of ${
    MESSAGES.toLocaleString("en")
  } messages in 200 rooms: start, page of 50, search, memory at rest`,
  columns: [
    { key: "startMs", head: "start to serving ms", digits: 0, bar: { most: 1_000 } },
    { key: "newestP50Ms", head: "newest page: p50 ms", digits: 2 },
    { key: "newestP95Ms", head: "p95 ms", digits: 2 },
    { key: "pageP50Ms", head: "page anywhere: p50 ms", digits: 2, bar: { most: 2 } },
    { key: "pageP95Ms", head: "p95 ms", digits: 2, bar: { most: 2 } },
    { key: "searchP50Ms", head: "search: p50 ms", digits: 1 },
    { key: "searchP95Ms", head: "p95 ms", digits: 1, bar: { most: 100 } },
    { key: "slowestP95Ms", head: "slowest kind: p95 ms", digits: 1 },
    { key: "restMiB", head: "RSS at rest MiB", digits: 0, bar: { most: 150 } },
    { key: "usedMiB", head: "RSS after it MiB", digits: 0 },
    { key: "loadCpuPercent", head: "load CPU %", digits: 0 },
  ],
  isFor: isQuicchat,
  measure: async (system, directory, scale, keptIn) => {
    const at = keptIn ?? directory;
    await makeIfMissing(at, Math.ceil(MESSAGES * scale));
    return await measureLongLog(system, at);
  },
};

async function makeIfMissing(directory: string, messages: number): Promise<void> {
  const { database, search } = logFilesIn(directory);
  const isThere = await Deno.stat(database).then(() => true, () => false);
  if (!isThere) makeLongLog(directory, messages);
  const index = new SearchIndex(database, search);
  while (index.catchUp());
  index.close();
}

async function measureLongLog(system: System, directory: string): Promise<Measured> {
  const starts: number[] = [];
  const start = async () => {
    const startMs = performance.now();
    const started = await system.start(directory);
    starts.push(performance.now() - startMs);
    return started;
  };
  for (let n = 1; n < STARTS; n++) await withServer(start(), () => Promise.resolve());
  return await withServer(start(), async ({ process, port, caCerts }) => {
    await pause(SETTLE_MS);
    const restMiB = await process.rssMiB();
    const task: LongLogTask = { hostname: "127.0.0.1", port, caCerts, pages: PAGES, searches: SEARCHES };
    return await withLoad("long-log.ts", task, async (load) => {
      const { loadCpuSeconds, seconds, fault, ...figures }: LongLogResult = await foundBy(load);
      return {
        figures: {
          startMs: quantile(starts, 0.5),
          ...figures,
          restMiB,
          usedMiB: await process.rssMiB(),
          loadCpuPercent: loadCpuSeconds / seconds * 100,
        },
        fault,
      };
    });
  });
}
