import type { OutboxStore } from "../../src/client/outbox/store.ts";
import type { Log } from "../../src/log/log.ts";
import type { DiskLog } from "./disk-log.ts";
import type { SimFile } from "./disk.ts";
import type { Process } from "./machine.ts";
import type { Tap } from "./wire-tap.ts";

/** Parts that a canary hands in, in place of the right ones. Without any, the system is what is shipped. */
export interface Breakage {
  readonly log?: (log: DiskLog, process: Process) => Log;
  /** Between a server's session and its link: `in` is what the client said, `out` what it is told. */
  readonly session?: () => Tap;
  /** Between a client and its link. */
  readonly client?: () => Tap;
  readonly store?: (store: OutboxStore) => OutboxStore;
  /** What a crash does to the log's file besides. */
  readonly crash?: (file: SimFile) => void;
  /** A restored log goes on under its old name. */
  readonly keepsEpoch?: boolean;
}
