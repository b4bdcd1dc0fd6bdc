import { LIMITS } from "../../protocol/limits.ts";
import type { Member, ServerPduOf } from "../../protocol/server-pdu.ts";

export const TYPING = {
  /** Who types says so again this often … */
  renewMs: 3_000,
  /** … and is believed for twice that: one may be lost. */
  expireMs: 6_000,
  /** A program that said that its user types, and nothing since, is not believed for longer. */
  forgottenMs: 30_000,
} as const;

/** Who is typing in a room, as told by messages that may be lost. No I/O, no clock. */
export class Typists {
  #byAuthor = new Map<string, { who: Member; untilMs: number }>();

  /** Each of these returns whether anything changed. */
  take(pdu: ServerPduOf<"CHAT_TYPING">, nowMs: number): boolean {
    const author = pdu.author ?? pdu.who;
    if (!pdu.status) return this.#byAuthor.delete(author);
    const known = this.#byAuthor.has(author);
    // Bigger rooms don't show typing, so that an honest server never names more.
    if (!known && this.#byAuthor.size >= LIMITS.memberListMax) return false;
    this.#byAuthor.set(author, { who: { name: pdu.who, author }, untilMs: nowMs + TYPING.expireMs });
    return !known;
  }

  /** A message of theirs came: they have finished it. */
  spoke(author: string): boolean {
    return this.#byAuthor.delete(author);
  }

  clear(): boolean {
    const some = this.#byAuthor.size > 0;
    this.#byAuthor.clear();
    return some;
  }

  tick(nowMs: number): boolean {
    let changed = false;
    for (const [author, { untilMs }] of this.#byAuthor) {
      if (nowMs >= untilMs) changed = this.#byAuthor.delete(author) || changed;
    }
    return changed;
  }

  deadlineMs(): number | null {
    if (this.#byAuthor.size === 0) return null;
    return Math.min(...[...this.#byAuthor.values()].map((one) => one.untilMs));
  }

  list(): readonly Member[] {
    return [...this.#byAuthor.values()].map((one) => one.who);
  }
}
