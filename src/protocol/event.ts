/** An event of a room's log, and how the wire tells it (docs/protocol.md, Events). */
import type { EventPdu, EventType } from "./client-pdu.ts";
import type { ServerEventPdu } from "./server-pdu.ts";

/** What a log keeps of one event. `body` is the JSON object of the fields that only this kind has
 * (`text`, `reaction`, `on`); a log passes it on unread. */
export interface LoggedEvent {
  readonly room: string;
  /** 1, 2, 3 … in its room, without holes. */
  readonly offset: number;
  /** Milliseconds since the epoch on the server's clock, when it took the event. */
  readonly tsMs: number;
  readonly type: EventType;
  readonly seq: number;
  readonly sender: string;
  readonly author: string;
  /** The offset that it edits, deletes, reacts or replies to. */
  readonly target: number | null;
  readonly body: string;
}

/** The fields of an event PDU that its kind alone has, as the log's `body`. */
export function bodyOf(pdu: EventPdu): string {
  switch (pdu.type) {
    case "CHAT_MESSAGE":
    case "CHAT_EDIT":
    case "CHAT_TOPIC":
      return JSON.stringify({ text: pdu.text });
    case "CHAT_DELETE":
      return "{}";
    case "CHAT_REACT":
      return JSON.stringify({ reaction: pdu.reaction, on: pdu.on });
  }
}

/** What a room is about since this event of kind CHAT_TOPIC; "" where the body has no text. */
export function topicIn({ body }: Pick<LoggedEvent, "body">): string {
  const { text }: { text?: unknown } = JSON.parse(body);
  return typeof text === "string" ? text : "";
}

/** The event that this one speaks of, if any. */
export function targetOf(pdu: EventPdu): number | null {
  if (pdu.type === "CHAT_TOPIC") return null;
  return pdu.type === "CHAT_MESSAGE" ? pdu.replyTo ?? null : pdu.target;
}

/** One line of quicchat/1 for an event, spliced from parts: `body` is JSON already and is not parsed. */
export function lineOf(event: LoggedEvent): string {
  const target = event.target === null
    ? ""
    : event.type === "CHAT_MESSAGE"
    ? `,"replyTo":${event.target}`
    : `,"target":${event.target}`;
  const body = event.body === "{}" ? "" : "," + event.body.slice(1, -1);
  return `{"type":"${event.type}","seq":${event.seq},"ts":${event.tsMs / 1000},"room":${
    JSON.stringify(event.room)
  },"offset":${event.offset},"sender":${
    JSON.stringify(event.sender)
  },"author":"${event.author}"${target}${body}}\n`;
}

/** The same event as a PDU, for pages of history. */
export function pduOf(event: LoggedEvent): ServerEventPdu {
  return JSON.parse(lineOf(event)) as ServerEventPdu;
}
