import type { Link } from "../link.ts";
import type { LinkTuning } from "../stream-link.ts";
import { WEBSOCKET_PROTOCOL, WebSocketLink } from "./websocket-link.ts";

/** Makes a WebSocket of the DOM's kind. */
export type MakeWebSocket = (url: string, protocol: string) => WebSocket;

export interface WebSocketDialOptions {
  /** For a platform without its own (Node 20: the `ws` package), or one that needs to be told more
   * (`trustingWebSocket`). */
  readonly makeWebSocket?: MakeWebSocket;
  readonly signal?: AbortSignal;
  readonly tuning?: LinkTuning;
}

/**
 * Connects by a WebSocket, for networks that block UDP: browsers, Deno, Node. Takes `ws:`, `wss:`, `http:` and
 * `https:` URLs. Rejects when the server can't be reached or is not trusted (a browser does not say which);
 * with the signal's reason when that is aborted.
 */
export function dialWebSocket(url: string | URL, options: WebSocketDialOptions = {}): Promise<Link> {
  const { signal } = options;
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const target = new URL(url);
    // The schemes http and https are newer here than some of the platforms.
    target.protocol = target.protocol.replace("http", "ws");
    const socket = options.makeWebSocket?.(target.href, WEBSOCKET_PROTOCOL) ??
      new WebSocket(target.href, WEBSOCKET_PROTOCOL);
    const aborted = () => {
      settle();
      socket.close();
      reject(signal?.reason);
    };
    const opened = () => {
      settle();
      // Made within the event, so that no message is missed.
      resolve(new WebSocketLink(socket, target.host, options.tuning ?? {}));
    };
    const failed = (event: Event) => {
      event.preventDefault();
      settle();
      const why = "message" in event && typeof event.message === "string" ? `: ${event.message}` : "";
      reject(new Error(`no WebSocket to ${target.origin}${why}`));
    };
    const settle = () => {
      signal?.removeEventListener("abort", aborted);
      socket.removeEventListener("open", opened);
      socket.removeEventListener("error", failed);
      socket.removeEventListener("close", failed);
    };
    signal?.addEventListener("abort", aborted, { once: true });
    socket.addEventListener("open", opened);
    socket.addEventListener("error", failed);
    socket.addEventListener("close", failed);
  });
}
