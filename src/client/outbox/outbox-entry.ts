import type { EventPdu } from "../../protocol/client-pdu.ts";
import { encodePdu } from "../../protocol/wire.ts";
import { LIMITS } from "../../protocol/limits.ts";
import { utf8BytesAtMost } from "../../protocol/words.ts";
import { checkClientPdu } from "../../protocol/client-pdu.ts";
import { ChatFailure } from "../failure.ts";

/** `Omit` for each member of a union by itself. */
type Without<P, K extends PropertyKey> = P extends unknown ? Omit<P, K> : never;

/** What is to be said, before it has a number and a time. */
export type Draft = Without<EventPdu, "seq" | "ts" | "sender" | "room"> & { readonly room: string };

/** One numbered event as an outbox keeps it, also on disk: plain JSON. */
export interface OutboxEntry {
  /** Its number among all events of this device. Never given to another event. */
  readonly seq: number;
  /** When its author said it, in milliseconds since the epoch by this device's clock. */
  readonly queuedAtMs: number;
  readonly draft: Draft;
}

/** The PDU that carries an entry. */
export function eventPduOf(entry: OutboxEntry): EventPdu {
  return { ...entry.draft, seq: entry.seq, ts: entry.queuedAtMs / 1000 } as EventPdu;
}

/**
 * Throws a `ChatFailure` for what no server may take, before it gets a number: one PDU too large would make
 * the server end the session each time it is sent.
 */
export function assertSayable(draft: Draft): void {
  const pdu = { ...draft, seq: Number.MAX_SAFE_INTEGER, ts: Number.MAX_SAFE_INTEGER / 1000 };
  const checked = checkClientPdu(pdu);
  if (!checked.ok) throw ChatFailure.of("invalid", checked.says);
  if ("text" in draft && !utf8BytesAtMost(draft.text, LIMITS.textBytesMax)) {
    throw ChatFailure.of("text-too-large");
  }
  if (encodePdu(pdu, "quicchat/1").length > LIMITS.pduBytesMax) throw ChatFailure.of("pdu-too-large");
}

/** Whether a value that was read back from a store is an entry. */
export function isOutboxEntry(value: unknown): value is OutboxEntry {
  if (typeof value !== "object" || value === null) return false;
  const { seq, queuedAtMs, draft } = value as Partial<Record<keyof OutboxEntry, unknown>>;
  if (typeof seq !== "number" || !Number.isSafeInteger(seq) || seq < 1) return false;
  if (typeof queuedAtMs !== "number" || !Number.isFinite(queuedAtMs)) return false;
  // What is no object has no fields, and so no type.
  const checked = checkClientPdu({ ...(draft as object), seq, ts: 0 });
  return checked.ok && "room" in checked.pdu;
}
