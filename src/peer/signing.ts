/** Ed25519 by the runtime (RFC 8032). */
import { Buffer } from "node:buffer";
import { createPrivateKey, createPublicKey, type KeyObject, sign } from "node:crypto";
import type { Contradiction } from "./ledger.ts";
import type { Checked } from "./ledger-store.ts";
import { readEvent, signatureBytes, signedBytes, type SignedEvent, textOf } from "./signed-event.ts";

/** What stands before a seed in PKCS #8 (RFC 8410, section 7). */
const PKCS8_HEAD = Buffer.from("302e020100300506032b657004220420", "hex");
/** Keys that are remembered, imported. */
const KEYS_MAX = 1_000;

export function keyOfSeed(seed: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([PKCS8_HEAD, seed]), format: "der", type: "pkcs8" });
}

/** The public key in hexadecimal: the author, and the endpoint id. */
export function publicOf(key: KeyObject): string {
  return createPublicKey(key).export({ format: "der", type: "spki" }).subarray(-32).toString("hex");
}

export function signText(key: KeyObject, group: string, text: string): string {
  return sign(null, signedBytes(group, text), key).toString("base64url");
}

/** Checks what somebody passed on: that it is an event, and signed by its author. */
export class Checker {
  readonly #keys = new Map<string, Promise<CryptoKey | null>>();

  constructor(readonly group: string) {}

  /** All at once: the runtime spreads them over its threads. */
  async check(events: readonly SignedEvent[]): Promise<(Checked | "malformed" | "forged")[]> {
    return await Promise.all(events.map((event) => this.#checkOne(event)));
  }

  /** The two events of a proof, or null when it proves nothing. */
  async checkProof(proof: Contradiction): Promise<readonly [Checked, Checked] | null> {
    const [one, other] = await this.check(proof);
    if (one === undefined || other === undefined || typeof one === "string" || typeof other === "string") {
      return null;
    }
    const a = one.event;
    const b = other.event;
    const isSamePlace = a.author === b.author && a.life === b.life && a.seq === b.seq;
    return isSamePlace && one.text !== other.text ? [one, other] : null;
  }

  async #checkOne([fields, signature]: SignedEvent): Promise<Checked | "malformed" | "forged"> {
    const event = readEvent(fields);
    const bytes = signatureBytes(signature);
    if (event === null || bytes === null) return "malformed";
    const key = await this.#key(event.author);
    if (key === null) return "forged";
    const text = textOf(event);
    const isRight = await crypto.subtle.verify("Ed25519", key, bytes, signedBytes(this.group, text));
    return isRight ? { event, text, signature } : "forged";
  }

  #key(author: string): Promise<CryptoKey | null> {
    let key = this.#keys.get(author);
    if (key === undefined) {
      const raw = new Uint8Array(Buffer.from(author, "hex"));
      // Not every 32 bytes are a point of the curve.
      key = crypto.subtle.importKey("raw", raw, "Ed25519", false, ["verify"]).catch(() => null);
      if (this.#keys.size >= KEYS_MAX) this.#keys.clear();
      this.#keys.set(author, key);
    }
    return key;
  }
}
