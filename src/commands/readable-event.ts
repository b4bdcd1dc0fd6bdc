import type { ServerEventPdu } from "../protocol/server-pdu.ts";
import { shown, timeOfDay } from "./shown.ts";

/** An event as one line for a person; `#12` is its number in the room. */
export function readableEvent(pdu: ServerEventPdu): string {
  switch (pdu.type) {
    case "CHAT_MESSAGE": {
      const reply = pdu.replyTo === undefined ? "" : ` (to #${pdu.replyTo})`;
      const offset = pdu.offset === undefined ? "" : `#${pdu.offset} `;
      return `${timeOfDay(pdu.ts)} ${offset}${shown(pdu.sender)}${reply}: ${shown(pdu.text)}`;
    }
    case "CHAT_EDIT":
      return `${timeOfDay(pdu.ts)} #${pdu.offset} ${shown(pdu.sender)} changed #${pdu.target}: ${
        shown(pdu.text)
      }`;
    case "CHAT_DELETE":
      return `${timeOfDay(pdu.ts)} #${pdu.offset} ${shown(pdu.sender)} deleted #${pdu.target}`;
    case "CHAT_TOPIC":
      return `${timeOfDay(pdu.ts)} #${pdu.offset} ${shown(pdu.sender)} ${
        pdu.text === "" ? "took the topic away" : `set the topic: ${shown(pdu.text)}`
      }`;
    case "CHAT_REACT": {
      const did = pdu.on ? "reacted to" : "took back a reaction to";
      return `${timeOfDay(pdu.ts)} #${pdu.offset} ${shown(pdu.sender)} ${did} #${pdu.target}: ${
        shown(pdu.reaction)
      }`;
    }
  }
}
