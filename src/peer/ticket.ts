/** What lets a new peer in: the group, its secret, and where its maker is. */
import { Buffer } from "node:buffer";
import type { PeerAddress } from "./iroh.ts";
import type { Secret } from "./greeting.ts";

export interface Ticket extends Secret {
  /** 16 bytes in hexadecimal. */
  readonly group: string;
  readonly maker: PeerAddress;
}

const HEAD = "quicchat-peer:";
const VERSION = 1;
/** Generous: sixteen addresses of IPv6 and a relay take about 1,000. */
const TICKET_CHARS_MAX = 4_096;

/** `quicchat-peer:` and base64url of a JSON array: `[version, group, generation, secret, id, addresses, relay]`, the first
 * ones in base64url. */
export function formatTicket({ group, generation, secret, maker }: Ticket): string {
  const short = (hex: string) => Buffer.from(hex, "hex").toString("base64url");
  const parts = [VERSION, short(group), generation, short(secret), short(maker.id), maker.addresses];
  const text = JSON.stringify(maker.relay === undefined ? parts : [...parts, maker.relay]);
  return HEAD + Buffer.from(text).toString("base64url");
}

/** Null for what is no ticket of this version. */
export function parseTicket(given: string): Ticket | null {
  const text = given.trim();
  if (!text.startsWith(HEAD) || text.length > TICKET_CHARS_MAX) return null;
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(text.slice(HEAD.length), "base64url").toString());
  } catch {
    return null; // Cut off or mistyped; whoever asks says so.
  }
  if (!Array.isArray(parts) || parts[0] !== VERSION) return null;
  const [, group, generation, secret, id, addresses, relay]: unknown[] = parts;
  const hexOf = (value: unknown, bytes: number) => {
    const hex = typeof value === "string" ? Buffer.from(value, "base64url").toString("hex") : "";
    return hex.length === bytes * 2 ? hex : null;
  };
  const [groupHex, secretHex, idHex] = [hexOf(group, 16), hexOf(secret, 32), hexOf(id, 32)];
  if (groupHex === null || secretHex === null || idHex === null) return null;
  if (typeof generation !== "number" || !Number.isSafeInteger(generation) || generation < 1) return null;
  if (!Array.isArray(addresses) || !addresses.every((one) => typeof one === "string" && one.length <= 64)) {
    return null;
  }
  if (relay !== undefined && typeof relay !== "string") return null;
  const maker: PeerAddress = { id: idHex, addresses: addresses.slice(0, 16), relay };
  return { group: groupHex, generation, secret: secretHex, maker };
}
