import { type FailureName, FAILURES } from "../protocol/failures.ts";
import type { ServerPdu } from "../protocol/server-pdu.ts";
import { encodePdu } from "../protocol/wire.ts";
import { classicOf } from "./classic.ts";
import type { Effects } from "./effect.ts";
import type { Cursor, Reader } from "./reader.ts";

/** What a failure is about. */
export interface About {
  /** The PDU that failed. */
  readonly seq?: number | undefined;
  readonly room?: string | undefined;
  /** More exact than the table's sentence; must not quote what the client said. */
  readonly says?: string | undefined;
  readonly retryMs?: number | undefined;
}

/** How the rules speak to a reader. */
export class Voice {
  /** How often each failure was told, for whoever watches. */
  readonly failures = new Map<FailureName, number>();

  /** How far the calendar is ahead of the time that the rules are told. */
  #calendarAheadMs = 0;

  /** `stamp`: what an event is dated, given the calendar's milliseconds. */
  constructor(readonly effects: Effects, readonly stamp: (dateMs: number) => number = (dateMs) => dateMs) {}

  setCalendar(aheadMs: number): void {
    this.#calendarAheadMs = aheadMs;
  }

  /** The date to write down, in whole milliseconds since the epoch. */
  dateMs(nowMs: number): number {
    return Math.round(nowMs + this.#calendarAheadMs);
  }

  /** Tells one session one PDU, in the words of its wire. */
  tell(reader: Reader, pdu: ServerPdu): void {
    const words = reader.wire === "chat/0" ? classicOf(pdu) : pdu;
    if (words !== null) this.tellBytes(reader, encodePdu(words, reader.wire));
  }

  tellBytes(reader: Reader, bytes: Uint8Array): void {
    reader.sentBytes += bytes.length;
    this.effects.add({ do: "tell", session: reader.id, bytes });
  }

  /** Tells what may be lost: as a datagram where there are any, else on the stream, but not to a reader that
   * is behind, for whom it would be old. */
  hint(reader: Reader, bytes: Uint8Array): void {
    if (reader.hasDatagrams && reader.wire !== "chat/0") {
      this.effects.add({ do: "hint", session: reader.id, bytes });
    } else if (reader.creditBytes > 0) {
      this.tellBytes(reader, bytes);
    }
  }

  /** Says what went wrong; the caller ends the session when the table says that it closes. */
  complain(reader: Reader, failure: FailureName, nowMs: number, about: About = {}): void {
    this.failures.set(failure, (this.failures.get(failure) ?? 0) + 1);
    const { code, says } = FAILURES[failure];
    this.tell(reader, {
      type: "CHAT_ERROR",
      seq: 0,
      ts: this.dateMs(nowMs) / 1000,
      code,
      msg: about.says === undefined ? says : `${says} (${about.says})`,
      failure,
      ...(about.seq === undefined ? {} : { ack: about.seq }),
      ...(about.room === undefined ? {} : { room: about.room }),
      ...(about.retryMs === undefined ? {} : { retryMs: about.retryMs }),
    });
  }

  /** Makes a cursor's session ready when the cursor has something to give. */
  wake(cursor: Cursor): void {
    if (!cursor.hasNews) return;
    cursor.reader.queue(cursor);
    this.signal(cursor.reader);
  }

  /** Tells the link that there is something to take, once until it has taken it all. */
  signal(reader: Reader): void {
    if (reader.isSignalled || reader.pending.length === 0 || reader.creditBytes <= 0) return;
    reader.isSignalled = true;
    this.effects.add({ do: "ready", session: reader.id });
  }
}
