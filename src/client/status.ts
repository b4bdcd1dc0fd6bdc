import type { Link } from "../transport/link.ts";
import type { ChatFailure } from "./failure.ts";

/** The life of a client's connection. */
export type Status =
  /** The first attempt is under way. */
  | { readonly state: "connecting" }
  | {
    readonly state: "live";
    readonly kind: Link["kind"];
    /** As the last question and answer took. */
    readonly roundTripMs: number;
    /** What the server calls itself. */
    readonly server: string;
  }
  /** The connection was lost, or could not be made; the next attempt begins in `inMs` (0: it is under way). */
  | {
    readonly state: "reconnecting";
    readonly inMs: number;
    readonly attempt: number;
    readonly because: string;
  }
  /** This machine has no network: goes on by itself when there is one. */
  | { readonly state: "offline" }
  /** The server, or what is known of its key, says no. Nothing happens until `client.reconnect()`. */
  | { readonly state: "refused"; readonly failure: ChatFailure }
  | { readonly state: "closed" };

export const CONNECTING: Status = { state: "connecting" };
