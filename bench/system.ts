/** What is measured: a server program, from start to stop, and what it promises. */
import type { WireName } from "./load/voice.ts";
import type { Role, Stored } from "./results.ts";
import type { Running } from "./running.ts";

export interface Started {
  readonly process: Running;
  readonly port: number;
  /** PEM that the load generator has to trust; empty where nothing is encrypted. */
  readonly caCerts: readonly string[];
}

export interface System {
  /** As it is shown. */
  readonly name: string;
  /** One word, by which the command line knows it. */
  readonly id: string;
  readonly stored: Stored;
  readonly isEncrypted: boolean;
  readonly role: Role;
  /** The share of the messages that it is given under load, where all of them would take it many minutes; 1 if absent. */
  readonly loadShare?: number;
  /** How its members talk to it, see `load/voices.ts`. */
  readonly wire: WireName;
  /** Why it can't be measured here, with what would enable it; null if it can. */
  missing(): Promise<string | null>;
  version(): Promise<string>;
  /** Starts it on the server's core with its data, if any, in the directory. */
  start(directory: string): Promise<Started>;
}
