import { type Clock, realClock } from "../../transport/clock.ts";
import type { Link } from "../../transport/link.ts";
import { dialWebSocket, type MakeWebSocket } from "../../transport/websocket/websocket-dial.ts";
import { dialWebTransport } from "../../transport/webtransport/webtransport-dial.ts";
import { type Address, isThisMachine } from "./address.ts";
import type { Dial, Network } from "./dial.ts";
import { DialRace } from "./dial-race.ts";
import { ChatFailure } from "../failure.ts";

/** Where WebTransport sessions and WebSockets are opened. */
const CHAT_PATH = "/quicchat/1";

export interface BrowserDialOptions {
  readonly clock?: Clock | undefined;
  /** For Node 20, which has no WebSocket of its own: the `ws` package's. */
  readonly makeWebSocket?: MakeWebSocket | undefined;
}

/** What `dial-browser` uses of the platform; a test hands in its own. */
export interface BrowserDialers {
  readonly hasWebTransport: boolean;
  readonly hasWebSocket: boolean;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly webTransport: typeof dialWebTransport;
  readonly webSocket: typeof dialWebSocket;
}

/**
 * Dials from a browser, or anything with its interfaces (Node): WebTransport, and a WebSocket where there is
 * none or UDP does not get through. The hashes of a self-signed certificate are asked for anew at each
 * attempt, since it is renewed every few days.
 */
export function browserDial(
  address: Address,
  options: BrowserDialOptions = {},
  dialers: BrowserDialers = platform(),
): Dial {
  if (address.scheme === "quic") {
    const says = `a browser can't open ${address.origin}: use the server's https:// or http:// address`;
    return () => Promise.reject(ChatFailure.local("bad-address", says));
  }
  const race = new DialRace(options.clock ?? realClock);
  const { makeWebSocket } = options;
  if (makeWebSocket === undefined && !dialers.hasWebSocket) {
    const says = "there is no WebSocket here: Node has one from 22 on; before, hand one in (makeWebSocket)";
    return () => Promise.reject(ChatFailure.local("unsupported", says));
  }
  const { origin } = address;
  const webSocket = (signal: AbortSignal) =>
    dialers.webSocket(
      origin + CHAT_PATH,
      makeWebSocket === undefined ? { signal } : { makeWebSocket, signal },
    );
  const webTransport = async (signal: AbortSignal): Promise<Link> => {
    const { certificateHashes, webTransport } = await discover(address, dialers.fetch, signal);
    return await dialers.webTransport(
      webTransport ?? webTransportUrl(address, certificateHashes !== null),
      certificateHashes === null ? { signal } : { certificateHashes, signal },
    );
  };
  return async ({ signal, onlyBetter = false }) => {
    if (!onlyBetter) {
      return await (dialers.hasWebTransport ? race.run(webTransport, webSocket, signal) : webSocket(signal));
    }
    if (!dialers.hasWebTransport) throw ChatFailure.local("unsupported", "there is no WebTransport here");
    return await race.better(webTransport, signal);
  };
}

/** The browser's word on whether there is a network; none is needed to reach one's own machine. */
export function browserNetwork(address: Address): Network | undefined {
  if (isThisMachine(address.hostname) || typeof addEventListener !== "function") return undefined;
  if (typeof navigator === "undefined" || typeof navigator.onLine !== "boolean") return undefined;
  return {
    get online() {
      return navigator.onLine;
    },
    subscribe(f) {
      addEventListener("online", f);
      addEventListener("offline", f);
      return () => {
        removeEventListener("online", f);
        removeEventListener("offline", f);
      };
    },
  };
}

function platform(): BrowserDialers {
  return {
    hasWebTransport: "WebTransport" in globalThis,
    hasWebSocket: "WebSocket" in globalThis,
    fetch: (url, init) => fetch(url, init),
    webTransport: dialWebTransport,
    webSocket: dialWebSocket,
  };
}

/** WebTransport knows https only, also where the page itself came by http. */
function webTransportUrl({ hostname, port }: Address, isPinned: boolean): string {
  // A server of this machine listens on IPv4, and browsers take `localhost` for ::1 first: over TCP they try
  // both, for WebTransport only one. A certificate that is known by its hash may have any name.
  const name = isPinned && /(^|\.)localhost$/.test(hostname) ? "127.0.0.1" : hostname;
  return `https://${name.includes(":") ? `[${name}]` : name}:${port}${CHAT_PATH}`;
}

/** What a server's discovery says that a browser needs to know (docs/protocol.md, Discovery). */
interface Discovered {
  /** Null where the certificate is one that browsers trust by themselves. */
  readonly certificateHashes: Uint8Array<ArrayBuffer>[] | null;
  /** Where WebTransport sessions are opened, if elsewhere. */
  readonly webTransport: string | null;
}

async function discover(
  { origin }: Address,
  get: BrowserDialers["fetch"],
  signal: AbortSignal,
): Promise<Discovered> {
  const url = `${origin}/.well-known/quicchat`;
  const response = await get(url, { signal, cache: "no-store" });
  if (!response.ok) throw new Error(`${url} answers ${response.status}: is there a quicchat server?`);
  const said: unknown = await response.json();
  const hashes = hexHashesIn(said);
  return {
    certificateHashes: hashes.length === 0 ? null : hashes.map(bytesOf),
    webTransport: typeof said === "object" && said !== null && "webTransport" in said &&
        typeof said.webTransport === "string"
      ? said.webTransport
      : null,
  };
}

function hexHashesIn(discovery: unknown): string[] {
  if (typeof discovery !== "object" || discovery === null || !("certificateHashes" in discovery)) return [];
  if (!Array.isArray(discovery.certificateHashes)) return [];
  return discovery.certificateHashes.flatMap((one: unknown) => {
    if (typeof one !== "object" || one === null || !("value" in one)) return [];
    return typeof one.value === "string" && /^[0-9a-f]{64}$/i.test(one.value) ? [one.value] : [];
  });
}

function bytesOf(hex: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: hex.length / 2 }, (_, at) => parseInt(hex.slice(at * 2, at * 2 + 2), 16));
}
