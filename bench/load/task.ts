/** What the load generator is asked to do, and what it found. */
import type { WireName } from "./voice.ts";

export interface TalkTask {
  /** `loaded`: each sender keeps `inFlight` messages on their way. `one-at-a-time`: the next goes when everybody has
   * the last. */
  readonly shape: "loaded" | "one-at-a-time";
  readonly members: number;
  readonly senders: number;
  readonly inFlight: number;
  readonly messages: number;
  readonly textBytes: number;
  /** Rooms that every member of a hall is in; a sender goes round them. */
  readonly rooms: number;
  /** Parts of the members that have nothing to do with each other: halls talk one after the other, each with rooms,
   * senders and its share of the messages. */
  readonly halls: number;
}

/** The server that is asked. */
export interface At {
  readonly wire: WireName;
  readonly hostname: string;
  readonly port: number;
  readonly caCerts: readonly string[];
}

export interface TalkAt extends TalkTask, At {}

export interface IdleTask {
  readonly members: number;
  /** That every member is in. */
  readonly rooms: number;
}

export interface IdleAt extends IdleTask, At {}

export interface TalkResult {
  readonly deliveries: number;
  readonly expected: number;
  /** Lost, doubled or out of order, at the members that read. */
  readonly gaps: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Null where the system has no receipts. */
  readonly receiptP50Ms: number | null;
  readonly receiptP99Ms: number | null;
  /** CPU seconds of the load generator meanwhile: near `seconds` means that it was the bottleneck. */
  readonly loadCpuSeconds: number;
}
