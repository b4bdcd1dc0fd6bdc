/**
 * The page of a server that is elsewhere, for a browser of this machine: plain HTTP on loopback, where browsers
 * warn of no certificate. The page itself is the one that this program brings along; it opens WebTransport at
 * the server directly, whose certificate's hash it asks for here, and WebSockets by way of here.
 *
 * Others on this machine may reach the port too. What they need is a cookie, which whoever opens the first
 * address gets, once: an address is seen by everybody in the list of processes, a cookie is not.
 */
import { timingSafeEqual } from "node:crypto";
import type { Dial } from "../client/dial/dial.ts";
import { saysOf } from "../client/failure.ts";
import { CHAT_PATH } from "../server/http/http.ts";
import { pathOf } from "../server/http/origin.ts";
import { pageAnswer, type PageFiles } from "../server/http/page-files.ts";
import type { Link } from "../transport/link.ts";
import { acceptWebSocket } from "../transport/websocket/websocket-accept.ts";

export interface PageProxyOptions {
  readonly page: PageFiles;
  /** Tried first; any other where it is taken. A browser keeps what it keeps by host and port. */
  readonly port: number;
  /** Where the page opens WebTransport: the server's `https` origin. */
  readonly webTransportOrigin: string;
  /** What of the server's certificate the browser is to trust, asked anew each time; null: as it does anyway. */
  readonly certificateHash: (signal: AbortSignal) => Promise<Uint8Array | null>;
  /** To the server, by WebSocket: its bytes are passed on. */
  readonly dial: Dial;
  /** Query and fragment that the page is opened with. */
  readonly wishes: string;
}

export interface PageProxy {
  /** What to open. Good for one time. */
  readonly address: string;
  close(): Promise<void>;
}

const HOST = "127.0.0.1";
/** A server that can't be reached in this time is told as such to the page, which tries again by itself. */
const DIAL_MS = 10_000;

export function openPageProxy(options: PageProxyOptions): PageProxy {
  const [opening, cookie] = [secret(), secret()];
  let isOpened = false;
  const server = listen(options.port, (request) => answer(request));
  const { port } = server.addr;
  const origin = `http://${HOST}:${port}`;
  const cookieName = `quicchat-${port}`;
  return { address: `${origin}/open/${opening}`, close: () => server.shutdown() };

  async function answer(request: Request): Promise<Response> {
    // A name that somebody lets resolve to 127.0.0.1 is not ours (DNS rebinding).
    if (request.headers.get("host") !== `${HOST}:${port}`) return plain(421, "this is for its own machine");
    if (request.method !== "GET" && request.method !== "HEAD") return plain(405, "only GET and HEAD");
    const [path = "/"] = pathOf(request.url).split("?");
    if (path.startsWith("/open/")) return open(request, path.slice("/open/".length));
    if (path === "/.well-known/quicchat" || path === CHAT_PATH) {
      if (!isKnown(request)) return plain(403, "open the address that quicchat gui printed");
      return path === CHAT_PATH ? await connect(request) : await discovery();
    }
    return pageAnswer(options.page, path, request, [options.webTransportOrigin]) ??
      plain(404, "there is nothing here");
  }

  function open(request: Request, shown: string): Response {
    if (request.method !== "GET" || !isSame(shown, opening)) return plain(404, "there is nothing here");
    if (isOpened) return plain(403, "this address was opened before: start quicchat gui again for a new one");
    isOpened = true;
    return new Response(null, {
      status: 303,
      headers: {
        ...HEADERS,
        "location": `/${options.wishes}`,
        "set-cookie": `${cookieName}=${cookie}; HttpOnly; SameSite=Strict; Path=/`,
      },
    });
  }

  function isKnown(request: Request): boolean {
    const cookies = (request.headers.get("cookie") ?? "").split(";").map((one) => one.trim());
    return cookies.some((one) => isSame(one, `${cookieName}=${cookie}`));
  }

  async function discovery(): Promise<Response> {
    try {
      const hash = await options.certificateHash(AbortSignal.timeout(DIAL_MS));
      const certificateHashes = hash === null ? [] : [{ algorithm: "sha-256", value: hash.toHex() }];
      const webTransport = options.webTransportOrigin + CHAT_PATH;
      return Response.json({ certificateHashes, webTransport }, { headers: HEADERS });
    } catch (thrown) {
      return plain(502, saysOf(thrown));
    }
  }

  async function connect(request: Request): Promise<Response> {
    if (request.headers.get("upgrade")?.toLowerCase() !== "websocket" || request.method !== "GET") {
      return plain(426, "this is where WebSockets are opened");
    }
    if (request.headers.get("origin") !== origin) {
      return plain(403, "pages of other sites may not join from here");
    }
    let upstream: Link;
    try {
      upstream = await options.dial({ signal: AbortSignal.timeout(DIAL_MS), attempt: 1 });
    } catch (thrown) {
      return plain(502, saysOf(thrown));
    }
    const { response, link } = acceptWebSocket(request, { remote: HOST });
    carry(link, upstream);
    carry(upstream, link);
    return response;
  }
}

/** The end of one is the end of the other. No more is under way than the page's window allows the server. */
function carry(from: Link, to: Link): void {
  from.open({
    bytes: (chunk) => to.push(chunk),
    datagram() {},
    closed: () => to.close(),
  });
}

function listen(
  port: number,
  answer: (request: Request) => Promise<Response>,
): Deno.HttpServer<Deno.NetAddr> {
  const at = (port: number) => Deno.serve({ hostname: HOST, port, onListen: () => {} }, answer);
  try {
    return at(port);
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    return at(0);
  }
}

/** 128 bits that nobody guesses. */
function secret(): string {
  return crypto.getRandomValues(new Uint8Array(16)).toHex();
}

function isSame(a: string, b: string): boolean {
  const [one, other] = [new TextEncoder().encode(a), new TextEncoder().encode(b)];
  return one.length === other.length && timingSafeEqual(one, other);
}

const HEADERS = {
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cache-control": "no-store",
} as const;

function plain(status: number, line: string): Response {
  return new Response(`${line}\n`, {
    status,
    headers: { ...HEADERS, "content-type": "text/plain; charset=utf-8" },
  });
}
