import { encodePdu } from "../protocol/wire.ts";
import type { Path, PeerAddress, PeerConnection } from "./iroh.ts";
import type { PeerPdu, PeerPduOf } from "./peer-pdu.ts";

/** Clocks that differ so much are told of: at twice as much one's words wait at the other. */
const CLOCKS_DIFFER_MS = 60_000;

/** One member that this peer is connected to, and what is known of it while it is. */
export class Link {
  pausedUntilMs = 0;
  /** What its people call themselves. */
  name = "";
  #isClockCompared = false;
  #path: Path | null = null;

  constructor(readonly connection: PeerConnection, readonly sinceMs: number) {}

  say(pdu: PeerPdu): void {
    this.connection.send(encodePdu(pdu, "quicchat/1"));
  }

  sayPeers(peers: readonly PeerAddress[]): void {
    this.say({
      type: "PEER_PEERS",
      peers: peers.map(({ id, addresses, relay }) => ({
        id,
        addresses: [...addresses],
        ...(relay === undefined ? {} : { relay }),
      })),
    });
  }

  /** Where this peer's people are, and where this peer sees the member. */
  sayHere(rooms: PeerPduOf<"PEER_HERE">["rooms"], nowMs: number): void {
    const seenAt = this.#path === null || this.#path.isRelayed ? {} : { seenAt: this.#path.address };
    this.say({ type: "PEER_HERE", nowMs: Math.max(0, Math.round(nowMs)), rooms, ...seenAt });
  }

  /** How the member is reached, if that is another way than at the last call; else null. `isOther`: not only from elsewhere. */
  newPath(): { path: Path; isOther: boolean } | null {
    const path = this.connection.path();
    const before = this.#path;
    const isOther = path?.isRelayed !== before?.isRelayed;
    if (path === null || (!isOther && path.address === before?.address)) return null;
    this.#path = path;
    return { path, isOther };
  }

  /** By how much the member's clock is ahead, told once and only if it is much: whose is wrong neither knows, but each can
   * look. */
  clockAheadMs(theirsMs: number, oursMs: number): number | null {
    if (this.#isClockCompared || Math.abs(theirsMs - oursMs) < CLOCKS_DIFFER_MS) return null;
    this.#isClockCompared = true;
    return theirsMs - oursMs;
  }
}
