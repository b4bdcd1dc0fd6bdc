/** WebSocket (RFC 6455) as far as a member needs it: short frames that are not split. */
import { Tcp } from "./tcp.ts";

const FIN = 0x80;
const MASKED = 0x80;
const TEXT = 1;
const PING = 9;
const PONG = 10;
/** Lengths from here on are told in two more bytes, or in eight. */
const LENGTH_16 = 126;
const LENGTH_64 = 127;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A client's frame. Masked with zeros, which leaves the payload as it is and which every server takes. */
export function encodeFrame(payload: Uint8Array, opcode = TEXT): Uint8Array {
  const isLong = payload.length >= LENGTH_16;
  if (payload.length > 0xffff) {
    throw new RangeError(`a member says at most 65535 bytes, not ${payload.length}`);
  }
  const head = isLong ? 8 : 6;
  const frame = new Uint8Array(head + payload.length);
  frame[0] = FIN | opcode;
  frame[1] = MASKED | (isLong ? LENGTH_16 : payload.length);
  if (isLong) new DataView(frame.buffer).setUint16(2, payload.length);
  frame.set(payload, head);
  return frame;
}

export interface Frame {
  readonly opcode: number;
  readonly payload: Uint8Array;
}

/** Gives each whole frame of a server; returns the bytes that they took. */
export function takeFrames(bytes: Uint8Array, each: (frame: Frame) => void): number {
  let at = 0;
  for (;;) {
    let length = (bytes[at + 1] ?? 0) & 0x7f;
    let start = at + 2;
    if (length >= LENGTH_16) {
      start = at + (length === LENGTH_64 ? 10 : 4);
      if (bytes.length < start) return at;
      // A length that needs the upper four of the eight bytes is none of a chat.
      const view = new DataView(bytes.buffer, bytes.byteOffset + start - 4, 4);
      length = length === LENGTH_64 ? view.getUint32(0) : view.getUint16(2);
    }
    if (bytes.length < start + length) return at;
    each({ opcode: (bytes[at] ?? 0) & 0x0f, payload: bytes.subarray(start, start + length) });
    at = start + length;
    if (at + 2 > bytes.length) return at;
  }
}

export interface WebSocketOptions {
  readonly hostname: string;
  readonly port: number;
  readonly path: string;
  /** Payload of a text frame. */
  readonly onText: (payload: Uint8Array) => void;
  readonly onLost: (says: string) => void;
}

export interface WebSocketLine {
  sendText(text: string): void;
  close(): void;
}

/** Resolves when the server has taken the upgrade. */
export async function dialWebSocket(options: WebSocketOptions): Promise<WebSocketLine> {
  const { hostname, port, path, onText, onLost } = options;
  const upgraded = Promise.withResolvers<void>();
  const tcp = await Tcp.dial(options, (says) => {
    upgraded.reject(new Error(says));
    onLost(says);
  });
  const onFrame = ({ opcode, payload }: Frame) => {
    if (opcode === TEXT) onText(payload);
    else if (opcode === PING) tcp.push(encodeFrame(payload, PONG));
  };
  let isUpgraded = false;
  tcp.listen((bytes) => {
    if (isUpgraded) return takeFrames(bytes, onFrame);
    const text = decoder.decode(bytes);
    const end = text.indexOf("\r\n\r\n");
    if (end < 0) return 0;
    if (!text.startsWith("HTTP/1.1 101")) {
      upgraded.reject(new Error(`the server does not upgrade: ${text.slice(0, text.indexOf("\r\n"))}`));
      return bytes.length;
    }
    isUpgraded = true;
    upgraded.resolve();
    const start = end + 4;
    return start + takeFrames(bytes.subarray(start), onFrame);
  });
  tcp.push(encoder.encode(
    `GET ${path} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      // Which key it is says nothing: it is there so that caches do not answer.
      "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n",
  ));
  await upgraded.promise;
  return { sendText: (text) => tcp.push(encodeFrame(encoder.encode(text))), close: () => tcp.close() };
}
