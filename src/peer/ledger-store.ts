import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import type { Entry } from "../log/log.ts";
import type { EventType } from "../protocol/client-pdu.ts";
import {
  type Contradiction,
  type Kept,
  type LedgerOpening,
  type NotStored,
  type Placeable,
  READ_BYTES_MAX,
  READ_EVENTS_MAX,
  type Run,
  type Wrong,
} from "./ledger.ts";
import { beginLife, lateIn, type StoreOpening } from "./ledger-opening.ts";
import { type ChainRow, LedgerTables } from "./ledger-tables.ts";
import {
  type ChainId,
  chainKey,
  hashOf,
  keptEvent,
  markOf,
  type PeerEvent,
  shortAuthor,
  type SignedEvent,
  textOf,
} from "./signed-event.ts";

/** An event whose fields and signature were found right. */
export interface Checked {
  readonly event: PeerEvent;
  /** `textOf` it. */
  readonly text: string;
  readonly signature: string;
}

/** A reply is shown without what it answers when that has not come so long after it. */
const REPLY_WAITS_MS = 3_000;
/** Events of the log that are followed in one transaction. */
const FOLLOW_EVENTS = 1_000;
/**
 * The ledger's file on one connection, and the log's on another, which it only reads. Every method is one transaction;
 * it blocks its thread, and throws what SQLite throws.
 */
export class LedgerStore {
  readonly #t: LedgerTables;
  readonly #log: DatabaseSync;
  readonly #me: StoreOpening;
  readonly #short: string;
  readonly #own: ChainId;
  /** Replies whose target is missing, and since when. */
  #replies: { readonly mark: string; readonly sinceMs: number }[] = [];
  #muted: readonly string[] = [];
  readonly isNew: boolean;

