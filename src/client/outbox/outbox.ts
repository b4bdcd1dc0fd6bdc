import type { EventPdu } from "../../protocol/client-pdu.ts";
import { encodePdu } from "../../protocol/wire.ts";
import type { ChatFailure } from "../failure.ts";
import { type Draft, eventPduOf, type OutboxEntry } from "./outbox-entry.ts";

/** The numbers that DESIGN.md's Delivery names, and those that follow from them. */
export const OUTBOX = {
  /** No receipt for this long: said again. */
  resendAfterMs: 1_000,
  /** Said again this often without an answer, the connection is dead, not the message. */
  resendsMax: 3,
  /** Each connection that died so doubles the patience of the next, up to this factor: on a link that needs
   * seconds for one long message the same numbers would reconnect for ever. A receipt resets it. */
  patienceMax: 16,
  /** Events under way without an answer. At 100 ms of round trip that still allows 640 events a second. */
  windowEvents: 64,
  /** And their bytes (at least one event): a few hundred KB queue in any link without being `full`. */
  windowBytes: 262_144,
  /** Said while offline and older than this: its author is asked first. */
  askAfterMs: 600_000,
  /** A server can't hold an outbox longer than this with one `retryMs`; it keeps the place of what it refused
   * for 30 s (src/chat/holds.ts), and what comes later could be overtaken. */
  holdMsMax: 20_000,
  /** When a server refuses for a while and does not say for how long. */
  holdMsDefault: 1_000,
} as const;

/** Where an event became durable. */
export interface Receipt {
  readonly room: string;
  readonly epoch: string;
  readonly offset: number;
  /** What this outbox numbered it. */
  readonly seq: number;
}

/** An event's way: `queued` → `sent` → gone (stored), or `failed`; `stale` waits for its author's word. */
export type OutboxState = "queued" | "sent" | "stale" | "failed";

export interface OutboxItem {
  readonly seq: number;
  readonly queuedAtMs: number;
  readonly draft: Draft;
  readonly state: OutboxState;
  /** Why, of a failed one. */
  readonly failure?: ChatFailure;
}

export type OutboxEffect =
  | { readonly do: "send"; readonly pdu: EventPdu; readonly bytes: Uint8Array }
  /** Durable: forget it on disk, tell its author. */
  | { readonly do: "stored"; readonly seq: number; readonly receipt: Receipt }
  /** Refused for good: forget it on disk, tell its author. */
  | { readonly do: "failed"; readonly seq: number; readonly failure: ChatFailure }
  /** Its number is spent and it is certainly not stored: keep `entry` in place of `seq`, in one step, then
   * `add` it. */
  | { readonly do: "renumber"; readonly seq: number; readonly entry: OutboxEntry }
  /** These wait for `resume` or `discard`. */
  | { readonly do: "ask"; readonly seqs: readonly number[] }
  /** The server answers nothing: end this connection and make another. */
  | { readonly do: "give-up-connection" };

interface Slot {
  readonly entry: OutboxEntry;
  readonly pdu: EventPdu;
  readonly bytes: Uint8Array;
  state: OutboxState;
  /** Sent on this connection and not answered. Each copy is answered once, in order. */
  copies: number;
  resends: number;
  sentAtMs: number;
  /** Its author said to send it in spite of its age. */
  confirmed: boolean;
  /** A second number that is refused as spent is not followed by a third. */
  renumbered: boolean;
  failure: ChatFailure | null;
}

/**
 * The numbered events of one device that no receipt covers yet. No I/O, no clock, no randomness: each method
 * takes the time and returns what is to be done, in order.
 *
 * - Events are sent in ascending order of `seq`; after a reconnect all that have no receipt are sent again,
 *   under the same numbers, so that the server recognises them.
 * - A temporary refusal of `n` holds everything until its time is over; then it goes on from `n` in order.
 * - A permanent refusal ends that event and none else.
 */
export class Outbox {
  /** In the order of sending. */
  #slots = new Map<number, Slot>();
  /** Out of the order: stale and failed ones. */
  #aside = new Map<number, Slot>();
  #nextSeq: number;
  readonly #askAfterMs: number;
  #online = false;
  #holdUntilMs = 0;
  #progressAtMs = 0;
  #patience = 1;
  #underWay = 0;
  #underWayBytes = 0;

