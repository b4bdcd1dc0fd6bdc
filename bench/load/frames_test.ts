import assert from "node:assert/strict";
import { takeLines } from "./irc-lines.ts";
import {
  connectPacket,
  type Packet,
  payloadOf,
  PUBLISH,
  publishPacket,
  SUBACK,
  subscribePacket,
  takePackets,
} from "./mqtt-packets.ts";
import { takeNats } from "./nats-messages.ts";
import { encodeFrame, takeFrames } from "./websocket-frames.ts";
import { Bodies } from "./xmpp-bodies.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** What is found when the bytes come in pieces of every size, as `Tcp` gives them: what is not taken comes again. */
function inPieces(bytes: Uint8Array, take: (bytes: Uint8Array, found: string[]) => number): string[] {
  const whole: string[] = [];
  assert.equal(take(bytes, whole), bytes.length);
  for (let size = 1; size < bytes.length; size++) {
    const found: string[] = [];
    let rest = new Uint8Array(0);
    for (let at = 0; at < bytes.length; at += size) {
      const piece = Uint8Array.of(...rest, ...bytes.subarray(at, at + size));
      rest = piece.slice(take(piece, found));
    }
    assert.deepEqual(found, whole, `in pieces of ${size}`);
    assert.equal(rest.length, 0);
  }
  return whole;
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

Deno.test("MQTT: what is sent is as the standard has it", () => {
  assert.deepEqual(
    connectPacket("m1"),
    Uint8Array.of(0x10, 14, 0, 4, 77, 81, 84, 84, 4, 2, 0, 0, 0, 2, 109, 49),
  );
  assert.deepEqual(subscribePacket(1, ["a"]), Uint8Array.of(0x82, 6, 0, 1, 0, 1, 97, 0));
  assert.deepEqual(publishPacket("a", "hi"), Uint8Array.of(0x30, 5, 0, 1, 97, 104, 105));
  // 128 bytes and more need a second byte of length, the lower seven bits first.
  assert.deepEqual(publishPacket("a", "x".repeat(200)).subarray(0, 3), Uint8Array.of(0x30, 0xcb, 0x01));
});

Deno.test("MQTT: packets are taken whole, however they come", () => {
  const bytes = joined(
    Uint8Array.of(0x90, 3, 0, 1, 0),
    publishPacket("room", "x".repeat(150)),
    publishPacket("room", "hi"),
  );
  const says = (packet: Packet) =>
    packet.kind === PUBLISH ? decoder.decode(payloadOf(packet)) : `${packet.kind}`;
  assert.deepEqual(
    inPieces(bytes, (piece, found) => takePackets(piece, (packet) => void found.push(says(packet)))),
    [`${SUBACK}`, "x".repeat(150), "hi"],
  );
  assert.throws(() => takePackets(Uint8Array.of(0x30, 255, 255, 255, 255, 1), () => {}), RangeError);
});

Deno.test("NATS: messages with and without a reply subject, and lines between them", () => {
  const bytes = encoder.encode(
    "INFO {}\r\nMSG rooms.a 12 5\r\nM\r\n 1\r\nPING\r\nMSG rooms.b 1 _R.m1 0\r\n\r\nPONG\r\n",
  );
  assert.deepEqual(
    inPieces(bytes, (piece, found) =>
      takeNats(piece, {
        message: (subject, payload) =>
          void found.push(`${decoder.decode(subject)}=${decoder.decode(payload)}`),
        line: (text) => void found.push(text),
      })),
    ["INFO {}", "rooms.a=M\r\n 1", "PING", "rooms.b=", "PONG"],
  );
});

Deno.test("IRC: what is said, and every other line", () => {
  const bytes = encoder.encode(
    "PING :1\r\n:m1!m1@host PRIVMSG #a :7 8 :x\r\n:m2!m2@host JOIN :#a\r\n:irc.bench 366 m2 #a :End\r\n",
  );
  assert.deepEqual(
    inPieces(
      bytes,
      (piece, found) =>
        takeLines(piece, {
          message: (text) => void found.push(text()),
          line: (line) => void found.push(line),
        }),
    ),
    ["PING :1", "7 8 :x", ":m2!m2@host JOIN :#a", ":irc.bench 366 m2 #a :End"],
  );
});

Deno.test("WebSocket: short and long frames of a server, and a client's is masked", () => {
  const long = encoder.encode("y".repeat(300));
  const bytes = joined(
    Uint8Array.of(0x81, 2, 104, 105),
    Uint8Array.of(0x81, 126, 300 >> 8, 300 & 0xff),
    long,
    Uint8Array.of(0x81, 127, 0, 0, 0, 0, 0, 0, 0, 1, 122),
  );
  assert.deepEqual(
    inPieces(
      bytes,
      (piece, found) => takeFrames(piece, ({ payload }) => void found.push(decoder.decode(payload))),
    ),
    ["hi", "y".repeat(300), "z"],
  );
  assert.deepEqual(encodeFrame(encoder.encode("hi")), Uint8Array.of(0x81, 0x82, 0, 0, 0, 0, 104, 105));
  assert.deepEqual(encodeFrame(long).subarray(0, 8), Uint8Array.of(0x81, 0xfe, 1, 44, 0, 0, 0, 0));
});

Deno.test("XMPP: bodies are found, presence is passed over, however the stream is cut", () => {
  const stream = "<presence from='a'/><message><body>one</body></message><presence/>" +
    "<message><subject/></message><message><body>two</body><delay/></message>";
  for (let size = 1; size <= stream.length; size++) {
    const bodies = new Bodies();
    const found: string[] = [];
    for (let at = 0; at < stream.length; at += size) {
      bodies.take(stream.slice(at, at + size), (body) => void found.push(body()));
    }
    assert.deepEqual(found, ["one", "two"], `in pieces of ${size}`);
  }
});
