import type { DatabaseSync, SQLOutputValue, StatementSync } from "node:sqlite";
import { prepareLedger } from "./ledger-schema.ts";
import { type ChainId, chainKey, type EventId, markOf, type PeerEvent } from "./signed-event.ts";

/** This peer's run of one chain, as its row. */
export interface ChainRow {
  readonly id: number;
  readonly author: string;
  readonly life: string;
  low: number;
  high: number;
  head: string;
  before: string;
  brokenAt: number | null;
}

/** Where an event comes from in the log, and where it stands there. */
interface InLog {
  readonly device: string;
  readonly seq: number;
  readonly place: number | null;
  readonly waits: boolean;
}

/** The ledger's tables on one connection: rows in and out, chains remembered, and what follows from an event's place. */
export class LedgerTables {
  readonly chains = new Map<string, ChainRow>();
  readonly #statements = new Map<string, StatementSync>();

  constructor(readonly db: DatabaseSync, path: string) {
    prepareLedger(db, path);
    this.#readChains();
  }

  /** Undefined: not kept; null: not placed yet. A muted one counts as never. */
  placeOf(mark: string): number | null | undefined {
    const row = this.one("SELECT place FROM events WHERE mark = ?", mark);
    if (row === undefined) return undefined;
    return row["place"] === null ? null : Math.max(0, Number(row["place"]));
  }

  /** Where an event stands in the log, or (0, -1) that it doesn't; who waited for it goes on. */
  settle(mark: string, place: number): void {
    this.run("UPDATE events SET place = ?, waits = 0 WHERE mark = ?", place, mark);
    if (place === 0) {
      this.run(
        "UPDATE events SET place = 0, waits = 0 WHERE target = ? AND waits = 1 AND type <> 'CHAT_MESSAGE'",
        mark,
      );
    }
    if (place >= 0) this.run("UPDATE events SET waits = 0 WHERE target = ? AND waits = 1", mark);
  }

  /** What stands at a place of the log. */
  at(room: string, place: number): EventId | null {
    const row = this.one(
      `SELECT c.author, c.life, e.seq FROM events e JOIN chains c ON c.id = e.chain
       WHERE e.room = ? AND e.place = ? AND e.place > 0`,
      room,
      place,
    );
    if (row === undefined) return null;
    return { author: String(row["author"]), life: String(row["life"]), seq: Number(row["seq"]) };
  }

  /** Whether this very event is kept. `text`: its fields as JSON. */
  holds([author, life, seq]: readonly unknown[], text: string, signature: string): boolean {
    const chain = this.chains.get(chainKey({ author: String(author), life: String(life) }));
    if (chain === undefined || typeof seq !== "number" || seq <= chain.low || seq > chain.high) return false;
    const row = this.one("SELECT fields, signature FROM events WHERE chain = ? AND seq = ?", chain.id, seq);
    return row?.["fields"] === text && row["signature"] === signature;
  }

  /** The chain's row; made when it is missing. */
  chain(id: ChainId): ChainRow {
    const known = this.chains.get(chainKey(id));
    if (known !== undefined) return known;
    const made = this.run(
      "INSERT INTO chains (author, life, low, high, head, before) VALUES (?, ?, 0, 0, '', '')",
      id.author,
      id.life,
    );
    const chain = {
      id: Number(made.lastInsertRowid),
      author: id.author,
      life: id.life,
      low: 0,
      high: 0,
      head: "",
      before: "",
      brokenAt: null,
    };
    this.#remember(chain);
    return chain;
  }

  #remember(chain: ChainRow): void {
    this.chains.set(chainKey(chain), chain);
  }

  saveChain({ id, low, high, head, before, brokenAt }: ChainRow): void {
    this.run(
      "UPDATE chains SET low = ?, high = ?, head = ?, before = ?, broken_at = ? WHERE id = ?",
      low,
      high,
      head,
      before,
      brokenAt,
      id,
    );
  }

  insert(
    chain: ChainRow,
    event: PeerEvent,
    text: string,
    signature: string,
    at: InLog,
  ): void {
    this.run(
      `INSERT INTO events (chain, seq, ts, type, room, mark, target, fields, signature, device, device_seq, place, waits)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      chain.id,
      event.seq,
      event.tsMs,
      event.type,
      event.room,
      markOf(event),
      event.target === null ? null : markOf(event.target),
      text,
      signature,
      at.device,
      at.seq,
      at.place,
      at.waits ? 1 : 0,
    );
  }

  /** All of it, or nothing. */
  transact(act: () => void): void {
    this.db.exec("BEGIN IMMEDIATE");
    try {
      act();
      this.db.exec("COMMIT");
    } catch (error) {
      if (this.db.isTransaction) this.db.exec("ROLLBACK");
      // What is remembered of the chains may be ahead of the file.
      this.#readChains();
      throw error;
    }
  }

  prepared(db: DatabaseSync, sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = db.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  run(sql: string, ...values: (string | number | null)[]): { readonly lastInsertRowid: number | bigint } {
    return this.prepared(this.db, sql).run(...values);
  }

  one(sql: string, ...values: (string | number)[]): Record<string, SQLOutputValue> | undefined {
    return this.prepared(this.db, sql).get(...values);
  }

  all(sql: string, ...values: (string | number)[]): Record<string, SQLOutputValue>[] {
    return this.prepared(this.db, sql).all(...values);
  }

  #readChains(): void {
    this.chains.clear();
    for (const row of this.db.prepare("SELECT * FROM chains").all()) this.#remember(chainOf(row));
  }
}

function chainOf(row: Record<string, SQLOutputValue>): ChainRow {
  return {
    id: Number(row["id"]),
    author: String(row["author"]),
    life: String(row["life"]),
    low: Number(row["low"]),
    high: Number(row["high"]),
    head: String(row["head"]),
    before: String(row["before"]),
    brokenAt: row["broken_at"] === null ? null : Number(row["broken_at"]),
  };
}
