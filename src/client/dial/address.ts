import { parseInvite } from "../../protocol/invite.ts";
import { ChatFailure } from "../failure.ts";

/** Where a server is, and what an invite says besides. */
export interface Address {
  /** `quic`: raw QUIC and nothing else. */
  readonly scheme: "http" | "https" | "quic";
  /** As sockets want it: IPv6 without brackets. */
  readonly hostname: string;
  readonly port: number;
  /** `https://chat.example:4433`; always with what a URL shows of the port. */
  readonly origin: string;
  /** An invite's token. */
  readonly token: string | undefined;
  /** SHA-256 of the server key's SPKI, base64url. */
  readonly keyHash: string | undefined;
}

/** The port of `quic://` without one: the original's. */
const QUIC_PORT = 4433;

/** Reads `http(s)://host:port`, an invite link, or `quic://host:port`. Throws a `ChatFailure` (`bad-address`). */
export function addressOf(url: string | URL): Address {
  const text = String(url).trim();
  const quic = /^quic:\/\//i.test(text);
  // Schemes that browsers don't know are parsed as opaque: read as the one that has the same form.
  const parsed = parseInvite(quic ? `https${text.slice("quic".length)}` : text);
  if (!parsed.ok) throw ChatFailure.local("bad-address", `not the address of a server: ${parsed.says}`);
  const { origin, token, keyHash } = parsed.invite;
  const read = new URL(origin);
  const hostname = read.hostname.replace(/^\[(.*)\]$/, "$1");
  const scheme = quic ? "quic" : read.protocol === "https:" ? "https" : "http";
  const standard = { http: 80, https: 443, quic: QUIC_PORT }[scheme];
  // `https://host:443` shows no port, and as `quic://host:443` it has one.
  const port = read.port !== "" ? Number(read.port) : quic && /:443(\/|#|$)/.test(text) ? 443 : standard;
  return {
    scheme,
    hostname,
    port,
    origin: quic ? `quic://${read.hostname}:${port}` : origin,
    token,
    keyHash,
  };
}

/** Whether nobody else can be in between: names of this machine itself. */
export function isThisMachine(hostname: string): boolean {
  return /^(.+\.)?localhost$/.test(hostname) || /^127\.\d+\.\d+\.\d+$/.test(hostname) || hostname === "::1";
}
