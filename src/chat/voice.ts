import { type FailureName, FAILURES } from "../protocol/failures.ts";
import type { ServerPdu } from "../protocol/server-pdu.ts";
import { encodePdu } from "../protocol/wire.ts";
import { classicOf } from "./classic.ts";
import type { Cursor } from "./cursor.ts";
import type { Effects } from "./effect.ts";
import type { Session } from "./session.ts";

/** What a failure is about. */
export interface About {
  /** The PDU that failed. */
  readonly seq?: number | undefined;
  readonly room?: string | undefined;
  /** More exact than the table's sentence; must not quote what the client said. */
  readonly says?: string | undefined;
  readonly retryMs?: number | undefined;
}

/** How the rules speak to a session. */
export class Voice {
  /** How often each failure was told, for whoever watches. */
  readonly failures = new Map<FailureName, number>();

  constructor(readonly effects: Effects) {}

  /** Tells one session one PDU, in the words of its wire. */
  tell(session: Session, pdu: ServerPdu): void {
    const words = session.wire === "chat/0" ? classicOf(pdu) : pdu;
    if (words !== null) this.tellBytes(session, encodePdu(words, session.wire));
  }

  tellBytes(session: Session, bytes: Uint8Array): void {
    session.sentBytes += bytes.length;
    this.effects.add({ do: "tell", session: session.id, bytes });
  }

  /** Tells what may be lost: as a datagram where there are any, else on the stream, but not to a reader that
   * is behind, for whom it would be old. */
  hint(session: Session, bytes: Uint8Array): void {
    if (session.hasDatagrams && session.wire !== "chat/0") {
      this.effects.add({ do: "hint", session: session.id, bytes });
    } else if (session.creditBytes > 0) {
      this.tellBytes(session, bytes);
    }
  }

  /** Says what went wrong; the caller ends the session when the table says that it closes. */
  complain(session: Session, failure: FailureName, nowMs: number, about: About = {}): void {
    this.failures.set(failure, (this.failures.get(failure) ?? 0) + 1);
    const { code, says } = FAILURES[failure];
    this.tell(session, {
      type: "CHAT_ERROR",
      seq: 0,
      ts: nowMs / 1000,
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
    cursor.session.queue(cursor);
    this.signal(cursor.session);
  }

  /** Tells the link that there is something to take, once until it has taken it all. */
  signal(session: Session): void {
    if (session.isSignalled || session.pending.length === 0 || session.creditBytes <= 0) return;
    session.isSignalled = true;
    this.effects.add({ do: "ready", session: session.id });
  }
}
