import type { DatabaseSync, StatementSync } from "node:sqlite";
import { openForReading } from "../sqlite/connection.ts";
import { CACHE_KIB, IndexUnfit, openIndexFile, withIndexFile } from "./search-file.ts";
import { excerpt, ftsExpression, indexedText, termsOf } from "./search-terms.ts";
import type { Found, SearchPage, SearchQuery } from "../search.ts";

/** Events of one transaction, and about the characters of their texts: a few tens of milliseconds. */
const BATCH_EVENTS = 1_000;
const BATCH_CHARS = 200_000;

type Row = Record<string, unknown>;

interface Statements {
  readonly after: StatementSync;
  readonly newest: StatementSync;
  readonly recoveries: StatementSync;
  readonly event: StatementSync;
  readonly at: StatementSync;
  readonly roomId: StatementSync;
  readonly roomName: StatementSync;
  readonly find: StatementSync;
  readonly has: StatementSync;
  readonly add: StatementSync;
  readonly drop: StatementSync;
  readonly editOf: StatementSync;
  readonly edited: StatementSync;
  readonly forgetEdit: StatementSync;
  readonly reached: StatementSync;
}

/**
 * An index beside a log, on two connections: the log's, which it only reads, and its own file, where it remembers
 * in each transaction how far it has come. A connection that reads sees of the log only what is durable.
 *
 * Throws `IndexUnfit` where it is to be made anew, and what SQLite throws.
 */
export class SearchIndex {
  readonly #log: DatabaseSync;
  readonly #own: DatabaseSync;
  readonly #do: Statements;
  #upTo: number;
  #mark: string;
  #recoveries: number;

  constructor(logPath: string, ownPath: string, cacheKib = CACHE_KIB) {
    this.#log = openForReading(logPath);
    // It is read from its end, and a page here and there.
    this.#log.exec(`PRAGMA cache_size = -${Math.ceil(cacheKib / 8)}`);
    let own: DatabaseSync | null = null;
    try {
      const life = this.#log.prepare("SELECT epoch, recoveries FROM life").get();
      const opened = openIndexFile(ownPath, String(life?.["epoch"]), ownStatements, cacheKib);
      own = this.#own = opened.db;
      this.#upTo = opened.upTo;
      this.#mark = opened.mark;
      this.#recoveries = Number(life?.["recoveries"]);
      this.#do = { ...logStatements(this.#log), ...opened.statements };
      this.#assertMark();
    } catch (error) {
      own?.close();
      this.#log.close();
      throw error;
    }
  }

