/** A member at `../systems/ws-server.mjs`: JSON in text frames. */
import type { Wire } from "./voice.ts";
import { dialWebSocket } from "./websocket-frames.ts";

/** Where a message's type tells itself: {"type":"m… */
const KIND_AT = 9;
const MESSAGE = "m".charCodeAt(0);
const decoder = new TextDecoder();

export const wsWire: Wire = {
  hasReceipts: false,
  hasEcho: true,
  async join({ hostname, port, name, rooms }, ears) {
    const joined = Promise.withResolvers<void>();
    const line = await dialWebSocket({
      hostname,
      port,
      path: "/",
      onText: (payload) => {
        if (payload[KIND_AT] === MESSAGE) ears.message(() => JSON.parse(decoder.decode(payload)).text);
        else joined.resolve();
      },
      onLost: (says) => {
        joined.reject(new Error(says));
        ears.lost(says);
      },
    });
    line.sendText(JSON.stringify({ type: "join", name, rooms }));
    await joined.promise;
    return {
      say: (number, text) =>
        line.sendText(JSON.stringify({ type: "say", room: rooms[number % rooms.length], text })),
      leave: () => line.close(),
    };
  },
};
