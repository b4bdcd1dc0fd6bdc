/** The SDK's outbox after an hour offline: how long until everything has its receipt. Once at a server that takes what
 * comes, and once at one as it is shipped, which takes 600 at once from a person and then 100 a second. */
import type { UploadResult, UploadTask } from "../load/upload.ts";
import type { Measured } from "../results.ts";
import type { Shape } from "../shape.ts";
import { foundBy, isQuicchat, withLoad, withServer } from "../staging.ts";
import type { Started } from "../system.ts";
import { startQuicchat } from "../systems/quicchat.ts";

const MESSAGES = 3_000;
const TEXT_BYTES = 100;

export const upload: Shape = {
  shape: "upload",
  says: `${
    MESSAGES.toLocaleString("en")
  } messages written in an hour offline, kept in a file, sent by the SDK`,
  columns: [
    { key: "seconds", head: "all have receipts s", digits: 2 },
    { key: "serverCpuMicros", head: "server CPU µs a message", digits: 0 },
    { key: "heldMiB", head: "client: RSS MiB held", digits: 0 },
    { key: "peakMiB", head: "most MiB", digits: 0 },
    { key: "keepMs", head: "to keep one ms", digits: 2 },
    { key: "limitedSeconds", head: "at the shipped rate s", digits: 1 },
    { key: "loadCpuPercent", head: "load CPU %", digits: 0 },
  ],
  isFor: isQuicchat,
  measure: async (system, directory, scale) => {
    const messages = Math.ceil(MESSAGES * scale);
    const free = await sendAll(system.start(`${directory}/free`), `${directory}/free-outbox`, messages);
    const limited = await sendAll(
      startQuicchat(`${directory}/limited`, { hasRateLimit: true }),
      `${directory}/limited-outbox`,
      messages,
    );
    return {
      figures: { ...free.figures, limitedSeconds: limited.figures["seconds"] ?? null },
      fault: free.fault ?? limited.fault,
    };
  },
};

async function sendAll(started: Promise<Started>, outbox: string, messages: number): Promise<Measured> {
  return await withServer(started, async ({ process, port, caCerts }) => {
    const task: UploadTask = {
      hostname: "127.0.0.1",
      port,
      caCerts,
      messages,
      textBytes: TEXT_BYTES,
      directory: outbox,
    };
    return await withLoad("upload.ts", task, async (load) => {
      await load.says(/^(begin)$/);
      const before = await process.cpuSeconds();
      await load.says(/^(end)$/);
      const cpuSeconds = await process.cpuSeconds() - before;
      const found: UploadResult = await foundBy(load);
      return {
        figures: {
          seconds: found.seconds,
          serverCpuMicros: cpuSeconds / messages * 1e6,
          heldMiB: found.heldMiB,
          peakMiB: found.peakMiB,
          keepMs: found.keepMs,
          loadCpuPercent: found.loadCpuSeconds / found.seconds * 100,
        },
        fault: found.fault,
      };
    });
  });
}
