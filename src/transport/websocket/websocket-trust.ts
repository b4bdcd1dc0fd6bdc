import type { MakeWebSocket } from "./websocket-dial.ts";

/** For `dialWebSocket` in Deno: trusts these certificates (PEM) besides the system's; a self-signed leaf works
 * as long as its name is the URL's. */
export function trustingWebSocket(caCerts: readonly string[]): MakeWebSocket {
  return (url, protocol) => {
    const client = Deno.createHttpClient({ caCerts: [...caCerts] });
    // Deno's own second argument, which the DOM's types don't have.
    const socket: WebSocket = Reflect.construct(WebSocket, [url, { protocols: [protocol], client }]);
    socket.addEventListener("close", () => client.close(), { once: true });
    return socket;
  };
}
