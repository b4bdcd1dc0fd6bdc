import process from "node:process";
import { createJournal, type Journal } from "../server/journal.ts";
import { guardProcess } from "../transport/process-guard.ts";
import { has } from "./arguments.ts";
import type { Given } from "./command.ts";

/** The journal of a server's process, on standard error. It is also told of what would otherwise end the process. */
export function openJournal(given: Given): Journal {
  const journal = createJournal({
    write: (line) => console.error(line),
    now: Date.now,
    level: has(given, "verbose") ? "debug" : "info",
    readable: process.stderr.isTTY === true,
  });
  guardProcess(({ kind, says, stack }) => journal.error(`escaped-${kind}`, { says, stack }));
  return journal;
}
