/** What the golden files mean: every kind of PDU with its fields, in the files' order. The compiler demands
 * each kind. The files hold the bytes; a wire that changes must change both, on purpose. */
import type { ClientPduOf, ClientPduType } from "../../src/protocol/client-pdu.ts";
import type { ServerPduOf, ServerPduType } from "../../src/protocol/server-pdu.ts";

const ts = 1763853792.123;
const device = "00112233445566778899aabbccddeeff";
/** `authorOf(device)`. */
const author = "5947d7c33d783f94b3b4c1a9";
const epoch = "9f1c2b3a4d5e6f708192a3b4c5d6e7f8";
const room = "lobby";

/** quicchat/1, client to server. */
export const CLIENT: { [T in ClientPduType]: readonly ClientPduOf<T>[] } = {
  CHAT_HELLO: [
    { type: "CHAT_HELLO", seq: 0, ts, name: "Ann" },
    {
      type: "CHAT_HELLO",
      seq: 0,
      ts,
      name: "Žofie 👋",
      version: 1,
      device,
      token: "kJ8fPq2vTz5mW1xYb7RcNA",
      auth: { scheme: "none-yet" },
      window: 524288,
      rooms: [{ room, epoch, offset: 41, last: 200 }, { room: "gartenfest 🌻" }],
    },
    { type: "CHAT_HELLO", seq: 0, ts, name: "Ann", rooms: [] },
  ],
  CHAT_MESSAGE: [
    { type: "CHAT_MESSAGE", seq: 1, ts, room, text: "hello" },
    { type: "CHAT_MESSAGE", seq: 2, ts, text: "to the lobby" },
    {
      type: "CHAT_MESSAGE",
      seq: 3,
      ts,
      room,
      sender: "Ann",
      text: '"quotes", \\, {braces}\nand é€😀',
      replyTo: 7,
    },
  ],
  CHAT_EDIT: [{ type: "CHAT_EDIT", seq: 4, ts, room, target: 42, text: "hello, all" }],
  CHAT_DELETE: [{ type: "CHAT_DELETE", seq: 5, ts, room, target: 42 }],
  CHAT_REACT: [
    { type: "CHAT_REACT", seq: 6, ts, room, target: 41, reaction: "👍", on: true },
    { type: "CHAT_REACT", seq: 7, ts, room, target: 41, reaction: "👍", on: false },
  ],
  CHAT_TOPIC: [{ type: "CHAT_TOPIC", seq: 8, ts, room, text: "what we build" }],
  CHAT_TYPING: [{ type: "CHAT_TYPING", seq: 0, ts, room, status: true }],
  CHAT_JOIN: [
    { type: "CHAT_JOIN", seq: 1, ts, room: "gartenfest 🌻" },
    { type: "CHAT_JOIN", seq: 2, ts, room, epoch, offset: 41, last: 200 },
  ],
  CHAT_LEAVE: [{ type: "CHAT_LEAVE", seq: 3, ts, room }],
  CHAT_HISTORY: [
    { type: "CHAT_HISTORY", seq: 4, ts, room },
    { type: "CHAT_HISTORY", seq: 5, ts, room, before: 41, limit: 200 },
    { type: "CHAT_HISTORY", seq: 6, ts, room, after: 0, limit: 1 },
  ],
  CHAT_ROOMS: [
    { type: "CHAT_ROOMS", seq: 7, ts },
    { type: "CHAT_ROOMS", seq: 8, ts, after: "lobby" },
  ],
  CHAT_SEARCH: [
    { type: "CHAT_SEARCH", seq: 11, ts, query: 'cake "in the garden"' },
    { type: "CHAT_SEARCH", seq: 12, ts, query: "蛋糕", rooms: [room], before: 4242, limit: 50 },
  ],
  CHAT_WHO: [{ type: "CHAT_WHO", seq: 9, ts, room }],
  CHAT_CREDIT: [{ type: "CHAT_CREDIT", seq: 0, ts, bytes: 262144 }],
  CHAT_PING: [{ type: "CHAT_PING", seq: 10, ts }],
  CHAT_BYE: [
    { type: "CHAT_BYE", seq: 0, ts },
    { type: "CHAT_BYE", seq: 0, ts, reason: "page closed" },
  ],
};

