/** Everybody comes back after a restart: how long until the last has what was said meanwhile. The members are there
 * when the server is told to stop, and come back by the rules of our clients; what they miss is put into the log
 * while it stands still, so that each misses the same. */
import { SqliteStore } from "../../src/log/sqlite/sqlite-store.ts";
import type { Entry } from "../../src/log/log.ts";
import type { StormResult, StormTask } from "../load/storm.ts";
import type { Measured } from "../results.ts";
import type { Shape } from "../shape.ts";
import { foundBy, isQuicchat, withLoad, withServer } from "../staging.ts";
import { startQuicchat, steadyPort } from "../systems/quicchat.ts";

const MEMBERS = 2_000;
const MISSED = 500;
/** What the rooms had before. */
const HEAD = 100;
const TEXT_BYTES = 100;
const FIRST_TS_MS = 1_790_000_000_000;

export const storm: Shape = {
  shape: "storm",
  says: `${
    MEMBERS.toLocaleString("en")
  } members of 20 rooms come back after a restart, each ${MISSED} messages behind`,
  columns: [
    { key: "allSeconds", head: "all caught up s", digits: 2, bar: { most: 10, stretch: 5 } },
    { key: "halfSeconds", head: "half s", digits: 2 },
    { key: "startSeconds", head: "of it the start s", digits: 2 },
    { key: "peakRssMiB", head: "peak RSS MiB", digits: 0, bar: { most: 700 } },
    { key: "serverCpuSeconds", head: "server CPU s", digits: 2 },
    { key: "serverCpuMicros", head: "CPU µs a delivery", digits: 2 },
    { key: "failures", head: "failed attempts", digits: 0 },
    { key: "byWebSocket", head: "by WebSocket", digits: 0 },
    { key: "loadCpuPercent", head: "load CPU %", digits: 0 },
  ],
  isFor: isQuicchat,
  measure: (_system, directory, scale) => measureStorm(directory, Math.ceil(MEMBERS * scale), 20),
};

async function measureStorm(
  directory: string,
  members: number,
  rooms: number,
): Promise<Measured> {
  const { epoch } = addMessages(directory, rooms, 1, HEAD);
  const port = steadyPort();
  const first = await startQuicchat(directory, { port });
  const { caCerts } = first;
  const task: StormTask = {
    hostname: "127.0.0.1",
    port,
    caCerts,
    members,
    rooms,
    epoch,
    head: HEAD,
    missed: MISSED,
  };
  return await withLoad("storm.ts", task, async (load) => {
    try {
      await load.says(/^(here)$/);
    } finally {
      await first.process.stop();
    }
    addMessages(directory, rooms, HEAD + 1, MISSED);
    const startAtMs = nowMs();
    return await withServer(startQuicchat(directory, { port }), async ({ process }) => {
      const servingAtMs = nowMs();
      await load.says(/^(caught up)$/);
      const serverCpuSeconds = await process.cpuSeconds();
      const found: StormResult = await foundBy(load);
      return {
        figures: {
          allSeconds: (found.allAtMs - startAtMs) / 1_000,
          halfSeconds: (found.halfAtMs - startAtMs) / 1_000,
          startSeconds: (servingAtMs - startAtMs) / 1_000,
          peakRssMiB: await process.peakRssMiB(),
          serverCpuSeconds,
          serverCpuMicros: serverCpuSeconds / found.deliveries * 1e6,
          failures: found.failures,
          byWebSocket: found.byWebSocket,
          loadCpuPercent: found.loadCpuSeconds / found.loadSeconds * 100,
        },
        fault: found.fault,
      };
    });
  });
}

/** On a clock that another process has as well. */
function nowMs(): number {
  return performance.timeOrigin + performance.now();
}

/** Puts `count` messages into each room, from the sender's number `firstSeq` on, while no server runs. */
function addMessages(
  directory: string,
  rooms: number,
  firstSeq: number,
  count: number,
): { readonly epoch: string } {
  const store = new SqliteStore(directory);
  try {
    for (let room = 0; room < rooms; room++) {
      store.append([Array.from({ length: count }, (_, at) => messageOf(room, firstSeq + at))]);
      store.tidy();
    }
    return { epoch: store.epoch };
  } finally {
    store.close();
  }
}

function messageOf(room: number, seq: number): Entry {
  const digits = room.toString(16);
  return {
    room: `storm-${room}`,
    tsMs: FIRST_TS_MS + seq,
    type: "CHAT_MESSAGE",
    device: digits.padStart(32, "0"),
    seq,
    sender: "Ann",
    author: digits.padStart(24, "0"),
    target: null,
    targetMust: null,
    body: JSON.stringify({ text: `message ${seq} `.padEnd(TEXT_BYTES, ".") }),
  };
}