  /** Takes in what the log has got since, one batch of it. False when there was nothing. */
  catchUp(): boolean {
    this.#assertSameLife();
    // Taken out of the log's view before anything is written: what holds a view keeps the log's writer from starting
    // its write-ahead log over.
    const rows: Row[] = [];
    let chars = 0;
    for (const row of this.#do.after.iterate(this.#upTo, BATCH_EVENTS)) {
      rows.push(row);
      chars += String(row["body"]).length;
      if (chars > BATCH_CHARS) break;
    }
    const last = rows.at(-1);
    if (last === undefined) return false;
    const [upTo, mark] = [Number(last["id"]), markOf(last)];
    withIndexFile(() => {
      this.#own.exec("BEGIN IMMEDIATE");
      try {
        for (const row of rows) this.#take(row);
        this.#do.reached.run(upTo, mark);
        this.#own.exec("COMMIT");
      } catch (error) {
        if (this.#own.isTransaction) this.#own.exec("ROLLBACK");
        throw error;
      }
    });
    this.#upTo = upTo;
    this.#mark = mark;
    return true;
  }

  /** In what it has taken in. */
  find({ text, rooms, before, limit }: SearchQuery): SearchPage {
    const isBehind = Number(this.#do.newest.get()?.["id"] ?? 0) > this.#upTo;
    const terms = termsOf(text);
    const ids = rooms.flatMap((room) => this.#do.roomId.get(room)?.["id"] ?? []);
    if (terms.length === 0 || ids.length === 0) return { found: [], next: null, isBehind };
    const inRooms = ids.map((id) => `r${id}`).join(" OR ");
    const expression = `(${ftsExpression(terms)}) AND room : (${inRooms})`;
    const rows = withIndexFile(() =>
      this.#do.find.all(expression, before ?? Number.MAX_SAFE_INTEGER, limit + 1)
    );
    const found = rows.slice(0, limit).map((row) => this.#foundOf(Number(row["id"]), text));
    return { found, next: rows.length > limit ? found.at(-1)?.id ?? null : null, isBehind };
  }

  close(): void {
    this.#log.close();
    this.#own.close();
  }

  #foundOf(id: number, query: string): Found {
    const row = this.#do.event.get(id) ?? {};
    const edit = this.#do.editOf.get(id)?.["event"];
    const body = edit === undefined ? row["body"] : this.#do.event.get(Number(edit))?.["body"];
    return {
      id,
      room: String(this.#do.roomName.get(Number(row["room"]))?.["name"]),
      offset: Number(row["offset"]),
      tsMs: Number(row["ts"]),
      sender: String(row["sender"]),
      author: String(row["author"]),
      text: excerpt(textIn(body), query),
    };
  }

  #take(row: Row): void {
    const id = Number(row["id"]);
    const room = Number(row["room"]);
    const type = String(row["type"]);
    if (type === "CHAT_MESSAGE") this.#do.add.run(id, indexedText(textIn(row["body"])), `r${room}`);
    if (type !== "CHAT_EDIT" && type !== "CHAT_DELETE") return;
    // Whose it is the log has checked. A deleted message is not here, and stays deleted whatever follows.
    const target = Number(this.#do.at.get(room, Number(row["target"]))?.["id"]);
    if (this.#do.has.get(target) === undefined) return;
    this.#do.drop.run(target);
    if (type === "CHAT_DELETE") this.#do.forgetEdit.run(target);
    else {
      this.#do.edited.run(target, id);
      this.#do.add.run(target, indexedText(textIn(row["body"])), `r${room}`);
    }
  }

  /** The log's writer may have taken events back after its disk failed; then ids may have come to mean others. */
  #assertSameLife(): void {
    const recoveries = Number(this.#do.recoveries.get()?.["recoveries"]);
    if (recoveries === this.#recoveries) return;
    this.#assertMark();
    this.#recoveries = recoveries;
  }

  #assertMark(): void {
    if (this.#upTo === 0) return;
    const row = this.#do.event.get(this.#upTo);
    if (row === undefined || markOf(row) !== this.#mark) throw new IndexUnfit("the log took events back");
  }
}

/** Tells an event from another that got its id. */
function markOf(row: Row): string {
  return `${row["device"]} ${row["seq"]}`;
}

const EVENT = "SELECT id, room, offset, ts, type, device, seq, sender, author, target, body FROM events";

function logStatements(log: DatabaseSync) {
  return {
    after: log.prepare(`${EVENT} WHERE id > ? ORDER BY id LIMIT ?`),
    event: log.prepare(`${EVENT} WHERE id = ?`),
    newest: log.prepare("SELECT max(id) AS id FROM events"),
    recoveries: log.prepare("SELECT recoveries FROM life"),
    at: log.prepare("SELECT id FROM events WHERE room = ? AND offset = ?"),
    roomId: log.prepare("SELECT id FROM rooms WHERE name = ?"),
    roomName: log.prepare("SELECT name FROM rooms WHERE id = ?"),
  };
}

function ownStatements(own: DatabaseSync) {
  return {
    find: own.prepare(`SELECT rowid AS id FROM words
      WHERE words MATCH ? AND rowid < ? ORDER BY rowid DESC LIMIT ?`),
    has: own.prepare("SELECT 1 FROM words_docsize WHERE id = ?"),
    add: own.prepare("INSERT INTO words (rowid, text, room) VALUES (?, ?, ?)"),
    drop: own.prepare("DELETE FROM words WHERE rowid = ?"),
    editOf: own.prepare("SELECT event FROM edits WHERE id = ?"),
    edited: own.prepare("INSERT OR REPLACE INTO edits (id, event) VALUES (?, ?)"),
    forgetEdit: own.prepare("DELETE FROM edits WHERE id = ?"),
    reached: own.prepare("UPDATE state SET up_to = ?, mark = ?"),
  };
}

function textIn(body: unknown): string {
  const { text }: { text?: unknown } = JSON.parse(String(body));
  return typeof text === "string" ? text : "";
}
