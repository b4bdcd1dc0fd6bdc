/**
 * An invite is a link: the server's address, and behind the `#`, which browsers and proxies never send and
 * servers never log, the token that lets one in and the hash of the server's key (docs/protocol.md, Invites):
 *
 *     https://192.168.7.20:4433/#invite=TOKEN&key=KEYHASH
 *
 * Without a token it is a link to an open server; without a hash, to one whose certificate others vouch for.
 * Parameters that this version does not know are ignored.
 */
import { LIMITS } from "./limits.ts";

export interface Invite {
  /** Scheme, host and port: "https://192.168.7.20:4433". `http` only makes sense on the same machine. */
  readonly origin: string;
  readonly token?: string;
  /** SHA-256 of the server key's SPKI: 43 characters of base64url. */
  readonly keyHash?: string;
}

export type ParsedInvite =
  | { readonly ok: true; readonly invite: Invite }
  /** What is wrong with it, without repeating the token. */
  | { readonly ok: false; readonly says: string };

/** Whether it may stand for a token: visible ASCII, as many characters as CHAT_HELLO may carry. */
export function isToken(text: string): boolean {
  return text.length <= LIMITS.tokenCharsMax && /^[\x21-\x7e]+$/.test(text);
}

export function isKeyHash(text: string): boolean {
  // 32 bytes are 43 characters, the last of which has two zero bits.
  return /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/.test(text);
}

export function formatInvite({ origin, token, keyHash }: Invite): string {
  const fragment: string[] = [];
  if (token !== undefined) fragment.push(`invite=${encodeURIComponent(token)}`);
  if (keyHash !== undefined) fragment.push(`key=${keyHash}`);
  return fragment.length === 0 ? `${origin}/` : `${origin}/#${fragment.join("&")}`;
}

/** Reads an invite, or any plain `http(s)://host:port`. Never throws. */
export function parseInvite(link: string): ParsedInvite {
  let url: URL;
  try {
    url = new URL(link.trim());
  } catch {
    return { ok: false, says: "not a link: it should look like https://HOST:4433/#invite=…" };
  }
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    return { ok: false, says: `an invite begins with https:// or http://, not with ${url.protocol}//` };
  }
  if (url.username !== "" || url.password !== "") {
    return { ok: false, says: "an invite has no user name or password before its host" };
  }
  const parameters = fragmentOf(url.hash);
  if (parameters === null) {
    return { ok: false, says: "the part behind # is cut or malformed: copy the link again" };
  }
  const { invite: token, key: keyHash } = parameters;
  if (token !== undefined && !isToken(token)) {
    return {
      ok: false,
      says: "the invite token is empty, too long or has other than visible ASCII: copy it again",
    };
  }
  if (keyHash !== undefined && !isKeyHash(keyHash)) {
    return {
      ok: false,
      says: "the key hash is not 43 characters of base64url: the link was cut, copy it again",
    };
  }
  return {
    ok: true,
    invite: {
      origin: url.origin,
      ...(token === undefined ? {} : { token }),
      ...(keyHash === undefined ? {} : { keyHash }),
    },
  };
}

/** `a=b&c=d` with percent escapes; unlike URLSearchParams it leaves `+` alone. Null when malformed; the first
 * of two parameters with one name counts. */
function fragmentOf(hash: string): { readonly invite?: string; readonly key?: string } | null {
  const found: { invite?: string; key?: string } = {};
  for (const pair of hash.slice(1).split("&")) {
    const at = pair.indexOf("=");
    const name = pair.slice(0, at);
    if (at < 0 || (name !== "invite" && name !== "key") || found[name] !== undefined) continue;
    try {
      found[name] = decodeURIComponent(pair.slice(at + 1));
    } catch {
      return null; // a cut escape sequence, which is the answer
    }
  }
  return found;
}
