import type { Link } from "../link.ts";
import type { LinkTuning } from "../stream-link.ts";
import { WEBSOCKET_PROTOCOL, WebSocketLink } from "./websocket-link.ts";

/** Silence after which a WebSocket's peer is pinged, and then gone; as QUIC's idle time. */
const IDLE_S = 15;

export interface WebSocketAcceptOptions {
  /** The client's address, for logs. */
  readonly remote: string;
  /** Called for each message that arrived whole: a WebSocket can't be told how long one may be. */
  readonly messageEnded?: () => void;
  /** Ends the connection under the WebSocket, whatever the peer does; called soon after the link's end. */
  readonly hangUp?: () => void;
  readonly tuning?: LinkTuning;
}

/**
 * Answers an HTTP request that wants to become a WebSocket; give the response to the HTTP server. The request's
 * Origin is the caller's to check before. Throws a `TypeError` when the request is not an upgrade.
 */
export function acceptWebSocket(
  request: Request,
  options: WebSocketAcceptOptions,
): { readonly response: Response; readonly link: Link } {
  const offered = (request.headers.get("sec-websocket-protocol") ?? "").split(",").map((name) => name.trim());
  const { response, socket } = Deno.upgradeWebSocket(request, {
    idleTimeout: IDLE_S,
    // Answering with what was not offered makes the client close.
    ...(offered.includes(WEBSOCKET_PROTOCOL) ? { protocol: WEBSOCKET_PROTOCOL } : {}),
  });
  const { remote, messageEnded, hangUp, tuning = {} } = options;
  if (messageEnded !== undefined) socket.addEventListener("message", messageEnded);
  return { response, link: new WebSocketLink(socket, remote, tuning, hangUp) };
}
