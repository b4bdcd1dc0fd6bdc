/** What a server's SQLite file holds, read by the oracle's own SQL from a copy of the file: the server's code has no
 * say in it, and its file and the witness beside it stay as they are. */
import { DatabaseSync } from "node:sqlite";
import type { DurableEvent } from "../sim/oracle/record.ts";
import type { Rule } from "../sim/oracle/violation.ts";

const EVENTS = `
  SELECT events.id, rooms.name AS room, offset, type, device, seq, sender, author, target, body
  FROM events JOIN rooms ON rooms.id = events.room WHERE events.id > ? ORDER BY events.id`;

interface Row {
  readonly id: number;
  readonly line: string;
  readonly event: DurableEvent;
}

/** One log over the life of its server: what was there once must stay. */
export class StoredLog {
  #epoch = "";
  readonly #rows: Row[] = [];
  readonly #rooms = new Map<string, DurableEvent[]>();
  readonly #numbers = new Set<string>();

  constructor(readonly dataDir: string, readonly violate: (rule: Rule, says: string) => void) {}

  get epoch(): string {
    return this.#epoch;
  }

  /** In the order of storing. */
  get events(): readonly DurableEvent[] {
    return this.#rows.map(({ event }) => event);
  }

  room(name: string): readonly DurableEvent[] {
    return this.#rooms.get(name) ?? [];
  }

  at(room: string, offset: number): DurableEvent | undefined {
    return this.#rooms.get(room)?.[offset - 1];
  }

  /** Reads on, after the server ended. `whole` also compares everything that was read before. */
  async read(whole: boolean): Promise<void> {
    const copy = await Deno.makeTempDir({ prefix: "quicchat-stored-" });
    try {
      await Deno.copyFile(`${this.dataDir}/log.sqlite`, `${copy}/log.sqlite`);
      // After a graceful stop there is none.
      await Deno.copyFile(`${this.dataDir}/log.sqlite-wal`, `${copy}/log.sqlite-wal`).catch((error) => {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      });
      const db = new DatabaseSync(`${copy}/log.sqlite`);
      try {
        this.#readFrom(db, whole);
      } finally {
        db.close();
      }
    } finally {
      await Deno.remove(copy, { recursive: true });
    }
  }

  #readFrom(db: DatabaseSync, whole: boolean): void {
    const epoch = String(db.prepare("SELECT epoch FROM life").get()?.["epoch"]);
    if (this.#epoch !== "" && epoch !== this.#epoch) {
      this.violate("resume", `the log is of epoch ${epoch}, was of ${this.#epoch}, and nobody restored it`);
    }
    this.#epoch = epoch;
    const known = this.#rows.length;
    const last = this.#rows.at(-1)?.id ?? 0;
    const found = db.prepare(EVENTS).all(whole ? 0 : last);
    const count = Number(db.prepare("SELECT count(*) AS n FROM events WHERE id <= ?").get(last)?.["n"]);
    if (count !== known) this.violate("durable-stays", `${count} of ${known} events are left`);
    for (const [index, columns] of found.entries()) {
      const line = JSON.stringify(columns);
      const before = whole ? this.#rows[index] : undefined;
      if (before === undefined) this.#take(line, columns);
      else if (before.line !== line) this.violate("durable-stays", `${before.line} is ${line} now`);
    }
  }

  #take(line: string, columns: Record<string, unknown>): void {
    const said = JSON.parse(String(columns["body"])) as { text?: string; reaction?: string; on?: boolean };
    const target = columns["target"];
    const event: DurableEvent = {
      room: String(columns["room"]),
      offset: Number(columns["offset"]),
      type: String(columns["type"]),
      device: String(columns["device"]),
      seq: Number(columns["seq"]),
      sender: String(columns["sender"]),
      author: String(columns["author"]),
      target: target === null ? null : Number(target),
      text: said.text,
      reaction: said.reaction,
      on: said.on,
    };
    const room = this.#rooms.get(event.room) ?? [];
    room.push(event);
    this.#rooms.set(event.room, room);
    this.#rows.push({ id: Number(columns["id"]), line, event });
    const where = `${event.room} ${event.offset}`;
    if (room.length !== event.offset) {
      this.violate("dense-offsets", `${where} is the ${room.length}th event of its room`);
    }
    const number = `${event.device} ${event.seq}`;
    if (this.#numbers.has(number)) this.violate("exactly-once", `${where} repeats a device's ${event.seq}`);
    this.#numbers.add(number);
  }
}
