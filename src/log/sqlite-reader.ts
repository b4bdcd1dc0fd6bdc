import { Buffer } from "node:buffer";
import type { DatabaseSync, SQLOutputValue, StatementSync } from "node:sqlite";
import type { EventType } from "../protocol/client-pdu.ts";
import { type LoggedEvent, topicIn } from "../protocol/event.ts";
import { type Page, PAGE_BYTES_MAX, type RoomStand, type RoomSummary } from "./log.ts";

/** The log's questions on one connection. Each is one statement, so each sees one state of the log. */
export class SqliteReader {
  readonly #page: StatementSync;
  readonly #stand: StatementSync;
  readonly #rooms: StatementSync;

  constructor(db: DatabaseSync) {
    // One row at least for a room that exists, with the head in each: page and head are of one moment.
    this.#page = db.prepare(`
      SELECT r.head, e.offset, e.ts, e.type, e.seq, e.sender, e.author, e.target, e.body
      FROM rooms r LEFT JOIN events e ON e.room = r.id AND e.offset > ?
      WHERE r.name = ? ORDER BY e.offset LIMIT ?`);
    this.#stand = db.prepare(`
      SELECT head, (SELECT e.body FROM events e WHERE e.room = r.id AND e.type = 'CHAT_TOPIC'
        ORDER BY e.offset DESC LIMIT 1) AS body
      FROM rooms r WHERE r.name = ?`);
    this.#rooms = db.prepare(
      "SELECT name, head FROM rooms WHERE name > ? AND head > 0 ORDER BY name LIMIT ?",
    );
  }

  read(room: string, after: number, limit: number): Page {
    if (limit < 1) return { events: [], head: this.stand(room).head };
    const events: LoggedEvent[] = [];
    let head = 0;
    let bytes = 0;
    // Leaving the loop early resets the statement, and with it lets go of its view of the log.
    for (const row of this.#page.iterate(after, room, limit)) {
      head = Number(row["head"]);
      if (row["offset"] === null) break;
      const event = eventOf(room, row);
      bytes += Buffer.byteLength(event.body);
      if (bytes > PAGE_BYTES_MAX && events.length > 0) break;
      events.push(event);
    }
    return { events, head };
  }

  stand(room: string): RoomStand {
    const row = this.#stand.get(room);
    const body = row?.["body"];
    return {
      head: Number(row?.["head"] ?? 0),
      topic: typeof body === "string" ? topicIn({ body }) : "",
    };
  }

  rooms(after: string, limit: number): RoomSummary[] {
    return this.#rooms.all(after, Math.max(0, limit))
      .map((row) => ({ room: String(row["name"]), head: Number(row["head"]) }));
  }
}

function eventOf(room: string, row: Record<string, SQLOutputValue>): LoggedEvent {
  const target = row["target"];
  return {
    room,
    offset: Number(row["offset"]),
    tsMs: Number(row["ts"]),
    // Only `append` writes this column, from an `EventType`.
    type: String(row["type"]) as EventType,
    seq: Number(row["seq"]),
    sender: String(row["sender"]),
    author: String(row["author"]),
    target: typeof target === "number" ? target : null,
    body: String(row["body"]),
  };
}
