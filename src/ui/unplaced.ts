import type { Message, OutboxItem } from "../client/mod.ts";
import type { Unplaced } from "./rows.ts";

/** An event comes right behind its receipt: one need not look far. */
const LOOKED_AT_MAX = 1_000;

/**
 * One's own messages of a room that are not in its log yet, as far as one can see: in the outbox, or stored
 * already with the event still on its way, so that nothing vanishes between receipt and event. No I/O.
 */
export class OwnMessages {
  readonly #room: string;
  #items = new Map<number, Unplaced>();

  constructor(room: string) {
    this.#room = room;
  }

  get unplaced(): readonly Unplaced[] {
    return [...this.#items.values()];
  }

  /** The outbox's items now. What left it was stored, unless it was thrown away. */
  take(outbox: readonly OutboxItem[]): void {
    const next = new Map<number, Unplaced>();
    const there = new Set(outbox.map(({ seq }) => seq));
    // One that got another number is still the same message.
    const drafts = new Set(outbox.map(({ draft }) => draft));
    for (const [seq, { item }] of this.#items) {
      if (!there.has(seq) && !drafts.has(item.draft) && item.state !== "failed" && item.state !== "stale") {
        next.set(seq, { item, isStored: true });
      }
    }
    for (const item of outbox) {
      if (item.draft.room === this.#room && item.draft.type === "CHAT_MESSAGE") {
        next.set(item.seq, { item, isStored: false });
      }
    }
    this.#items = new Map([...next].sort(([a], [b]) => a - b));
  }

  /** What has a place now is not shown a second time. Looks at the newest messages only. */
  place(messages: readonly Message[], author: string): void {
    if (this.#items.size === 0) return;
    let left = this.#items.size;
    const oldest = Math.max(0, messages.length - LOOKED_AT_MAX);
    for (let at = messages.length - 1; at >= oldest && left > 0; at--) {
      const message = messages[at];
      if (message === undefined) break;
      if (message.author !== author || !this.#items.delete(message.seq)) continue;
      left--;
    }
  }

  discard(seq: number): void {
    this.#items.delete(seq);
  }
}
