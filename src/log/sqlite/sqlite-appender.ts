import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Entry, Outcome } from "../log.ts";

interface OpenRoom {
  readonly id: number;
  head: number;
}

/** How many rooms' heads are remembered between transactions: at about 150 bytes each, 1.5 MB. */
const ROOMS_KEPT_MAX = 10_000;

/**
 * The log's rules on one connection, inside a transaction that the owner begins and ends. After a
 * transaction that failed an appender is thrown away, as its memory of heads may be wrong.
 */
export class SqliteAppender {
  readonly #rooms = new Map<string, OpenRoom>();
  readonly #changed = new Set<OpenRoom>();
  readonly #findRoom: StatementSync;
  readonly #makeRoom: StatementSync;
  readonly #setHead: StatementSync;
  readonly #sameOrLater: StatementSync;
  readonly #target: StatementSync;
  readonly #insert: StatementSync;
  #lastId: number;

  constructor(db: DatabaseSync) {
    this.#findRoom = db.prepare("SELECT id, head FROM rooms WHERE name = ?");
    this.#makeRoom = db.prepare("INSERT INTO rooms (name, head) VALUES (?, 0)");
    this.#setHead = db.prepare("UPDATE rooms SET head = ? WHERE id = ?");
    this.#sameOrLater = db.prepare(`
      SELECT e.seq, e.offset, e.ts, r.name FROM events e JOIN rooms r ON r.id = e.room
      WHERE e.device = ? AND e.seq >= ? ORDER BY e.seq LIMIT 1`);
    this.#target = db.prepare("SELECT type, author FROM events WHERE room = ? AND offset = ?");
    this.#insert = db.prepare(`
      INSERT INTO events (id, room, offset, ts, type, device, seq, sender, author, target, body)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
    this.#lastId = lastIdOf(db);
  }

  /** The id of the newest event, this transaction's included. */
  get lastId(): number {
    return this.#lastId;
  }

  take(entry: Entry): Outcome {
    const near = this.#sameOrLater.get(entry.device, entry.seq);
    if (near !== undefined) {
      if (near["seq"] !== entry.seq) return { status: "refused", why: "stale" };
      return {
        status: "duplicate",
        room: String(near["name"]),
        offset: Number(near["offset"]),
        tsMs: Number(near["ts"]),
      };
    }
    let room = this.#room(entry.room);
    if (entry.targetMust !== null) {
      const why = this.#whyNoTarget(entry, room);
      if (why !== null) return { status: "refused", why };
    }
    room ??= this.#newRoom(entry.room);
    this.#lastId++;
    room.head++;
    this.#changed.add(room);
    this.#insert.run(
      this.#lastId,
      room.id,
      room.head,
      entry.tsMs,
      entry.type,
      entry.device,
      entry.seq,
      entry.sender,
      entry.author,
      entry.target,
      entry.body,
    );
    return { status: "stored", offset: room.head };
  }

  /** Writes what the transaction's entries have in common. Call before the commit. */
  settle(): void {
    for (const room of this.#changed) this.#setHead.run(room.head, room.id);
    this.#changed.clear();
    if (this.#rooms.size > ROOMS_KEPT_MAX) this.#rooms.clear();
  }

  #whyNoTarget(entry: Entry, room: OpenRoom | undefined): "no-target" | "not-own" | null {
    const target = room === undefined ? undefined : this.#target.get(room.id, entry.target);
    if (target?.["type"] !== "CHAT_MESSAGE") return "no-target";
    return entry.targetMust === "be-own" && target["author"] !== entry.author ? "not-own" : null;
  }

  #room(name: string): OpenRoom | undefined {
    const known = this.#rooms.get(name);
    if (known !== undefined) return known;
    const row = this.#findRoom.get(name);
    if (row === undefined) return undefined;
    return this.#remember(name, { id: Number(row["id"]), head: Number(row["head"]) });
  }

  #newRoom(name: string): OpenRoom {
    return this.#remember(name, { id: Number(this.#makeRoom.run(name).lastInsertRowid), head: 0 });
  }

  #remember(name: string, room: OpenRoom): OpenRoom {
    this.#rooms.set(name, room);
    return room;
  }
}

/** 0 for a log without events. */
export function lastIdOf(db: DatabaseSync): number {
  return Number(db.prepare("SELECT max(id) AS id FROM events").get()?.["id"] ?? 0);
}
