/** One event as the disk has it. */
export interface DurableEvent {
  readonly room: string;
  readonly offset: number;
  readonly type: string;
  readonly device: string;
  readonly seq: number;
  readonly sender: string;
  readonly author: string;
  readonly target: number | null;
  readonly text: string | undefined;
  readonly reaction: string | undefined;
  readonly on: boolean | undefined;
}

/** Where an event is found by its place. */
export interface Places {
  at(room: string, offset: number): DurableEvent | undefined;
}

/** A line of the disk, as far as the oracle wants to know. */
interface Written extends Omit<DurableEvent, "offset" | "text" | "reaction" | "on"> {
  readonly targetMust: "exist" | "be-own" | null;
  readonly body: string;
}

/**
 * What one life of the log durably holds, read from the disk itself and numbered by a second, naive way of the
 * log's contract: the system under test has no say in it.
 */
export class DurableRecord implements Places {
  readonly #rooms = new Map<string, DurableEvent[]>();
  readonly #byNumber = new Map<string, DurableEvent>();
  readonly #newest = new Map<string, number>();
  /** How much of the file was read, up to the end of a line. */
  #text = "";

  constructor(readonly epoch: string, readonly onEvent: (event: DurableEvent) => void) {}

  get length(): number {
    return this.#text.length;
  }

  get rooms(): ReadonlyMap<string, readonly DurableEvent[]> {
    return this.#rooms;
  }

  room(name: string): readonly DurableEvent[] {
    return this.#rooms.get(name) ?? [];
  }

  at(room: string, offset: number): DurableEvent | undefined {
    return this.#rooms.get(room)?.[offset - 1];
  }

  /** Goes on in a file that grew. */
  read(durable: string): void {
    const end = durable.lastIndexOf("\n") + 1;
    if (end <= this.#text.length) return;
    const isFirst = this.#text.length === 0;
    const lines = durable.slice(this.#text.length, end).split("\n");
    this.#text = durable.slice(0, end);
    lines.pop();
    for (const line of isFirst ? lines.slice(1) : lines) {
      for (const written of JSON.parse(line) as Written[]) this.#take(written);
    }
  }

  /** Whether a file still holds all that was read. */
  isIn(file: string): boolean {
    return file.startsWith(this.#text);
  }

  #take({ targetMust, body, ...written }: Written): void {
    const number = `${written.device} ${written.seq}`;
    if (this.#byNumber.has(number) || written.seq < (this.#newest.get(written.device) ?? 0)) return;
    const room = this.#rooms.get(written.room) ?? [];
    if (targetMust !== null) {
      const target = room[(written.target ?? 0) - 1];
      if (target?.type !== "CHAT_MESSAGE") return;
      if (targetMust === "be-own" && target.author !== written.author) return;
    }
    const said = JSON.parse(body) as { text?: string; reaction?: string; on?: boolean };
    const { type, device, seq, sender, author, target } = written;
    const { text, reaction, on } = said;
    const offset = room.length + 1;
    const event = {
      room: written.room,
      offset,
      type,
      device,
      seq,
      sender,
      author,
      target,
      text,
      reaction,
      on,
    };
    room.push(event);
    this.#rooms.set(written.room, room);
    this.#byNumber.set(number, event);
    this.#newest.set(device, seq);
    this.onEvent(event);
  }
}
