/** `/.well-known/quicchat`: what a client must know before it connects (docs/protocol.md, Discovery). */
import { LIMITS } from "../../protocol/limits.ts";
import type { Wire } from "../../protocol/wire.ts";

export interface Discovery {
  readonly version: string;
  /** The wires that are served, by their ALPN names. */
  readonly protocols: readonly Wire[];
  /** Whether one gets in without an invite. */
  readonly open: boolean;
  /** For browsers' `serverCertificateHashes`: the certificate of now, and the next. */
  readonly certificateHashes: readonly { readonly algorithm: "sha-256"; readonly value: string }[];
  /** SHA-256 of the key's SPKI, base64url: what clients compare and remember. */
  readonly keyHash: string;
  readonly limits: typeof LIMITS;
}

export interface DiscoveryFacts {
  readonly version: string;
  readonly open: boolean;
  /** In hexadecimal. */
  readonly hashes: readonly string[];
  readonly keyHash: string;
}

export function discoveryOf({ version, open, hashes, keyHash }: DiscoveryFacts): Discovery {
  return {
    version,
    // chat/0 has no field for a token, so it is served only where none is wanted.
    protocols: open ? ["quicchat/1", "chat/0"] : ["quicchat/1"],
    open,
    certificateHashes: hashes.map((value) => ({ algorithm: "sha-256", value })),
    keyHash,
    limits: LIMITS,
  };
}
