import type { Message, OutboxItem, Receipt, TimelineSnapshot } from "../client/mod.ts";
import type { Unplaced } from "./message-view.ts";

/**
 * One's own messages of a room that are not in its timeline yet: in the outbox, or stored already with the event
 * still on its way, so that nothing vanishes between receipt and event, and nothing is shown twice. No I/O.
 */
export class OwnMessages {
  readonly #room: string;
  #outbox = new Map<number, OutboxItem>();
  /** Without a place in the timeline, but with a receipt that says where it will be. */
  readonly #stored = new Map<number, { readonly item: OutboxItem; readonly at: Receipt }>();
  /** In the timeline before the receipt came: after a crash the outbox still holds what is in the log. */
  readonly #placed = new Set<number>();
  /** Of what epoch, and up to where, the timeline was looked through for the outbox's numbers. */
  #looked = { epoch: "", after: 0, offset: 0 };

  constructor(room: string) {
    this.#room = room;
  }

  /** Ascending by the outbox's numbers, which is the order of sending. */
  get unplaced(): readonly Unplaced[] {
    const stored = [...this.#stored.values()].map(({ item }) => ({ item, isStored: true }));
    const waiting = [...this.#outbox.values()].filter(({ seq }) => !this.#placed.has(seq))
      .map((item) => ({ item, isStored: false }));
    return [...stored, ...waiting].sort((a, b) => a.item.seq - b.item.seq);
  }

  /** Messages of the outbox that have no receipt. */
  get unsent(): number {
    return this.#outbox.size - this.#placed.size;
  }

  /** The outbox's items now. */
  take(items: readonly OutboxItem[]): void {
    const next = new Map<number, OutboxItem>();
    for (const item of items) {
      if (item.draft.room === this.#room && item.draft.type === "CHAT_MESSAGE") next.set(item.seq, item);
    }
    for (const seq of next.keys()) {
      // One that may be in the timeline since long: it is looked through from the start.
      if (!this.#outbox.has(seq)) this.#looked = { epoch: "", after: 0, offset: 0 };
    }
    this.#outbox = next;
    for (const seq of this.#placed) if (!next.has(seq)) this.#placed.delete(seq);
  }

  /** A receipt; before `take` of the items without it. */
  receipt(receipt: Receipt): void {
    const item = this.#outbox.get(receipt.seq);
    if (item === undefined || receipt.room !== this.#room) return;
    this.#outbox.delete(receipt.seq);
    if (!this.#placed.delete(receipt.seq)) this.#stored.set(receipt.seq, { item, at: receipt });
  }

  /** The timeline now: what has its place in it, or would have it before its beginning, is not shown apart. */
  place(snapshot: TimelineSnapshot, author: string): void {
    const { epoch, after, offset } = snapshot;
    for (const [seq, { at }] of this.#stored) {
      if (at.offset <= offset || (epoch !== "" && at.epoch !== epoch)) this.#stored.delete(seq);
    }
    if (this.#outbox.size === 0 || author === "") return;
    const isKnown = this.#looked.epoch === epoch && this.#looked.after <= after;
    const from = isKnown ? this.#looked.offset : after;
    this.#looked = { epoch, after, offset };
    const lowest = Math.min(...this.#outbox.keys());
    for (const message of newest(snapshot.messages)) {
      if (message.offset <= from) break;
      if (message.author !== author) continue;
      // A device's messages are in the log in the order of its numbers.
      if (message.seq < lowest) break;
      if (this.#outbox.has(message.seq)) this.#placed.add(message.seq);
    }
  }
}

function* newest(messages: readonly Message[]): Iterable<Message> {
  for (let at = messages.length - 1; at >= 0; at--) {
    const message = messages[at];
    if (message !== undefined) yield message;
  }
}
