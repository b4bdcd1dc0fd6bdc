/**
 * Who may talk to this server from inside a browser. A page of any site may send requests to any address,
 * also to localhost, and open WebSockets there; the browser only says from where it came (RFC 6454). And a
 * site may let its own name resolve to 127.0.0.1 (DNS rebinding), which the Host header gives away. Pure.
 */
import { isLoopback } from "../share-address.ts";

export interface OriginRules {
  /** Whether the server listens on loopback only: then a Host that names another machine is a lie. */
  readonly loopbackOnly: boolean;
  /** Host names, without port, that this server has besides: behind a proxy on the same machine. */
  readonly hostNames?: readonly string[];
  /** Origins of pages on other hosts that may open WebSockets here: "https://chat.example.org". */
  readonly origins?: readonly string[];
}

/** Whether it is a host with an optional port, as the Host header has it (RFC 9110 §7.2). */
export function isHost(text: string): boolean {
  return /^(\[[0-9a-f:.]{2,45}\]|[a-z0-9_.-]{1,253})(:\d{1,5})?$/i.test(text);
}

/** The host that a request names, with its port; null where it names none properly. HTTP/2 has it in the
 * URL only. */
export function hostOf(request: Request): string | null {
  const host = request.headers.get("host") ?? /^[a-z]+:\/\/([^/?#]*)/i.exec(request.url)?.[1] ?? "";
  return isHost(host) ? host.toLowerCase() : null;
}

/** Path and query of a request's URL as the client sent them, beginning with "/". The URL may be no valid
 * one: it is pasted together of what the client said. */
export function pathOf(url: string): string {
  const path = /^[a-z]+:\/\/[^/?#]*([^#]*)/i.exec(url)?.[1] ?? "";
  return path.startsWith("/") ? path : `/${path}`;
}

/** Whether a request that names this host is meant for this server. */
export function isOurHost(host: string | null, rules: OriginRules): boolean {
  if (host === null) return false;
  if (!rules.loopbackOnly) return true;
  const name = nameOf(host);
  return isLoopback(name) || (rules.hostNames ?? []).some((ours) => ours.toLowerCase() === name);
}

/**
 * Whether a page of this origin may open a WebSocket to this host. No origin: no browser, welcome. The same
 * host and port: our own page. Behind a proxy that ends TLS, the page's scheme is https while ours is http;
 * the other way round, somebody on the network could have made the page up.
 */
export function isOurOrigin(
  origin: string | null,
  host: string | null,
  secure: boolean,
  rules: OriginRules,
): boolean {
  if (origin === null) return true;
  if (rules.origins?.includes(origin)) return true;
  let page: URL;
  try {
    page = new URL(origin);
  } catch {
    return false; // "null": a sandboxed frame, a file
  }
  if (host === null || (page.protocol !== "https:" && (secure || page.protocol !== "http:"))) return false;
  try {
    return page.origin === origin && page.host === new URL(`${page.protocol}//${host}`).host;
  } catch {
    return false; // a host with a port out of range
  }
}

function nameOf(host: string): string {
  return host.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1").toLowerCase();
}
