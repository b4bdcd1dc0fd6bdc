import process from "node:process";
import { UsageError } from "./command.ts";

/** Where a server keeps its data unless told: the launcher resolves it for the system it runs on. */
export function defaultDataDirectory(): string {
  const directory = process.env["QUICCHAT_DATA"] ?? "";
  if (directory === "") {
    throw new UsageError("there is no default data directory here: say where with --data DIR");
  }
  return directory;
}

/** Where a peer keeps its group unless told: beside a server's data, which is another chat. */
export function peerDataDirectory(): string {
  return `${defaultDataDirectory().replace(/[/\\]+$/, "")}/peer`;
}

/** Where a client keeps what it remembers: servers it knows, messages not yet sent. Null when it was started
 * without the launcher, which knows the place: then it remembers nothing. */
export function stateDirectory(): string | null {
  const directory = process.env["QUICCHAT_STATE"] ?? "";
  return directory === "" ? null : directory;
}
