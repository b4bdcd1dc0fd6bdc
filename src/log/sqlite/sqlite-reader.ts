import { Buffer } from "node:buffer";
import type { DatabaseSync, SQLOutputValue, StatementSync } from "node:sqlite";
import type { EventType } from "../../protocol/client-pdu.ts";
import { type LoggedEvent, topicIn } from "../../protocol/event.ts";
import {
  CHANGES_REACTIONS_MAX,
  type Page,
  PAGE_BYTES_MAX,
  type RoomStand,
  type RoomSummary,
} from "../log.ts";

/** The log's questions on one connection. Each is one statement, so each sees one state of the log; `changes` is one
 * for each of its targets. */
export class SqliteReader {
  readonly #page: StatementSync;
  readonly #changes: StatementSync;
  readonly #stand: StatementSync;
  readonly #rooms: StatementSync;

  constructor(db: DatabaseSync) {
    // One row at least for a room that exists, with the head in each: page and head are of one moment.
    this.#page = db.prepare(`
      SELECT r.head, e.offset, e.ts, e.type, e.seq, e.sender, e.author, e.target, e.body
      FROM rooms r LEFT JOIN events e ON e.room = r.id AND e.offset > ?
      WHERE r.name = ? ORDER BY e.offset LIMIT ?`);
    // Ids rise as offsets do. `type <> 'CHAT_MESSAGE'` is the index's own condition, without which SQLite leaves it.
    this.#changes = db.prepare(`
      WITH said AS (SELECT r.id AS room, ? AS target, ? AS after FROM rooms r WHERE r.name = ?)
      SELECT e.offset, e.ts, e.type, e.seq, e.sender, e.author, e.target, e.body
      FROM said CROSS JOIN events e ON e.id IN (
        SELECT max(id) FROM events x WHERE x.room = said.room AND x.target = said.target
          AND x.type = 'CHAT_EDIT' AND x.type <> 'CHAT_MESSAGE'
        UNION ALL
        SELECT max(id) FROM events x WHERE x.room = said.room AND x.target = said.target
          AND x.type = 'CHAT_DELETE' AND x.type <> 'CHAT_MESSAGE'
        UNION ALL
        SELECT id FROM (SELECT id FROM events x WHERE x.room = said.room AND x.target = said.target
          AND x.type = 'CHAT_REACT' AND x.type <> 'CHAT_MESSAGE' ORDER BY id DESC LIMIT ${CHANGES_REACTIONS_MAX})
      ) AND e.offset > said.after ORDER BY e.id`);
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

  changes(room: string, targets: readonly number[], after: number): LoggedEvent[][] {
    const lists: LoggedEvent[][] = [];
    let bytes = 0;
    for (const target of targets) {
      const list = this.#changes.all(target, after, room).map((row) => eventOf(room, row));
      bytes += list.reduce((sum, { body }) => sum + Buffer.byteLength(body), 0);
      if (bytes > PAGE_BYTES_MAX && lists.length > 0) break;
      lists.push(list);
    }
    return lists;
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
