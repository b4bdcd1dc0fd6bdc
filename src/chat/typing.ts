/** How long "is typing" holds without being said again. Clients say it again every 3 s, so one loss is
 * bridged (docs/protocol.md, CHAT_TYPING). */
export const TYPING_HOLDS_MS = 6_000;
/** Said again within this time it is not relayed again. */
const RELAY_EVERY_MS = 2_500;

interface Typist {
  readonly name: string;
  untilMs: number;
  relayedMs: number;
}

/** Who is typing in a room. */
export class Typing {
  readonly #typists = new Map<string, Typist>();

  get isAnyone(): boolean {
    return this.#typists.size > 0;
  }

  has(author: string): boolean {
    return this.#typists.has(author);
  }

  /** Whether the others are to be told. */
  starts(author: string, name: string, nowMs: number): boolean {
    const typist = this.#typists.get(author);
    if (typist === undefined) {
      this.#typists.set(author, { name, untilMs: nowMs + TYPING_HOLDS_MS, relayedMs: nowMs });
      return true;
    }
    typist.untilMs = nowMs + TYPING_HOLDS_MS;
    if (nowMs - typist.relayedMs < RELAY_EVERY_MS) return false;
    typist.relayedMs = nowMs;
    return true;
  }

  /** Whether the others are to be told. */
  ends(author: string): boolean {
    return this.#typists.delete(author);
  }

  /** Takes out and gives those who fell silent. */
  expire(nowMs: number): { readonly author: string; readonly name: string }[] {
    const silent: { author: string; name: string }[] = [];
    for (const [author, { name, untilMs }] of this.#typists) {
      if (untilMs <= nowMs) silent.push({ author, name });
    }
    for (const { author } of silent) this.#typists.delete(author);
    return silent;
  }
}
