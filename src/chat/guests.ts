/** Where somebody is. */
export interface Whereabouts {
  readonly room: string;
  readonly name: string;
  readonly isTyping: boolean;
}

/** Who is in rooms without a session here: people at other peers. By author, room by room, under which name. */
export class Guests {
  readonly #at = new Map<string, ReadonlyMap<string, string>>();

  /** What changes by somebody being here now: rooms and names. */
  move(author: string, at: readonly Whereabouts[]): { readonly came: Pairs; readonly went: Pairs } {
    const before = this.#at.get(author) ?? new Map<string, string>();
    const now = new Map(at.map(({ room, name }) => [room, name]));
    if (now.size === 0) this.#at.delete(author);
    else this.#at.set(author, now);
    return {
      came: [...now].filter(([room, name]) => before.get(room) !== name),
      went: [...before].filter(([room, name]) => now.get(room) !== name),
    };
  }

  /** Authors and names. */
  in(room: string): Pairs {
    return [...this.#at].flatMap(([author, rooms]): [string, string][] => {
      const name = rooms.get(room);
      return name === undefined ? [] : [[author, name]];
    });
  }
}

type Pairs = readonly (readonly [string, string])[];
