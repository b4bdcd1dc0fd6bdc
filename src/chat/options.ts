import type { ClientPduOf } from "../protocol/client-pdu.ts";
import type { FailureName } from "../protocol/failures.ts";
import type { Rate } from "./bucket.ts";

export interface ChatOptions {
  /** What WELCOME calls this server. */
  readonly server: string;
  /** The log's. */
  readonly epoch: string;
  /** Decides whether a HELLO may enter; null lets it in. Must not tell by its timing how right a token was. */
  readonly admit: (hello: ClientPduOf<"CHAT_HELLO">) => FailureName | null;
  readonly rate: Rate;
  /** Rooms open at once; each costs a few kilobytes. */
  readonly roomsMax: number;
  /** How long a link may stay silent before its HELLO. */
  readonly helloTimeoutMs: number;
  /** Null: this server's log is all there is. */
  readonly group: GroupRules | null;
}

/** What differs where the log is one peer's of a group: others add to it as well. */
export interface GroupRules {
  /** Whose everything is that is said here, whichever device says it. */
  readonly author: string;
  /** What an event is dated, given the calendar's milliseconds. */
  readonly stamp: (dateMs: number) => number;
}

export const CHAT_DEFAULTS = {
  server: "QUICCHAT-server",
  admit: () => null,
  // Faster than anyone types or any script should; a room of 100 gets 10,000 lines a second from one
  // sender at most. The burst lets an outbox of hours go at once.
  rate: { perSecond: 100, burst: 600 },
  roomsMax: 50_000,
  helloTimeoutMs: 5_000,
  group: null,
} as const satisfies Omit<ChatOptions, "epoch">;
