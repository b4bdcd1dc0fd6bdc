/** What the replica wants done, and what it hears and says. */
import type { Contradiction } from "./ledger.ts";
import type { PeerPduOf } from "./peer-pdu.ts";
import type { Range } from "./runs.ts";
import type { ChainId, SignedEvent } from "./signed-event.ts";

/** PDUs that answer one question: about a thousand events, so that a distant neighbour is not asked too often. */
export const SERVED_PDUS_MAX = 4;

/** A neighbour: a member with whom there is a proven connection, by its endpoint id. */
export type NeighbourId = string;

export type ReplicaPdu = PeerPduOf<"PEER_RUNS" | "PEER_ASK" | "PEER_EVENTS" | "PEER_BROKEN">;

/** What the replica wants done. */
export type ReplicaEffect =
  | { readonly do: "say"; readonly to: NeighbourId; readonly pdu: ReplicaPdu }
  /** Check and keep these; then call `kept`. */
  | { readonly do: "keep"; readonly from: NeighbourId; readonly events: readonly SignedEvent[] }
  /** Read events `from` … `to` of a chain (downwards where `to` is lower) and send them, at most
   * `SERVED_PDUS_MAX` PDUs, the last one with `ends`. */
  | {
    readonly do: "serve";
    readonly to: NeighbourId;
    readonly chain: ChainId;
    readonly range: Range;
  }
  /** Check this proof and break the chain; then call `broke`. */
  | { readonly do: "break"; readonly from: NeighbourId; readonly proof: Contradiction }
  /** Don't read from this neighbour for a while. */
  | { readonly do: "pause"; readonly of: NeighbourId; readonly ms: number }
  /** End the connection: what came over it can't be meant well. */
  | { readonly do: "end"; readonly whose: NeighbourId; readonly why: string }
  /** For the operator. */
  | { readonly do: "note"; readonly event: string; readonly about: string };
