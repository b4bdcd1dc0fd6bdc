import type { Breakage } from "../breakage.ts";
import type { SimFile } from "../disk.ts";
import type { Rule } from "../oracle/violation.ts";
import {
  AckBeforeCommit,
  DroppedEdits,
  DuplicateAtEnd,
  LaggingHead,
  LostTail,
  NoDedupe,
} from "./broken-logs.ts";
import { ForgetfulStore, RenumberingStore } from "./broken-stores.ts";
import {
  hastyReceipts,
  leakingRooms,
  reorderedSender,
  silentDeletions,
  wrongReceipts,
} from "./broken-wires.ts";

/** A system that is broken in one way, which the simulation must find out. */
export interface Canary {
  readonly breaks: string;
  /** What the oracle must call it: any of these. */
  readonly rules: readonly Rule[];
  /** Made anew for each run. */
  readonly make: () => Breakage;
}

/** The disk says that it synced, and its last line is gone after a crash: its offsets are given out again. */
function loseLastLine(file: SimFile): void {
  const lines = file.text.split("\n");
  if (lines.length > 2) file.truncate(file.text.length - (lines.at(-2)?.length ?? 0) - 1);
}

export const CANARIES: readonly Canary[] = [
  {
    breaks: "acknowledges before the commit",
    rules: ["acknowledged-is-durable"],
    make: () => ({ log: (log, process) => new AckBeforeCommit(log, process) }),
  },
  {
    breaks: "acknowledges what the rules never heard",
    rules: ["acknowledged-is-durable"],
    make: () => ({ session: hastyReceipts }),
  },
  {
    breaks: "tells another place in its receipts",
    rules: ["acknowledged-is-durable"],
    make: () => ({ session: wrongReceipts }),
  },
  {
    breaks: "stores what is sent again once more",
    rules: ["exactly-once"],
    make: () => {
      const seen = new Set<string>();
      return { log: (log) => new NoDedupe(log, seen) };
    },
  },
  {
    breaks: "takes a duplicate for new",
    rules: ["acknowledged-is-durable", "shown-is-durable"],
    make: () => ({ log: (log) => new DuplicateAtEnd(log) }),
  },
  {
    breaks: "loses the last event in catching up",
    rules: ["dense-offsets", "settles"],
    make: () => ({ log: (log) => new LostTail(log) }),
  },
  {
    breaks: "opens a room with an old head",
    rules: ["resume"],
    make: () => ({ log: (log) => new LaggingHead(log) }),
  },
  {
    breaks: "leaves out edits in catching up",
    rules: ["dense-offsets", "settles"],
    make: () => ({ log: (log) => new DroppedEdits(log) }),
  },
  {
    breaks: "gives out offsets again after a crash",
    rules: ["durable-stays"],
    make: () => ({ crash: loseLastLine }),
  },
  {
    breaks: "restores a log under its old epoch",
    rules: ["nothing-lost", "exactly-once", "dense-offsets", "shown-is-durable", "settles", "same-for-all"],
    make: () => ({ keepsEpoch: true }),
  },
  {
    breaks: "lets a sender's messages change places",
    rules: ["sender-order", "nothing-lost", "settles"],
    make: () => ({ client: reorderedSender }),
  },
  {
    breaks: "tells of rooms where one is not",
    rules: ["members-only"],
    make: () => ({ session: leakingRooms() }),
  },
  {
    breaks: "tells no deletions",
    rules: ["dense-offsets", "settles"],
    make: () => ({ session: silentDeletions }),
  },
  {
    breaks: "forgets its outbox when the program ends",
    rules: ["nothing-lost"],
    make: () => ({ store: (store) => new ForgetfulStore(store) }),
  },
  {
    breaks: "numbers its outbox anew when the program ends",
    rules: ["exactly-once"],
    make: () => ({ store: (store) => new RenumberingStore(store) }),
  },
];
