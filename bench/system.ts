/** What is measured: a server program, from start to stop, and what it promises. */
import type { WireName } from "./load/voice.ts";
import type { Running } from "./running.ts";

/** How far a message is kept before its sender is told so or anybody sees it. */
export type Stored = "no" | "page cache" | "fsync";

export interface Started {
  readonly process: Running;
  readonly port: number;
  /** PEM that the load generator has to trust; empty where nothing is encrypted. */
  readonly caCerts: readonly string[];
}

export interface System {
  readonly name: string;
  readonly stored: Stored;
  readonly isEncrypted: boolean;
  /** How its members talk to it, see `load/voices.ts`. */
  readonly wire: WireName;
  /** Why it can't be measured here, with what would enable it; null if it can. */
  missing(): Promise<string | null>;
  /** Starts it on the server's core with its data, if any, in the directory. */
  start(directory: string): Promise<Started>;
}