const told = { ts, room, offset: 42, sender: "Ann", author };
const members = [{ name: "Ann", author }, { name: "Žofie 👋", author: "c2a1f0e9d8b7a6958473625f" }];

/** quicchat/1, server to client. */
export const SERVER: { [T in ServerPduType]: readonly ServerPduOf<T>[] } = {
  CHAT_WELCOME: [
    { type: "CHAT_WELCOME", seq: 1, ts, server: "QUICCHAT-server", version: 1, epoch, author },
    { type: "CHAT_WELCOME", seq: 1, ts, server: "QUICCHAT-server", version: 1, epoch, author, order: "time" },
  ],
  CHAT_JOINED: [
    { type: "CHAT_JOINED", seq: 0, ts, ack: 0, room, epoch, after: 41, head: 46, result: "complete" },
    {
      type: "CHAT_JOINED",
      seq: 0,
      ts,
      ack: 1,
      room,
      epoch,
      after: 41,
      head: 47,
      result: "complete",
      topic: "what we build",
    },
    { type: "CHAT_JOINED", seq: 0, ts, ack: 2, room, epoch, after: 0, head: 0, result: "reset" },
  ],
  CHAT_LEFT: [{ type: "CHAT_LEFT", seq: 0, ts, ack: 3, room }],
  CHAT_RECEIPT: [
    { type: "CHAT_RECEIPT", seq: 1, ts, ack: 1, room, epoch, offset: 42 },
    { type: "CHAT_RECEIPT", seq: 1, ts, ack: 1, room, epoch, offset: 42, duplicate: true },
  ],
  CHAT_MESSAGE: [
    { type: "CHAT_MESSAGE", seq: 1, ...told, text: "hello" },
    {
      type: "CHAT_MESSAGE",
      seq: 3,
      ...told,
      offset: 43,
      replyTo: 7,
      text: '"quotes", \\, {braces}\nand é€😀',
    },
  ],
  CHAT_EDIT: [{ type: "CHAT_EDIT", seq: 4, ...told, offset: 44, target: 42, text: "hello, all" }],
  CHAT_DELETE: [{ type: "CHAT_DELETE", seq: 5, ...told, offset: 45, target: 42 }],
  CHAT_REACT: [{ type: "CHAT_REACT", seq: 6, ...told, offset: 46, target: 41, reaction: "👍", on: true }],
  CHAT_TOPIC: [{ type: "CHAT_TOPIC", seq: 8, ...told, offset: 47, text: "what we build" }],
  CHAT_TYPING: [{ type: "CHAT_TYPING", seq: 0, ts, room, who: "Ann", author, status: true }],
  CHAT_PRESENCE: [
    { type: "CHAT_PRESENCE", seq: 0, ts, room, count: 2, members },
    { type: "CHAT_PRESENCE", seq: 0, ts, room, count: 2, came: members.slice(1), went: [] },
    { type: "CHAT_PRESENCE", seq: 0, ts, room, count: 2345 },
  ],
  CHAT_PAGE: [
    {
      type: "CHAT_PAGE",
      seq: 0,
      ts,
      ack: 5,
      room,
      epoch,
      head: 46,
      events: [
        { type: "CHAT_MESSAGE", seq: 1, ...told, text: "hello" },
        { type: "CHAT_DELETE", seq: 5, ...told, offset: 45, target: 42 },
      ],
    },
    { type: "CHAT_PAGE", seq: 0, ts, ack: 4, room: "empty", epoch, head: 0, events: [] },
    {
      type: "CHAT_PAGE",
      seq: 0,
      ts,
      ack: 6,
      room,
      epoch,
      head: 46,
      events: [{ type: "CHAT_MESSAGE", seq: 1, ...told, text: "hello" }],
      later: [
        { type: "CHAT_EDIT", seq: 4, ...told, offset: 44, target: 42, text: "hello, all" },
        { type: "CHAT_REACT", seq: 6, ...told, offset: 46, target: 42, reaction: "👍", on: true },
      ],
    },
  ],
  CHAT_ROOMS: [{
    type: "CHAT_ROOMS",
    seq: 7,
    ts,
    ack: 7,
    rooms: [{ room, head: 46, count: 2 }],
    complete: true,
  }],
  CHAT_WHO: [{ type: "CHAT_WHO", seq: 0, ts, ack: 9, room, count: 2, members }],
  CHAT_FOUND: [
    {
      type: "CHAT_FOUND",
      seq: 0,
      ts,
      ack: 11,
      found: [{ room, offset: 42, ts, sender: "Ann", author, text: "there is cake in the garden" }],
      next: 4242,
    },
    { type: "CHAT_FOUND", seq: 0, ts, ack: 12, found: [], next: 4_000, behind: true },
  ],
  CHAT_PONG: [{ type: "CHAT_PONG", seq: 0, ts, ack: 10 }],
  CHAT_ERROR: [
    {
      type: "CHAT_ERROR",
      seq: 0,
      ts,
      code: 429,
      msg: "too fast: wait, then send this and what followed it again",
      failure: "too-fast",
      ack: 8,
      room,
      retryMs: 120,
    },
    {
      type: "CHAT_ERROR",
      seq: 0,
      ts,
      code: 503,
      msg: "the server stops: reconnect later",
      failure: "going-away",
    },
  ],
  CHAT_BYE: [{ type: "CHAT_BYE", seq: 0, ts, reason: "the server stops: reconnect later" }],
};

