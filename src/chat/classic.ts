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