  constructor(db: DatabaseSync, log: DatabaseSync, me: StoreOpening) {
    this.#t = new LedgerTables(db, me.path);
    this.#log = log;
    this.#me = me;
    this.#short = shortAuthor(me.author);
    const { isNew, own } = beginLife(this.#t, me);
    this.isNew = isNew;
    this.#own = own;
  }

  opening(): LedgerOpening {
    const ts = this.#t.one("SELECT max(ts) AS ts FROM events WHERE ts <= ?", this.#me.nowMs)?.["ts"];
    return {
      isNew: this.isNew,
      runs: [...this.#t.chains.values()].filter(({ high }) => high > 0).map(runOf),
      own: this.#own,
      tsMsMax: Number(ts ?? 0),
      late: lateIn(this.#t),
    };
  }

  /** Authors, by the beginnings of their keys, whose events are kept and passed on, but not placed. */
  mute(authors: readonly string[]): void {
    this.#muted = authors;
    this.#t.transact(() => this.#t.run("UPDATE events SET place = NULL WHERE place = -1"));
  }

  /**
   * Takes in what the log has got: signs what this peer's people said, notes where everything stands. Gives what was
   * signed, in its order.
   */
  follow(): { readonly said: readonly SignedEvent[]; readonly run: Run | null; readonly more: boolean } {
    const upTo = Number(this.#t.one("SELECT up_to FROM state")?.["up_to"]);
    const rows = this.#t.prepared(
      this.#log,
      `SELECT e.id, e.offset, e.ts, e.type, e.device, e.seq, e.sender, e.author, e.target, e.body, r.name AS room
       FROM events e JOIN rooms r ON r.id = e.room WHERE e.id > ? ORDER BY e.id LIMIT ${FOLLOW_EVENTS}`,
    ).all(upTo);
    const last = rows.at(-1);
    if (last === undefined) return { said: [], run: null, more: false };
    const said: SignedEvent[] = [];
    this.#t.transact(() => {
      for (const row of rows) {
        const signed = this.#followOne(row);
        if (signed !== null) said.push(signed);
      }
      this.#t.run("UPDATE state SET up_to = ?", Number(last["id"]));
    });
    const own = this.#t.chains.get(chainKey(this.#own));
    return {
      said,
      run: said.length === 0 || own === undefined ? null : runOf(own),
      more: rows.length === FOLLOW_EVENTS,
    };
  }

  /** Whether it has exactly this event already. */
  holds([fields, signature]: SignedEvent): boolean {
    return this.#t.holds(fields, JSON.stringify(fields), signature);
  }

  /** Keeps what joins the runs. */
  keep(events: readonly Checked[], nowMs: number): Kept {
    const changed = new Set<ChainRow>();
    const wrongs: Wrong[] = [];
    let count = 0;
    let tsMsMax = 0;
    let latestBy = "";
    this.#t.transact(() => {
      for (const one of events) {
        const wrong = this.#keepOne(one, nowMs, changed);
        if (wrong === "new") {
          count++;
          if (one.event.tsMs > tsMsMax) [tsMsMax, latestBy] = [one.event.tsMs, one.event.author];
        } else if (wrong !== null) wrongs.push(wrong);
      }
      for (const chain of changed) this.#t.saveChain(chain);
    });
    return { count, runs: [...changed].map(runOf), wrongs, tsMsMax, latestBy };
  }

  /** What may go into the log now, in the order in which people see it, `READ_EVENTS_MAX` at most. */
  placeable(nowMs: number): Placeable {
    const patient = this.#replies.filter(({ sinceMs }) => nowMs - sinceMs < REPLY_WAITS_MS);
    if (patient.length < this.#replies.length) {
      const given = this.#replies.filter(({ sinceMs }) => nowMs - sinceMs >= REPLY_WAITS_MS);
      this.#t.transact(() =>
        given.forEach(({ mark }) => this.#t.run("UPDATE events SET waits = 0 WHERE mark = ?", mark))
      );
      this.#replies = patient;
    }
    const rows = this.#t.all(
      `SELECT e.fields, e.device, e.device_seq, e.mark, c.author, t.place AS at
       FROM events e JOIN chains c ON c.id = e.chain LEFT JOIN events t ON t.mark = e.target
       WHERE e.place IS NULL AND e.waits = 0 AND e.ts <= ? ORDER BY e.ts, c.author LIMIT ${READ_EVENTS_MAX}`,
      nowMs,
    );
    const entries: Entry[] = [];
    const muted: string[] = [];
    for (const row of rows) {
      if (this.#muted.some((key) => String(row["author"]).startsWith(key))) muted.push(String(row["mark"]));
      else entries.push(entryOf(row));
    }
    if (muted.length > 0) {
      this.#t.transact(() => muted.forEach((mark) => this.#t.settle(mark, -1)));
    }
    const next = this.#t.one(
      "SELECT min(ts) AS ts FROM events WHERE place IS NULL AND waits = 0 AND ts > ?",
      nowMs,
    )?.["ts"];
    const replyMs = this.#replies[0] === undefined ? null : this.#replies[0].sinceMs + REPLY_WAITS_MS;
    const dueMs = typeof next === "number" ? next : null;
    return { entries, nextMs: dueMs === null ? replyMs : Math.min(dueMs, replyMs ?? dueMs) };
  }

  /**
   * These were not simply stored in the log. `offset`: it had them before. `isStale`: this peer's own, when the log is
   * made anew and what they are about stood after them; they go in under their mark, as others' do. Else their target
   * isn't theirs to change, and never will be.
   */
  settle(entries: readonly NotStored[]): void {
    this.#t.transact(() => {
      for (const { device, seq, offset, isStale } of entries) {
        const mark = this.#t.one("SELECT mark FROM events WHERE device = ? AND device_seq = ?", device, seq)
          ?.["mark"];
        if (typeof mark !== "string") continue;
        if (isStale) this.#t.run("UPDATE events SET device = mark, device_seq = seq WHERE mark = ?", mark);
        else this.#t.settle(mark, offset ?? 0);
      }
    });
  }

  /** Events of a run, from `from` on, up or down, at most as many as go into one PDU. */
  read(chain: ChainId, from: number, to: number): readonly string[] {
    const row = this.#t.chains.get(chainKey(chain));
    if (row === undefined) return [];
    const down = to < from;
    const rows = this.#t.prepared(
      this.#t.db,
      `SELECT fields, signature FROM events WHERE chain = ? AND seq BETWEEN ? AND ?
       ORDER BY seq ${down ? "DESC" : "ASC"} LIMIT ${READ_EVENTS_MAX}`,
    ).iterate(row.id, Math.min(from, to), Math.max(from, to));
    const lines: string[] = [];
    let bytes = 0;
    for (const { fields, signature } of rows) {
      const line = `[${fields},"${signature}"]`;
      // Three bytes of UTF-8 are the most that one UTF-16 unit takes; most take one.
      bytes += line.length < READ_BYTES_MAX / 3 ? line.length : new TextEncoder().encode(line).length;
      if (bytes > READ_BYTES_MAX && lines.length > 0) break;
      lines.push(line);
    }
    return lines;
  }

  /** Ends a chain where it contradicts itself; gives what takes its messages from there on out of the log. */
  break(
    proof: readonly [Checked, Checked],
    nowMs: number,
  ): { readonly run: Run | null; readonly entries: readonly Entry[] } {
    const [{ event }, other] = proof;
    const chain = this.#t.chain(event);
    if (chain.brokenAt !== null && chain.brokenAt <= event.seq) return { run: null, entries: [] };
    const text = JSON.stringify([signedOf(proof[0]), signedOf(other)]);
    const entries: Entry[] = [];
    this.#t.transact(() => {
      chain.brokenAt = event.seq;
      this.#t.saveChain(chain);
      this.#t.run("UPDATE chains SET proof = ? WHERE id = ?", text, chain.id);
      for (
        const row of this.#t.all(
          "SELECT mark, room, place, type FROM events WHERE chain = ? AND seq >= ?",
          chain.id,
          event.seq,
        )
      ) {
        const { mark, place } = row;
        if (place === null) this.#t.settle(String(mark), 0);
        else if (row["type"] === "CHAT_MESSAGE" && Number(place) > 0) {
          entries.push({
            room: String(row["room"]),
            tsMs: Math.max(nowMs, 0),
            type: "CHAT_DELETE",
            device: hashOf(`withdrawn ${mark}`),
            seq: 1,
            sender: event.name,
            author: shortAuthor(event.author),
            target: Number(place),
            targetMust: "be-own",
            body: "{}",
          });
        }
      }
    });
    return { run: runOf(chain), entries };
  }

  /** What proves that chains are broken. */
  proofs(): readonly Contradiction[] {
    return this.#t.all("SELECT proof FROM chains WHERE proof IS NOT NULL ORDER BY id DESC LIMIT 100")
      .map(({ proof }) => JSON.parse(String(proof)) as Contradiction);
  }

  /** What a room is about, by its latest topic, "" for nothing; null where none is known. */
  topic(room: string): string | null {
    const row = this.#t.one(
      `SELECT e.fields FROM events e JOIN chains c ON c.id = e.chain
       WHERE e.room = ? AND e.type = 'CHAT_TOPIC' AND e.place > 0 ORDER BY e.ts DESC, c.author DESC LIMIT 1`,
      room,
    );
    const event = row === undefined ? null : keptEvent(JSON.parse(String(row["fields"])));
    return event === null ? null : String(JSON.parse(event.body)["text"]);
  }

  close(): void {
    this.#log.close();
    this.#t.db.close();
  }

  #followOne(row: Record<string, SQLOutputValue>): SignedEvent | null {
    const device = String(row["device"]);
    const seq = Number(row["seq"]);
    const place = Number(row["offset"]);
    const known = this.#t.one("SELECT mark FROM events WHERE device = ? AND device_seq = ?", device, seq)
      ?.["mark"];
    if (typeof known === "string") {
      this.#t.settle(known, place);
      return null;
    }
    // What takes a broken chain's messages out of the log is this peer's own affair.
    if (row["author"] !== this.#short) return null;
    const room = String(row["room"]);
    const target = row["target"] === null ? null : this.#t.at(room, Number(row["target"]));
    const chain = this.#t.chain(this.#own);
    const event: PeerEvent = {
      ...this.#own,
      seq: chain.high + 1,
      tsMs: Number(row["ts"]),
      type: String(row["type"]) as EventType,
      room,
      name: String(row["sender"]),
      target,
      body: String(row["body"]),
      before: chain.head,
    };
    const text = textOf(event);
    const signature = this.#me.sign(text);
    chain.high = event.seq;
    chain.head = hashOf(text);
    this.#t.saveChain(chain);
    this.#t.insert(chain, event, text, signature, { device, seq, place, waits: false });
    return [JSON.parse(text), signature];
  }

  #keepOne({ event, text, signature }: Checked, nowMs: number, changed: Set<ChainRow>): Wrong | "new" | null {
    const chain = this.#t.chain(event);
    const id = { author: event.author, life: event.life };
    if (chain.brokenAt !== null && event.seq >= chain.brokenAt) return null;
    const hash = hashOf(text);
    const isFirst = chain.high === 0;
    if (!isFirst && event.seq > chain.low && event.seq <= chain.high) {
      const held = this.#t.one(
        "SELECT fields, signature FROM events WHERE chain = ? AND seq = ?",
        chain.id,
        event.seq,
      );
      if (held === undefined || held["fields"] === text) return null;
      const proof: Contradiction = [
        [JSON.parse(String(held["fields"])), String(held["signature"])],
        [JSON.parse(text), signature],
      ];
      return { why: "contradicts", chain: id, proof };
    }
    if (isFirst) {
      chain.low = event.seq - 1;
      chain.high = event.seq;
      chain.head = hash;
      chain.before = event.before;
    } else if (event.seq === chain.high + 1) {
      if (event.before !== chain.head) return { why: "unlinked", chain: id, seq: chain.high };
      chain.high = event.seq;
      chain.head = hash;
    } else if (event.seq === chain.low) {
      if (hash !== chain.before) return { why: "unlinked", chain: id, seq: chain.low + 1 };
      chain.low = event.seq - 1;
      chain.before = event.before;
    } else return { why: "gap", chain: id };
    changed.add(chain);
    const mark = markOf(event);
    const waits = event.target !== null && this.#waitsFor(event, mark, nowMs);
    this.#t.insert(chain, event, text, signature, { device: mark, seq: event.seq, place: null, waits });
    // Its target will never be placed: neither will it.
    if (
      event.target !== null && !waits && event.type !== "CHAT_MESSAGE" &&
      this.#t.placeOf(markOf(event.target)) === 0
    ) {
      this.#t.settle(mark, 0);
    }
    return "new";
  }

  #waitsFor(event: PeerEvent, mark: string, nowMs: number): boolean {
    if (event.target === null) return false;
    const place = this.#t.placeOf(markOf(event.target));
    if (place !== null && place !== undefined) return false;
    if (event.type === "CHAT_MESSAGE") this.#replies.push({ mark, sinceMs: nowMs });
    return true;
  }
}

function runOf({ author, life, low, high, head, brokenAt }: ChainRow): Run {
  return { author, life, low, high, head, brokenAt };
}

function signedOf({ text, signature }: Checked): SignedEvent {
  return [JSON.parse(text), signature];
}

function entryOf(row: Record<string, SQLOutputValue>): Entry {
  const event = keptEvent(JSON.parse(String(row["fields"])));
  const at = Number(row["at"] ?? 0);
  return {
    room: event.room,
    tsMs: event.tsMs,
    type: event.type,
    device: String(row["device"]),
    seq: Number(row["device_seq"]),
    sender: event.name,
    author: shortAuthor(event.author),
    target: at > 0 ? at : null,
    targetMust: event.type === "CHAT_EDIT" || event.type === "CHAT_DELETE"
      ? "be-own"
      : event.type === "CHAT_REACT"
      ? "exist"
      : null,
    body: event.body,
  };
}
