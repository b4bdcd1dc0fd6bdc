import type { Position } from "../protocol/position.ts";
import type { ServerPduOf } from "../protocol/server-pdu.ts";
import type { ChatFailure } from "./failure.ts";
import type { Receipt } from "./outbox/outbox.ts";
import type { RoomEvent } from "./room/timeline.ts";

/** What a conversation wants done, in order. */
export type ConversationEffect =
  | { readonly do: "say"; readonly bytes: Uint8Array }
  | { readonly do: "welcome"; readonly welcome: ServerPduOf<"CHAT_WELCOME">; readonly roundTripMs: number }
  | { readonly do: "round-trip"; readonly ms: number }
  /** `position`: what follows comes after it. `reset`: what one has of the room is not to be gone on from. */
  | {
    readonly do: "joined";
    readonly room: string;
    readonly result: "complete" | "reset";
    readonly position: Position;
    /** What the room is about, as of the newest offset. */
    readonly topic: { readonly text: string; readonly head: number };
  }
  | { readonly do: "room-refused"; readonly room: string; readonly failure: ChatFailure }
  /** The next event of a room. `bytes` of the stream are to be confirmed by `consumed` when it is read. */
  | { readonly do: "event"; readonly event: RoomEvent; readonly bytes: number }
  | { readonly do: "presence"; readonly pdu: ServerPduOf<"CHAT_PRESENCE"> }
  | { readonly do: "typing"; readonly pdu: ServerPduOf<"CHAT_TYPING">; readonly room: string }
  | { readonly do: "receipt"; readonly seq: number; readonly receipt: Receipt }
  | {
    readonly do: "refusal";
    readonly seq: number;
    readonly failure: ChatFailure;
    readonly retryMs: number | undefined;
  }
  | {
    readonly do: "answer";
    readonly pdu: ServerPduOf<"CHAT_PAGE" | "CHAT_ROOMS" | "CHAT_WHO" | "CHAT_FOUND">;
  }
  | {
    readonly do: "request-refused";
    readonly ack: number;
    readonly failure: ChatFailure;
    readonly retryMs: number | undefined;
  }
  /** Something that nobody waits for, for whoever looks for a fault. */
  | { readonly do: "notice"; readonly says: string }
  /** The session is over; nothing more comes of this conversation. `failure` is what the server said. */
  | {
    readonly do: "end";
    readonly because: string;
    readonly failure: ChatFailure | null;
    readonly retryMs: number | undefined;
  };
