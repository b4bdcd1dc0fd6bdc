import type { DurableEvent } from "./record.ts";
import type { Rule } from "./violation.ts";

/** What somebody said, from the call on. */
export interface Saying {
  /** Ascending with each of a person's sayings; stands in the text, so that it is found again wherever it gets to. */
  readonly id: number;
  readonly person: number;
  readonly name: string;
  readonly room: string;
  readonly type: "CHAT_MESSAGE" | "CHAT_EDIT" | "CHAT_DELETE" | "CHAT_REACT" | "CHAT_TOPIC";
  readonly target: number | null;
  fate: "open" | "acknowledged" | "refused" | "forgotten";
  /** Its place among what its author said is not promised. */
  isLoose: boolean;
  /** In which epochs it is durable. */
  readonly epochs: Set<string>;
}

const MARK = /^#(\d+) /;

/** Everything that was said, and what became of it. */
export class Sayings {
  readonly #all = new Map<number, Saying>();
  /** Per life of the log and device: the newest that has its place. */
  readonly #newest = new Map<string, number>();
  #wasRestored = false;

  constructor(readonly violate: (rule: Rule, says: string) => void) {}

  get count(): number {
    return this.#all.size;
  }

  of(id: number): Saying | undefined {
    return this.#all.get(id);
  }

  /** `id`: where whoever said it gave it its number; else 1, 2, 3 … over the whole run. */
  say(
    saying: Pick<Saying, "person" | "name" | "room" | "type" | "target">,
    id: number = this.#all.size + 1,
  ): Saying {
    if (this.#all.has(id)) throw new Error(`#${id} was said already`);
    const said: Saying = {
      ...saying,
      id,
      fate: "open",
      // A target of the life before may be anything, or nothing, in this one.
      isLoose: this.#wasRestored && saying.type !== "CHAT_MESSAGE",
      epochs: new Set(),
    };
    this.#all.set(id, said);
    return said;
  }

  /** Puts the mark on a text. */
  static mark(id: number, text: string): string {
    return `#${id} ${text}`;
  }

  /** What was lost with the log may have to be said again, out of its order. */
  restored(epoch: string): void {
    this.#wasRestored = true;
    for (const saying of this.#all.values()) {
      saying.isLoose = true;
      saying.epochs.delete(epoch);
    }
  }

  /** An outbox went through a crash, before which this was synced: what has no receipt and is not there was
   * not promised, and may be anywhere. */
  crashed(person: number, synced: string): void {
    const kept = new Set<number>();
    for (const line of synced.split("\n").slice(0, -1)) {
      const mark = markOfLine(line);
      if (mark !== null) kept.add(mark);
    }
    for (const one of this.#all.values()) {
      if (one.person === person && one.fate === "open" && !kept.has(one.id)) one.fate = "forgotten";
    }
  }

  /** The author lets old things go out after younger ones, and what was refused once more. */
  loosen(person: number): void {
    for (const one of this.#all.values()) {
      if (one.person !== person) continue;
      if (one.fate === "refused") one.fate = "forgotten";
      if (one.fate === "open" || one.fate === "forgotten") one.isLoose = true;
    }
  }

  refused(saying: Saying, failure: string): void {
    if (failure === "outbox") {
      // This device could not keep it: it is not promised, though it may have become durable somewhere.
      saying.fate = "forgotten";
      saying.isLoose = true;
      return;
    }
    saying.fate = "refused";
    const mayMiss = this.#wasRestored && saying.type !== "CHAT_MESSAGE" &&
      (failure === "not-found" || failure === "forbidden");
    if (!mayMiss) this.violate("nothing-lost", `#${saying.id} of ${saying.name} was refused: ${failure}`);
  }

  /** A new event of the record. */
  stored(event: DurableEvent, epoch: string): void {
    const mark = MARK.exec(event.text ?? event.reaction ?? "")?.[1];
    const saying = mark === undefined ? undefined : this.#all.get(Number(mark));
    const where = `${event.room} ${event.offset}`;
    if (event.type === "CHAT_DELETE") return;
    if (saying === undefined) {
      return this.violate("shown-is-durable", `nobody said what is stored at ${where}`);
    }
    const says = `#${saying.id} of ${saying.name}`;
    if (saying.epochs.has(epoch)) {
      return this.violate("exactly-once", `${says} is stored twice, again at ${where}`);
    }
    saying.epochs.add(epoch);
    const isSame = saying.room === event.room && saying.type === event.type && saying.name === event.sender &&
      saying.target === event.target;
    if (!isSame) this.violate("shown-is-durable", `${says} is stored at ${where} as something else`);
    // A crash may bring it back after its refusal, and in another life its target may be there.
    const mayReturn = this.#wasRestored && saying.type !== "CHAT_MESSAGE";
    if (saying.fate === "refused" && !mayReturn) {
      this.violate("exactly-once", `${says} was refused, and is stored at ${where}`);
    }
    if (saying.isLoose) return;
    const key = `${epoch} ${event.device}`;
    const newest = this.#newest.get(key) ?? 0;
    if (saying.id < newest) this.violate("sender-order", `${says} is stored after #${newest}, at ${where}`);
    else this.#newest.set(key, saying.id);
  }

  /** At the end, with everybody's outbox empty. */
  check(): void {
    for (const { id, name, type, fate, epochs } of this.#all.values()) {
      if (fate === "forgotten" || fate === "refused" || type === "CHAT_DELETE") continue;
      if (epochs.size > 0 || (this.#wasRestored && type !== "CHAT_MESSAGE")) continue;
      this.violate("nothing-lost", `#${id} of ${name} is nowhere, and its outbox is empty`);
    }
  }
}

/** What a line of an outbox's journal keeps; null for any other line, and for a torn one. */
function markOfLine(line: string): number | null {
  try {
    const { put } = JSON.parse(line) as { put?: { draft?: { text?: string; reaction?: string } } };
    const mark = MARK.exec(put?.draft?.text ?? put?.draft?.reaction ?? "")?.[1];
    return mark === undefined ? null : Number(mark);
  } catch {
    return null;
  }
}