/** chat/0: what an original peer writes, one write each, and what it means to us. The bytes are in
 * chat0.json under the same name: `json.dumps` of Python puts a space after `,` and `:` and escapes what is
 * not ASCII. */
export const ORIGINAL = {
  client: {
    hello: { type: "CHAT_HELLO", seq: 0, ts, name: "Ann" },
    message: { type: "CHAT_MESSAGE", seq: 1, ts, sender: "Ann", text: "hello, Žofie 😀 {}" },
    typing: { type: "CHAT_TYPING", seq: 0, ts, who: "Ann", status: true },
    bye: { type: "CHAT_BYE", seq: 0, ts, reason: "" },
    "an unknown type": { type: "unknown", seq: 5 },
    "an unknown field": { type: "CHAT_MESSAGE", seq: 2, ts, sender: "Ann", text: "hi" },
  },
  server: {
    welcome: { type: "CHAT_WELCOME", seq: 1, ts, server: "QUICCHAT-server" },
    receipt: { type: "CHAT_RECEIPT", seq: 1, ts, ack: 1 },
    message: { type: "CHAT_MESSAGE", seq: 1, ts, sender: "Ann", text: "hello, Žofie 😀 {}" },
    typing: { type: "CHAT_TYPING", seq: 0, ts, who: "Ann", status: true },
    error: { type: "CHAT_ERROR", seq: 0, ts, code: 409, msg: "duplicate seq" },
    bye: { type: "CHAT_BYE", seq: 0, ts, reason: "" },
  },
} as const;

/** chat/0 as our server writes it: the same PDUs, compact and in UTF-8. */
export const OURS_TO_ORIGINAL = {
  welcome: { type: "CHAT_WELCOME", seq: 1, ts, server: "QUICCHAT-server" },
  receipt: { type: "CHAT_RECEIPT", seq: 1, ts, ack: 1 },
  message: { type: "CHAT_MESSAGE", seq: 1, ts, sender: "Ann", text: "hello, Žofie 😀 {}" },
  typing: { type: "CHAT_TYPING", seq: 0, ts, who: "Ann", status: true },
  error: { type: "CHAT_ERROR", seq: 0, ts, code: 409, msg: "this seq was already used" },
  bye: { type: "CHAT_BYE", seq: 0, ts, reason: "the server stops: reconnect later" },
} as const;