  constructor(options: { nextSeq: number; askAfterMs?: number | undefined }) {
    this.#nextSeq = options.nextSeq;
    this.#askAfterMs = options.askAfterMs ?? OUTBOX.askAfterMs;
  }

  // Asking.

  /** Whether nothing is left that goes out by itself. */
  get idle(): boolean {
    return this.#slots.size === 0;
  }

  /** Every event without a receipt, by seq. */
  items(): OutboxItem[] {
    const slots = [...this.#slots.values(), ...this.#aside.values()];
    return slots.sort((a, b) => a.entry.seq - b.entry.seq).map(({ entry, state, failure }) => ({
      ...entry,
      state,
      ...(failure === null ? {} : { failure }),
    }));
  }

  /** The rooms that one must be in for what waits to be sent. */
  rooms(): Set<string> {
    return new Set([...this.#slots.values()].map((slot) => slot.entry.draft.room));
  }

  /** When `tick` has something to do; null: not by itself. */
  deadlineMs(): number | null {
    const head = this.#head();
    const resendAtMs = head === null ? Infinity : this.#resendAtMs(head);
    const holdMs = this.#holdUntilMs > 0 && this.#underWay < this.#slots.size ? this.#holdUntilMs : Infinity;
    const deadline = Math.min(resendAtMs, holdMs);
    return deadline === Infinity ? null : deadline;
  }

  // Telling.

  /** Gives an event its number. It isn't sent before `add`, which comes when it is kept. */
  number(draft: Draft, wallMs: number): OutboxEntry {
    return { seq: this.#nextSeq++, queuedAtMs: wallMs, draft };
  }

  /** A kept event: from `number`, from the store at the start, or from `renumber`. In ascending order. */
  add(entry: OutboxEntry, nowMs: number, renumbered = false): OutboxEffect[] {
    this.#nextSeq = Math.max(this.#nextSeq, entry.seq + 1);
    const pdu = eventPduOf(entry);
    this.#slots.set(entry.seq, {
      entry,
      pdu,
      bytes: encodePdu(pdu, "quicchat/1"),
      state: "queued",
      copies: 0,
      resends: 0,
      sentAtMs: 0,
      confirmed: renumbered,
      renumbered,
      failure: null,
    });
    return this.#pump(nowMs);
  }

  /** A session began (its HELLO is on the way): everything without a receipt goes out again. */
  connected(nowMs: number, wallMs: number): OutboxEffect[] {
    this.#online = true;
    this.#holdUntilMs = 0;
    this.#progressAtMs = nowMs;
    const stale: number[] = [];
    for (const slot of this.#slots.values()) {
      if (slot.confirmed || wallMs - slot.entry.queuedAtMs <= this.#askAfterMs) continue;
      stale.push(slot.entry.seq);
      this.#putAside(slot, "stale");
    }
    const effects = this.#pump(nowMs);
    return stale.length > 0 ? [{ do: "ask", seqs: stale }, ...effects] : effects;
  }

  /** The session is gone; what was under way is queued again. */
  disconnected(): void {
    this.#online = false;
    this.#holdUntilMs = 0;
    for (const slot of this.#slots.values()) {
      this.#requeue(slot);
      slot.copies = 0;
      slot.resends = 0;
    }
  }

  /** CHAT_RECEIPT; a duplicate's counts as much. */
  receipt(seq: number, receipt: Receipt, nowMs: number): OutboxEffect[] {
    const slot = this.#slots.get(seq) ?? this.#aside.get(seq);
    // The second of two copies' receipts.
    if (slot === undefined) return [];
    this.#requeue(slot);
    this.#slots.delete(seq);
    this.#aside.delete(seq);
    this.#progressAtMs = nowMs;
    this.#patience = 1;
    return [{ do: "stored", seq, receipt }, ...this.#pump(nowMs)];
  }

  /** CHAT_ERROR for an event. */
  refused(seq: number, failure: ChatFailure, retryMs: number | undefined, nowMs: number): OutboxEffect[] {
    const slot = this.#slots.get(seq);
    if (slot === undefined) return [];
    slot.copies = Math.max(0, slot.copies - 1);
    if (!failure.temporary) {
      this.#requeue(slot);
      this.#slots.delete(seq);
      this.#progressAtMs = nowMs;
      if (failure.name === "duplicate" && !slot.renumbered) {
        // The number is spent and the log doesn't have it: a younger one overtook it while it was stale, or
        // the store was put back. It is certainly not stored, so that another number can't double it.
        const entry = { ...slot.entry, seq: this.#nextSeq++ };
        return [{ do: "renumber", seq, entry }, ...this.#pump(nowMs)];
      }
      slot.failure = failure;
      slot.state = "failed";
      this.#aside.set(seq, slot);
      return [{ do: "failed", seq, failure }, ...this.#pump(nowMs)];
    }
    // Another copy is under way after this one: its answer counts.
    if (slot.state !== "sent" || slot.copies > 0) return [];
    this.#progressAtMs = nowMs;
    this.#holdUntilMs = nowMs + Math.min(OUTBOX.holdMsMax, retryMs ?? OUTBOX.holdMsDefault);
    let from = false;
    for (const other of this.#slots.values()) {
      from ||= other === slot;
      if (from) this.#requeue(other);
    }
    return [];
  }

  /** Time went on. */
  tick(nowMs: number): OutboxEffect[] {
    const effects = this.#pump(nowMs);
    const head = this.#head();
    if (head === null || nowMs < this.#resendAtMs(head)) return effects;
    if (head.resends >= OUTBOX.resendsMax) {
      this.#patience = Math.min(OUTBOX.patienceMax, this.#patience * 2);
      return [...effects, { do: "give-up-connection" }];
    }
    head.resends++;
    effects.push(this.#send(head, nowMs));
    return effects;
  }

  // Commanding.

  /** Sends stale and failed ones after all, one or all of them. */
  resume(seq: number | undefined, nowMs: number): OutboxEffect[] {
    for (const slot of this.#chosen(seq)) {
      this.#aside.delete(slot.entry.seq);
      slot.state = "queued";
      slot.failure = null;
      slot.confirmed = true;
      slot.copies = 0;
      slot.resends = 0;
      this.#slots.set(slot.entry.seq, slot);
    }
    return this.#pump(nowMs);
  }

  /** Forgets stale and failed ones, one or all of them; returns which. */
  discard(seq: number | undefined): number[] {
    const seqs = this.#chosen(seq).map((slot) => slot.entry.seq);
    for (const one of seqs) this.#aside.delete(one);
    return seqs;
  }

  #chosen(seq: number | undefined): Slot[] {
    const all = [...this.#aside.values()].sort((a, b) => a.entry.seq - b.entry.seq);
    return seq === undefined ? all : all.filter((slot) => slot.entry.seq === seq);
  }

  #putAside(slot: Slot, state: "stale"): void {
    this.#requeue(slot);
    slot.state = state;
    this.#slots.delete(slot.entry.seq);
    this.#aside.set(slot.entry.seq, slot);
  }

  /** The oldest that is under way. */
  #head(): Slot | null {
    if (this.#underWay === 0) return null;
    for (const slot of this.#slots.values()) if (slot.state === "sent") return slot;
    return null;
  }

  /** Any answer is a sign that the server works through what it has: patience begins anew with it. */
  #resendAtMs(head: Slot): number {
    return Math.max(head.sentAtMs, this.#progressAtMs) + OUTBOX.resendAfterMs * this.#patience;
  }

  #requeue(slot: Slot): void {
    if (slot.state !== "sent") return;
    slot.state = "queued";
    this.#underWay--;
    this.#underWayBytes -= slot.bytes.length;
  }

  #send(slot: Slot, nowMs: number): OutboxEffect {
    slot.copies++;
    slot.sentAtMs = nowMs;
    return { do: "send", pdu: slot.pdu, bytes: slot.bytes };
  }

  #pump(nowMs: number): OutboxEffect[] {
    if (!this.#online || nowMs < this.#holdUntilMs) return [];
    this.#holdUntilMs = 0;
    const effects: OutboxEffect[] = [];
    if (this.#underWay === this.#slots.size) return effects;
    for (const slot of this.#slots.values()) {
      if (slot.state === "sent") continue;
      if (this.#underWay >= OUTBOX.windowEvents) break;
      if (this.#underWay > 0 && this.#underWayBytes + slot.bytes.length > OUTBOX.windowBytes) break;
      slot.state = "sent";
      this.#underWay++;
      this.#underWayBytes += slot.bytes.length;
      effects.push(this.#send(slot, nowMs));
    }
    return effects;
  }
}
