import { LIMITS } from "../../protocol/limits.ts";
import type { Member, ServerPduOf } from "../../protocol/server-pdu.ts";

/** Who is in a room. */
export interface Members {
  readonly count: number;
  /** By name; null where the room is too big for the server to list. */
  readonly members: readonly Member[] | null;
}

/** Follows CHAT_PRESENCE: everybody, then who came and went; in big rooms only how many. */
export class Roster {
  #byAuthor: Map<string, Member> | null = null;

  take(pdu: ServerPduOf<"CHAT_PRESENCE">): Members {
    if (pdu.members !== undefined) this.#byAuthor = new Map(pdu.members.map((one) => [one.author, one]));
    else if (pdu.came === undefined && pdu.went === undefined) this.#byAuthor = null;
    for (const one of pdu.went ?? []) this.#byAuthor?.delete(one.author);
    for (const one of pdu.came ?? []) this.#byAuthor?.set(one.author, one);
    // A server that names more than one list holds does not keep to the protocol: then it is only counted.
    if ((this.#byAuthor?.size ?? 0) > LIMITS.memberListMax) this.#byAuthor = null;
    const members = this.#byAuthor === null ? null : [...this.#byAuthor.values()].sort(byName);
    return { count: pdu.count, members };
  }
}

function byName(a: Member, b: Member): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : a.author < b.author ? -1 : a.author > b.author ? 1 : 0;
}
