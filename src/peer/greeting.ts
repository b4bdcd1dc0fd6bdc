/** How two peers prove to each other that they hold the group's secret (docs/peer-to-peer.md, Greeting). */
import { Buffer } from "node:buffer";
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { PeerPdu, PeerPduOf } from "./peer-pdu.ts";

export interface Secret {
  /** How often the group's secret had been changed. */
  readonly generation: number;
  /** 32 bytes in hexadecimal. */
  readonly secret: string;
}

/** Names a secret without telling it. */
export function keyIdOf({ secret }: Secret): string {
  return createHash("sha256").update(`quicchat-peer/1 key ${secret}`).digest("hex").slice(0, 16);
}

export interface GreetingParts {
  readonly me: string;
  /** Whose connection it is: QUIC's handshake has shown that they hold this key. */
  readonly other: string;
  readonly isDialler: boolean;
  readonly group: string;
  /** The newest first. */
  readonly secrets: readonly Secret[];
  /** 32 fresh random bytes in hexadecimal: a proof is good for one connection. */
  readonly nonce: string;
}

export type GreetingStep =
  | { readonly say: PeerPduOf<"PEER_HELLO" | "PEER_PROOF"> | null; readonly proven: Secret | null }
  | { readonly refused: "another-group" | "another-version" | "wrong-secret" | "wrong-proof" | "bad-order" };

/**
 * The dialler says PEER_HELLO, the other answers with its own; the dialler proves, the other checks and proves.
 * A proof is bound to the group, both keys, both nonces and the role, so that it can be neither replayed, nor passed on
 * to somebody else, nor sent back. No I/O.
 */
export class Greeting {
  readonly #parts: GreetingParts;
  #theirs: PeerPduOf<"PEER_HELLO"> | null = null;
  #secret: Secret | null = null;

  constructor(parts: GreetingParts) {
    this.#parts = parts;
  }

  hello(): PeerPduOf<"PEER_HELLO"> {
    const { group, nonce, secrets } = this.#parts;
    return { type: "PEER_HELLO", version: 1, group, nonce, keys: secrets.slice(0, 8).map(keyIdOf) };
  }

  heard(pdu: PeerPdu): GreetingStep {
    if (pdu.type === "PEER_HELLO" && this.#theirs === null) return this.#hearHello(pdu);
    if (pdu.type === "PEER_PROOF" && this.#secret !== null) return this.#hearProof(pdu, this.#secret);
    return { refused: "bad-order" };
  }

  #hearHello(theirs: PeerPduOf<"PEER_HELLO">): GreetingStep {
    const { group, isDialler, secrets } = this.#parts;
    if (theirs.version !== 1) return { refused: "another-version" };
    if (theirs.group !== group) return { refused: "another-group" };
    this.#theirs = theirs;
    const mine = new Map(secrets.map((secret) => [keyIdOf(secret), secret]));
    // Both must come to the same: the dialler's order counts.
    const order = isDialler ? [...mine.keys()].filter((key) => theirs.keys.includes(key)) : theirs.keys;
    const key = order.find((one) => mine.has(one));
    this.#secret = key === undefined ? null : mine.get(key) ?? null;
    if (this.#secret === null) return { refused: "wrong-secret" };
    return { say: isDialler ? this.#prove(this.#secret) : this.hello(), proven: null };
  }

  #hearProof({ key, proof }: PeerPduOf<"PEER_PROOF">, secret: Secret): GreetingStep {
    const { isDialler } = this.#parts;
    const right = this.#proofOf(secret, !isDialler);
    if (key !== keyIdOf(secret) || !timingSafeEqual(Buffer.from(proof), Buffer.from(right))) {
      return { refused: "wrong-proof" };
    }
    return { say: isDialler ? null : this.#prove(secret), proven: secret };
  }

  #prove(secret: Secret): PeerPduOf<"PEER_PROOF"> {
    return { type: "PEER_PROOF", key: keyIdOf(secret), proof: this.#proofOf(secret, this.#parts.isDialler) };
  }

  #proofOf(secret: Secret, byDialler: boolean): string {
    const { me, other, group, nonce, isDialler } = this.#parts;
    const ours = [me, nonce];
    const theirs = [other, this.#theirs?.nonce ?? ""];
    const [dialler, acceptor] = isDialler ? [ours, theirs] : [theirs, ours];
    const role = byDialler ? "dialler" : "acceptor";
    const said = ["quicchat-peer/1 proof", role, group, ...dialler, ...acceptor].join(" ");
    return createHmac("sha256", Buffer.from(secret.secret, "hex")).update(said).digest("hex");
  }
}
