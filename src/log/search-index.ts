import { DatabaseSync, type StatementSync } from "node:sqlite";
import { openForReading } from "./connection.ts";
import { excerpt, ftsExpression, indexedText, termsOf } from "./search-terms.ts";
import type { Found, SearchPage, SearchQuery } from "./search.ts";

/** Version 1. What is kept of each message that is not deleted, by the id of its event: the text as it stands now,
 * and its words. A room is a word, too (`r12`), so that a search in few rooms does not walk through all. A file of
 * another version is made anew. */
const SCHEMA_VERSION = 1;
const SCHEMA = `
  CREATE TABLE state (one INTEGER PRIMARY KEY CHECK (one = 1), life TEXT NOT NULL, up_to INTEGER NOT NULL) STRICT;
  CREATE TABLE messages (
    id INTEGER PRIMARY KEY,
    room INTEGER NOT NULL,
    offset INTEGER NOT NULL,
    ts INTEGER NOT NULL,
    sender TEXT NOT NULL,
    author TEXT NOT NULL,
    text TEXT NOT NULL,
    UNIQUE (room, offset)
  ) STRICT;
  CREATE VIRTUAL TABLE words USING fts5(
    text, room, content='', contentless_delete=1, detail='full', prefix='1 2 3',
    tokenize="unicode61 remove_diacritics 0 tokenchars '_'"
  );
  PRAGMA user_version = ${SCHEMA_VERSION};
`;

/** Events of one transaction: a few tens of milliseconds, and a question waits no longer. */
const BATCH_EVENTS = 1_000;

interface Statements {
  readonly after: StatementSync;
  readonly life: StatementSync;
  readonly roomId: StatementSync;
  readonly roomName: StatementSync;
  readonly find: StatementSync;
  readonly at: StatementSync;
  readonly addMessage: StatementSync;
  readonly addWords: StatementSync;
  readonly changeText: StatementSync;
  readonly dropMessage: StatementSync;
  readonly dropWords: StatementSync;
  readonly reached: StatementSync;
}

/** An index beside a log, on two connections: the log's, which it only reads, and its own file, where it remembers
 * in each transaction how far it has come. */
export class SearchIndex {
  readonly #log: DatabaseSync;
  readonly #own: DatabaseSync;
  readonly #do: Statements;
  #upTo: number;

  constructor(logPath: string, ownPath: string) {
    this.#log = openForReading(logPath);
    this.#own = openOwn(ownPath, lifeOf(this.#log));
    this.#do = prepare(this.#log, this.#own);
    this.#upTo = Number(this.#own.prepare("SELECT up_to FROM state").get()?.["up_to"] ?? 0);
  }

