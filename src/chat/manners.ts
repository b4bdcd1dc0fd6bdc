import type { ClientPduType } from "../protocol/client-pdu.ts";
import type { Wire } from "../protocol/wire.ts";

/** What may be said when, on which wire, and what it costs of the session's tokens. */
export interface Manner {
  readonly in: "greeting" | "live";
  readonly wires: readonly Wire[];
  /** One token is one message. Fractions: what is cheap for everybody else. */
  readonly cost: number;
}

const BOTH: readonly Wire[] = ["quicchat/1", "chat/0"];
const OURS: readonly Wire[] = ["quicchat/1"];

/** One row a kind; the compiler demands it. */
export const MANNERS = {
  CHAT_HELLO: { in: "greeting", wires: BOTH, cost: 0 },
  // Each of these is stored and goes to every member.
  CHAT_MESSAGE: { in: "live", wires: BOTH, cost: 1 },
  CHAT_EDIT: { in: "live", wires: OURS, cost: 1 },
  CHAT_DELETE: { in: "live", wires: OURS, cost: 1 },
  CHAT_REACT: { in: "live", wires: OURS, cost: 1 },
  // And a tenth of a person's patience: topics are not talk.
  CHAT_TOPIC: { in: "live", wires: OURS, cost: 10 },
  // Relayed at most every 2.5 s.
  CHAT_TYPING: { in: "live", wires: BOTH, cost: 0.5 },
  // Each asks the log.
  CHAT_JOIN: { in: "live", wires: OURS, cost: 2 },
  CHAT_LEAVE: { in: "live", wires: OURS, cost: 1 },
  CHAT_HISTORY: { in: "live", wires: OURS, cost: 2 },
  CHAT_ROOMS: { in: "live", wires: OURS, cost: 2 },
  // May keep the one worker that searches busy for 50 ms: ten a second, as fast as one types.
  CHAT_SEARCH: { in: "live", wires: OURS, cost: 10 },
  CHAT_WHO: { in: "live", wires: OURS, cost: 1 },
  // Said for each half window of what the server itself sent.
  CHAT_CREDIT: { in: "live", wires: OURS, cost: 0.02 },
  CHAT_PING: { in: "live", wires: OURS, cost: 0.2 },
  CHAT_BYE: { in: "live", wires: BOTH, cost: 0 },
} as const satisfies Record<ClientPduType, Manner>;

/** What a PDU of an unknown kind costs: ignored, but not for free. */
export const UNKNOWN_COST = 1;
