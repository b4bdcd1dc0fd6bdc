import process from "node:process";
import type { Journal } from "../server/journal.ts";

/** After this the process ends whatever hangs: whoever stops a server wants it stopped. */
const STOP_MS_MAX = 4_800;

/** Resolves with the exit code when the server has stopped. A second signal while it stops is the same wish:
 * Ctrl-C reaches the launcher and the server. */
export function stopOnSignal(server: { stop(): Promise<void> }, journal: Journal): Promise<number> {
  return new Promise((resolve) => {
    let isStopping = false;
    const stop = (signal: string) => {
      if (isStopping) return;
      isStopping = true;
      journal.info("stopping", { signal });
      setTimeout(() => {
        journal.error("stop-hangs", { afterMs: STOP_MS_MAX });
        resolve(1);
      }, STOP_MS_MAX);
      server.stop().then(() => resolve(0), (error) => {
        journal.error("stop-failed", { says: error instanceof Error ? error.message : String(error) });
        resolve(1);
      });
    };
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stop(signal));
  });
}