  /** Takes in what the log has got since, one batch of it. False when there was nothing. */
  catchUp(): boolean {
    const rows = this.#do.after.all(this.#upTo, BATCH_EVENTS);
    const last = rows.at(-1);
    if (last === undefined) return false;
    this.#own.exec("BEGIN IMMEDIATE");
    try {
      for (const row of rows) this.#take(row);
      this.#do.reached.run(Number(last["id"]));
      this.#own.exec("COMMIT");
    } catch (error) {
      if (this.#own.isTransaction) this.#own.exec("ROLLBACK");
      throw error;
    }
    this.#upTo = Number(last["id"]);
    return true;
  }

  find({ text, rooms, before, limit }: SearchQuery): SearchPage {
    const terms = termsOf(text);
    const ids = rooms.flatMap((room) => this.#do.roomId.get(room)?.["id"] ?? []);
    if (terms.length === 0 || ids.length === 0) return { found: [], more: false };
    const inRooms = ids.map((id) => `r${id}`).join(" OR ");
    const expression = `(${ftsExpression(terms)}) AND room : (${inRooms})`;
    const rows = this.#do.find.all(expression, before ?? Number.MAX_SAFE_INTEGER, limit + 1);
    const found = rows.slice(0, limit).map((row): Found => ({
      id: Number(row["id"]),
      room: String(this.#do.roomName.get(Number(row["room"]))?.["name"]),
      offset: Number(row["offset"]),
      tsMs: Number(row["ts"]),
      sender: String(row["sender"]),
      author: String(row["author"]),
      text: excerpt(String(row["text"]), text),
    }));
    return { found, more: rows.length > limit };
  }

  close(): void {
    this.#log.close();
    this.#own.close();
  }

  #take(row: Record<string, unknown>): void {
    const room = Number(row["room"]);
    const type = String(row["type"]);
    if (type === "CHAT_MESSAGE") {
      const id = Number(row["id"]);
      const text = textIn(row["body"]);
      const { offset, ts, sender, author } = row;
      this.#do.addMessage.run(id, room, Number(offset), Number(ts), String(sender), String(author), text);
      this.#do.addWords.run(id, indexedText(text), `r${room}`);
      return;
    }
    if (type !== "CHAT_EDIT" && type !== "CHAT_DELETE") return;
    // A message that was deleted is not here, and stays deleted whatever follows.
    const id = this.#do.at.get(room, Number(row["target"]), String(row["author"]))?.["id"];
    if (id === undefined) return;
    this.#do.dropWords.run(Number(id));
    if (type === "CHAT_DELETE") this.#do.dropMessage.run(Number(id));
    else {
      const text = textIn(row["body"]);
      this.#do.changeText.run(text, Number(id));
      this.#do.addWords.run(Number(id), indexedText(text), `r${room}`);
    }
  }
}

/** Opens its file, or makes it anew: of another version, of another life of the log, damaged. */
function openOwn(path: string, life: string): DatabaseSync {
  const db = opened(path);
  const version = db.prepare("PRAGMA user_version").get()?.["user_version"];
  if (version === SCHEMA_VERSION && db.prepare("SELECT life FROM state").get()?.["life"] === life) return db;
  db.close();
  for (const suffix of ["", "-wal", "-shm"]) removeFile(path + suffix);
  const fresh = opened(path);
  fresh.exec(SCHEMA);
  fresh.prepare("INSERT INTO state (one, life, up_to) VALUES (1, ?, 0)").run(life);
  return fresh;
}

function opened(path: string): DatabaseSync {
  // For this user's eyes only, as the log itself.
  Deno.openSync(path, { create: true, append: true, mode: 0o600 }).close();
  const db = new DatabaseSync(path);
  try {
    // A power cut may take the last transactions: they are made again from the log.
    db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function removeFile(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** What must be the same for ids to mean the same: the epoch, and no recovery that took events back. */
function lifeOf(log: DatabaseSync): string {
  const row = log.prepare("SELECT epoch, recoveries FROM life").get();
  return `${row?.["epoch"]} ${row?.["recoveries"]}`;
}

function prepare(log: DatabaseSync, own: DatabaseSync): Statements {
  return {
    after: log.prepare(`SELECT id, room, offset, ts, type, sender, author, target, body FROM events
      WHERE id > ? ORDER BY id LIMIT ?`),
    life: log.prepare("SELECT epoch, recoveries FROM life"),
    roomId: log.prepare("SELECT id FROM rooms WHERE name = ?"),
    roomName: log.prepare("SELECT name FROM rooms WHERE id = ?"),
    find: own.prepare(`SELECT m.* FROM words w JOIN messages m ON m.id = w.rowid
      WHERE words MATCH ? AND w.rowid < ? ORDER BY w.rowid DESC LIMIT ?`),
    at: own.prepare("SELECT id FROM messages WHERE room = ? AND offset = ? AND author = ?"),
    addMessage: own.prepare(`INSERT INTO messages (id, room, offset, ts, sender, author, text)
      VALUES (?, ?, ?, ?, ?, ?, ?)`),
    addWords: own.prepare("INSERT INTO words (rowid, text, room) VALUES (?, ?, ?)"),
    changeText: own.prepare("UPDATE messages SET text = ? WHERE id = ?"),
    dropMessage: own.prepare("DELETE FROM messages WHERE id = ?"),
    dropWords: own.prepare("DELETE FROM words WHERE rowid = ?"),
    reached: own.prepare("UPDATE state SET up_to = ?"),
  };
}

function textIn(body: unknown): string {
  const { text }: { text?: unknown } = JSON.parse(String(body));
  return typeof text === "string" ? text : "";
}
