import { amended, type Change, type OutboxItem, type TimelineSnapshot } from "../client/mod.ts";

/** Above every offset: what is on its way comes after all that is there. */
const ON_ITS_WAY = Number.MAX_SAFE_INTEGER;

/**
 * One's own edits, deletions and reactions on their way to the log, shown as if they were there: without a
 * connection a button that seems to do nothing is pressed again. What was refused, or waits for one's word, is not
 * shown so. No I/O.
 */
export class PendingChanges {
  #given: { readonly of: TimelineSnapshot; readonly seqs: string; readonly as: TimelineSnapshot } | null =
    null;

  /** The same object while it is made of the same. */
  shownIn(
    of: TimelineSnapshot,
    items: readonly OutboxItem[],
    me: { readonly name: string; readonly author: string },
  ): TimelineSnapshot {
    const changes = items.flatMap((item) => changeOf(item, of, me) ?? []);
    if (changes.length === 0) return of;
    const seqs = changes.map(({ seq }) => seq).join();
    if (this.#given?.of === of && this.#given.seqs === seqs) return this.#given.as;
    this.#given = { of, seqs, as: amended(of, changes) };
    return this.#given.as;
  }
}

function changeOf(
  { seq, queuedAtMs, draft, state }: OutboxItem,
  { room, epoch }: TimelineSnapshot,
  { name, author }: { readonly name: string; readonly author: string },
): Change | null {
  if (draft.room !== room || state === "failed" || state === "stale") return null;
  if (draft.type === "CHAT_MESSAGE" || draft.type === "CHAT_TOPIC") return null;
  return { ...draft, seq, ts: queuedAtMs / 1000, sender: name, author, room, epoch, offset: ON_ITS_WAY };
}
