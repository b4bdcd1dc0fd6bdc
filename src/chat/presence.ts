import { LIMITS } from "../protocol/limits.ts";
import type { Member } from "../protocol/server-pdu.ts";

/**
 * Who is in a room: one entry per author, however many sessions it has there. Changes are gathered until
 * `flush`, which makes them a version; a reader that saw the version before gets the difference, any other
 * everybody. So a slow reader costs nothing, and a storm of joins is told once.
 */
export class Presence {
  readonly #here = new Map<string, { name: string; sessions: number }>();
  readonly #came = new Map<string, string>();
  readonly #went = new Map<string, string>();
  /** Somebody was told everybody while changes were gathered, and so knows of them already: what is undone now
   * is news to that one. */
  #isToldEarly = false;
  #version = 0;
  #delta: Uint8Array | null = null;
  #everybody: Uint8Array | null = null;

  constructor(readonly room: string, readonly encode: (pdu: object) => Uint8Array) {}

  get count(): number {
    return this.#here.size;
  }

  get version(): number {
    return this.#version;
  }

  /** Whether there is something to flush. */
  get changed(): boolean {
    return this.#came.size > 0 || this.#went.size > 0;
  }

  nameOf(author: string): string | undefined {
    return this.#here.get(author)?.name;
  }

  enter(author: string, name: string): void {
    const known = this.#here.get(author);
    if (known !== undefined) {
      known.sessions++;
      return;
    }
    this.#here.set(author, { name, sessions: 1 });
    this.#everybody = null;
    // Gone and back within one flush is no news, unless under another name.
    const isBack = this.#went.get(author) === name && this.#went.delete(author);
    if (!isBack || this.#isToldEarly) this.#came.set(author, name);
  }

  leave(author: string): void {
    const known = this.#here.get(author);
    if (known === undefined || --known.sessions > 0) return;
    this.#here.delete(author);
    this.#everybody = null;
    const isGoneAgain = this.#came.delete(author);
    if (!isGoneAgain || this.#isToldEarly) this.#went.set(author, known.name);
  }

  /** The first `LIMITS.memberListMax` members. */
  members(): Member[] {
    const members: Member[] = [];
    for (const [author, { name }] of this.#here) {
      if (members.length === LIMITS.memberListMax) break;
      members.push({ name, author });
    }
    return members;
  }

  /** Makes what changed a new version. */
  flush(dateMs: number): void {
    this.#version++;
    this.#isToldEarly = false;
    const list = (changes: Map<string, string>) => [...changes].map(([author, name]) => ({ name, author }));
    const isBig = this.count > LIMITS.memberListMax ||
      this.#came.size + this.#went.size > LIMITS.memberListMax;
    this.#delta = this.encode({
      ...this.#head(dateMs),
      ...(isBig ? {} : { came: list(this.#came), went: list(this.#went) }),
    });
    this.#came.clear();
    this.#went.clear();
  }

  /** What a reader that saw version `seen` is to be told now (-1: nothing yet). */
  since(seen: number, dateMs: number): Uint8Array {
    if (seen === this.#version - 1 && this.#delta !== null) return this.#delta;
    this.#isToldEarly ||= this.changed;
    this.#everybody ??= this.encode({
      ...this.#head(dateMs),
      ...(this.count > LIMITS.memberListMax ? {} : { members: this.members() }),
    });
    return this.#everybody;
  }

  #head(dateMs: number): object {
    return { type: "CHAT_PRESENCE", seq: 0, ts: dateMs / 1000, room: this.room, count: this.count };
  }
}
