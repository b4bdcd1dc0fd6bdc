/**
 * The SDK of QUICChat, for browsers, Deno and Node:
 *
 *     const client = connect("http://localhost:4433", { name: "Ada" });
 *     const room = client.room("lobby", { last: 20 });
 *     for await (const event of room) {
 *       if (event.type === "CHAT_MESSAGE") console.log(`${event.sender}: ${event.text}`);
 *     }
 */
export { type Address, addressOf } from "./dial/address.ts";
export { Client } from "./client.ts";
export type { ClientOptions } from "./client-options.ts";
export type { SearchOptions, SearchResult } from "./questions.ts";
export type { RoomOptions } from "./room/room-options.ts";
export { connect, type ConnectOptions } from "./connect.ts";
export type { Dial, DialAttempt, Network } from "./dial/dial.ts";
export { browserDial, type BrowserDialOptions } from "./dial/dial-browser.ts";
export { ChatFailure, type ClientFailureName } from "./failure.ts";
export type { OutboxItem, OutboxState, Receipt } from "./outbox/outbox.ts";
export type { Draft, OutboxEntry } from "./outbox/outbox-entry.ts";
export type { OutboxView } from "./outbox/outbox-view.ts";
export type { HistoryOptions, HistoryPage, Room, RoomState } from "./room/room.ts";
export type { Members } from "./room/roster.ts";
export type { Status } from "./status.ts";
export type { OutboxContents, OutboxStore } from "./outbox/store.ts";
export { IndexedDbStore } from "./outbox/store-indexeddb.ts";
export { MemoryStore } from "./outbox/store-memory.ts";
export { type Clock, realClock } from "../transport/clock.ts";
export {
  amended,
  type Change,
  type Message,
  type ReactionCount,
  type RoomEvent,
  shownOrder,
  Timeline,
  type TimelineOrder,
  type TimelineSnapshot,
  type Topic,
} from "./room/timeline.ts";
export { Watchable, type Watched } from "./watched.ts";
