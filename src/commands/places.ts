import process from "node:process";
import { UsageError } from "./command.ts";

/** Where a server keeps its data unless told: the launcher resolves it for the system it runs on. */
export function defaultDataDirectory(): string {
  return fromLauncher("QUICCHAT_DATA", "say where with --data DIR");
}

/** Where a client keeps what it remembers: servers it knows, messages not yet sent. */
export function stateDirectory(): string {
  return fromLauncher("QUICCHAT_STATE", "set QUICCHAT_STATE to a directory");
}

function fromLauncher(name: string, otherwise: string): string {
  const directory = process.env[name];
  if (directory === undefined || directory === "") {
    throw new UsageError(`started without the launcher, there is no default directory: ${otherwise}`);
  }
  return directory;
}
