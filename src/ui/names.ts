/** As many as a room remembers: each browser and each device that ever spoke here is an author. */
const NAMES_MAX = 5_000;

/** Who is who in a room: the newest name of every author who is or was here. */
export class Names {
  readonly #byAuthor = new Map<string, string>();
  readonly #me: string;
  #version = 0;
  #longer: readonly string[] = [];
  #longerOf = 0;

  /** `me`: how one is called oneself. */
  constructor(me: string) {
    this.#me = me;
  }

  /** Grows with each name that is new or another. */
  get version(): number {
    return this.#version;
  }

  learn(author: string | undefined, name: string): void {
    if (author === undefined || this.#byAuthor.get(author) === name) return;
    // The newest last, so that what is forgotten was not heard of for the longest time.
    this.#byAuthor.delete(author);
    this.#byAuthor.set(author, name);
    this.#version++;
    if (this.#byAuthor.size <= NAMES_MAX) return;
    for (const oldest of this.#byAuthor.keys()) {
      this.#byAuthor.delete(oldest);
      break;
    }
  }

  of(author: string): string | undefined {
    return this.#byAuthor.get(author);
  }

  /** Each once. */
  all(): readonly string[] {
    return [...new Set(this.#byAuthor.values())];
  }

  /** Those of everybody but this author, each once: somebody else may be called the same. */
  others(author: string | null): readonly string[] {
    const names = new Set<string>();
    for (const [one, name] of this.#byAuthor) if (one !== author) names.add(name);
    return [...names];
  }

  /** Those that begin as one's own name does and go on: what speaks to "Ada Lovelace" does not speak to Ada. The
   * same array until there are others. */
  longer(): readonly string[] {
    if (this.#longerOf === this.#version) return this.#longer;
    this.#longerOf = this.#version;
    const mine = this.#me.toLowerCase();
    const longer = this.all().filter((name) =>
      name.length > mine.length && name.toLowerCase().startsWith(mine)
    );
    if (longer.join("\n") !== this.#longer.join("\n")) this.#longer = longer;
    return this.#longer;
  }
}
