import type { ClientPdu } from "../protocol/client-pdu.ts";
import type { ServerPdu } from "../protocol/server-pdu.ts";

/** What a chat/0 peer is told in place of one of our PDUs: the original's fields and no others; null for
 * what the original has no word for (docs/protocol.md, chat/0). */
export function classicOf(pdu: ServerPdu): object | null {
  const { type, seq, ts } = pdu;
  switch (pdu.type) {
    case "CHAT_WELCOME":
      return { type, seq, ts, server: pdu.server };
    case "CHAT_MESSAGE":
      return { type, seq, ts, sender: pdu.sender, text: pdu.text };
    case "CHAT_RECEIPT":
      return { type, seq, ts, ack: pdu.ack };
    case "CHAT_TYPING":
      return { type, seq, ts, who: pdu.who, status: pdu.status };
    case "CHAT_ERROR":
      return { type, seq, ts, code: pdu.code, msg: pdu.msg };
    case "CHAT_BYE":
      return { type, seq, ts, reason: pdu.reason ?? "" };
    default:
      return null;
  }
}

/** What a chat/0 peer said, without the fields that only ours have: to the original they are unknown, and so
 * mean nothing. */
export function withoutOurs(pdu: ClientPdu): ClientPdu {
  switch (pdu.type) {
    case "CHAT_MESSAGE": {
      const { type, seq, ts, sender, text } = pdu;
      return { type, seq, ts, sender, text };
    }
    case "CHAT_TYPING": {
      const { type, seq, ts, who, status } = pdu;
      return { type, seq, ts, who, status };
    }
    case "CHAT_HELLO": {
      const { type, seq, ts, name } = pdu;
      return { type, seq, ts, name };
    }
    default:
      return pdu;
  }
}
