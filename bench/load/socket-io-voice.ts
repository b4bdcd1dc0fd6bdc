/** A member at `../systems/socket-io-server.mjs`: engine.io 4 over a WebSocket from the start, socket.io 5 in it. What is
 * said is acknowledged (`43`), what arrives is an event (`42`). */
import type { Wire } from "./voice.ts";
import { dialWebSocket } from "./websocket-frames.ts";

const MESSAGE = "4".charCodeAt(0);
const PING = "2".charCodeAt(0);
const CONNECTED = "0".charCodeAt(0);
const EVENT = "2".charCodeAt(0);
const ACK = "3".charCodeAt(0);
/** The join's acknowledgement; messages count from 1. */
const JOIN_ACK = 0;
const decoder = new TextDecoder();

export const socketIoWire: Wire = {
  hasReceipts: true,
  hasEcho: true,
  async join({ hostname, port, name, rooms }, ears) {
    const joined = Promise.withResolvers<void>();
    const line = await dialWebSocket({
      hostname,
      port,
      path: "/socket.io/?EIO=4&transport=websocket",
      onText: (payload) => {
        const [packet, kind] = payload;
        if (packet === PING) line.sendText("3");
        if (packet !== MESSAGE) return;
        if (kind === EVENT) ears.message(() => textOf(payload));
        else if (kind === ACK) acknowledged(Number.parseInt(decoder.decode(payload.subarray(2))));
        else if (kind === CONNECTED) {
          line.sendText(`42${JOIN_ACK}${JSON.stringify(["join", { name, rooms }])}`);
        } else joined.reject(new Error(`the server refused: ${decoder.decode(payload)}`));
      },
      onLost: (says) => {
        joined.reject(new Error(says));
        ears.lost(says);
      },
    });
    const acknowledged = (number: number) => {
      if (number === JOIN_ACK) joined.resolve();
      else ears.receipt(number);
    };
    line.sendText("40");
    await joined.promise;
    return {
      say: (number, text) =>
        line.sendText(`42${number}${JSON.stringify(["say", { room: rooms[number % rooms.length], text }])}`),
      leave: () => line.close(),
    };
  },
};

/** 42["message",{…}] */
function textOf(payload: Uint8Array): string {
  return JSON.parse(decoder.decode(payload.subarray(2)))[1].text;
}
