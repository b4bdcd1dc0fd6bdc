import type { Outcome } from "../log/log.ts";
import type { EventPdu } from "../protocol/client-pdu.ts";
import { bodyOf, targetOf } from "../protocol/event.ts";
import type { FailureName } from "../protocol/failures.ts";
import { LOBBY, textFits } from "../protocol/words.ts";
import { Commits, type Draft } from "./commits.ts";
import type { Rooms } from "./rooms.ts";
import type { Session } from "./session.ts";
import type { About, Voice } from "./voice.ts";

/** Events that one session may have on their way into the log: a stuck disk must not fill the memory. */
const UNDER_WAY_MAX = 1_024;
/** When to try again after the store could not write: disks rarely empty faster. */
const STORE_RETRY_MS = 1_000;

/** When to try again where a joining was refused: it costs two events' time. */
const JOIN_RETRY_MS = 1_000;

/** Speaks for the session when an event is refused. */
export type Refuse = (session: Session, failure: FailureName, nowMs: number, about: About) => void;

/** Messages, edits, deletions and reactions: from a session into the log, and out to the room. */
export class Events {
  readonly commits = new Commits();

  constructor(
    readonly epoch: string,
    readonly voice: Voice,
    readonly rooms: Rooms,
    readonly refuse: Refuse,
  ) {}

  /** One event that a live session said. `pay` takes from its bucket, and says how long to
   * wait: 0 when it may speak. What an earlier refusal holds up does not pay: it would take what that one waits
   * for. */
  take(session: Session, pdu: EventPdu, pay: () => number, nowMs: number): void {
    const room = pdu.room ?? LOBBY;
    const about = { seq: pdu.seq, room };
    const isClassic = session.wire === "chat/0";
    if (isClassic && pdu.seq <= session.lastSeq) return this.refuse(session, "duplicate", nowMs, about);

    // Each is remembered for 30 s; between refusals something else may have been said with success.
    if (session.holds.isFull) return this.refuse(session, "flooding", nowMs, about);
    const held = session.holds.before(pdu.seq, nowMs);
    if (held !== null) {
      this.#hold(session, held.failure, pdu.seq, nowMs);
      return this.refuse(session, held.failure, nowMs, { ...about, says: `send ${held.seq} again first` });
    }
    session.holds.release(pdu.seq);
    if (session.awaitedJoins.has(room)) {
      this.#hold(session, "too-fast", pdu.seq, nowMs);
      return this.refuse(session, "too-fast", nowMs, {
        ...about,
        retryMs: JOIN_RETRY_MS,
        says: "join again first",
      });
    }
    const waitMs = pay();
    const isCrowded = session.eventsUnderWay >= UNDER_WAY_MAX;
    if (waitMs > 0 || isCrowded) {
      this.#hold(session, "too-fast", pdu.seq, nowMs);
      return this.refuse(session, "too-fast", nowMs, {
        ...about,
        retryMs: Math.max(waitMs, isCrowded ? STORE_RETRY_MS : 0),
      });
    }
    session.lastSeq = Math.max(session.lastSeq, pdu.seq);

    const failure = this.#judge(session, pdu, room);
    if (failure !== null) return this.refuse(session, failure, nowMs, about);
    session.refusedInRow = 0;
    this.commits.add({
      session,
      entry: {
        room,
        tsMs: this.voice.stamp(this.voice.dateMs(nowMs)),
        type: pdu.type,
        device: session.device,
        seq: pdu.seq,
        sender: session.name,
        author: session.author,
        target: targetOf(pdu),
        targetMust: targetOf(pdu) === null
          ? null
          : pdu.type === "CHAT_EDIT" || pdu.type === "CHAT_DELETE"
          ? "be-own"
          : "exist",
        body: bodyOf(pdu),
      },
    });
  }

  /** The batch under way is durable. */
  stored(outcomes: readonly Outcome[], nowMs: number): void {
    const batch = this.commits.settle();
    for (const [index, draft] of batch.entries()) {
      const outcome = outcomes[index];
      if (outcome !== undefined) this.#settle(draft, outcome, nowMs);
    }
  }

  /** The batch under way was not kept: nobody is told that it was, everybody may try again. */
  notStored(nowMs: number): void {
    const batch = this.commits.settle();
    for (const { session, entry } of batch) this.#hold(session, "not-stored", entry.seq, nowMs);
    for (const draft of [...batch, ...this.commits.withdrawHeld(nowMs)]) {
      const { seq, room } = draft.entry;
      if (draft.session.state !== "live") continue;
      this.#hold(draft.session, "not-stored", seq, nowMs);
      this.refuse(draft.session, "not-stored", nowMs, { seq, room, retryMs: STORE_RETRY_MS });
    }
  }

  #settle({ session, entry }: Draft, outcome: Outcome, nowMs: number): void {
    const { room, seq } = entry;
    if (outcome.status === "refused") {
      if (session.state !== "live") return;
      const failure = outcome.why === "stale"
        ? "duplicate"
        : outcome.why === "not-own"
        ? "forbidden"
        : "not-found";
      return this.refuse(session, failure, nowMs, { seq, room });
    }
    // The receipt first: whoever gets the event back knows then that it is theirs.
    if (session.state === "live") {
      const isDuplicate = outcome.status === "duplicate";
      session.acknowledgedSeq = Math.max(session.acknowledgedSeq, seq);
      // A copy of a refused event may have made it: that one will not be sent again.
      session.holds.release(seq);
      this.voice.tell(session, {
        type: "CHAT_RECEIPT",
        seq,
        ts: (isDuplicate ? outcome.tsMs : entry.tsMs) / 1000,
        ack: seq,
        room: isDuplicate ? outcome.room : room,
        epoch: this.epoch,
        offset: outcome.offset,
        ...(isDuplicate ? { duplicate: true } : {}),
      });
    }
    if (outcome.status === "stored") this.rooms.append({ ...entry, offset: outcome.offset });
  }

  /** Why this event can't be, whatever the log says; null when it can. */
  #judge(session: Session, pdu: EventPdu, room: string): FailureName | null {
    if (pdu.seq < 1) return "invalid";
    if (pdu.sender !== undefined && pdu.sender !== session.name) return "forbidden";
    if (!session.cursors.has(room)) return "not-a-member";
    if ("text" in pdu && !textFits(pdu.text)) return "text-too-large";
    return null;
  }

  /** Nothing that was numbered later is taken before this is sent again. The original's clients don't send
   * again, so holding would silence them; so would holding for a resend of what has its receipt. */
  #hold(session: Session, failure: FailureName, seq: number, nowMs: number): void {
    if (session.wire !== "chat/0" && seq > session.acknowledgedSeq) session.holds.add(seq, failure, nowMs);
  }
}
