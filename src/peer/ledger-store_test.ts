import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { HandAuthor, NOW_MS } from "../../tests/fixtures/peer-author.ts";
import type { Entry } from "../log/log.ts";
import { MIGRATIONS } from "../log/sqlite/migrations.ts";
import { SqliteAppender } from "../log/sqlite/sqlite-appender.ts";
import type { NotStored } from "./ledger.ts";
import { type Checked, LedgerStore } from "./ledger-store.ts";
import { readEvent, shortAuthor, type SignedEvent, textOf } from "./signed-event.ts";

const checked = ([fields, signature]: SignedEvent): Checked => {
  const event = readEvent(fields);
  assert.ok(event !== null);
  return { event, text: textOf(event), signature };
};

/** A ledger and a log in memory, and what the keeper does between them. */
class Stores {
  readonly ledgerDb = new DatabaseSync(":memory:");
  readonly logDb = new DatabaseSync(":memory:");
  store: LedgerStore;

  constructor(readonly me: HandAuthor) {
    for (const { sql } of MIGRATIONS) this.logDb.exec(sql);
    this.store = this.open();
  }

  open(rest: { epoch?: string; isRenewed?: boolean } = {}): LedgerStore {
    return this.store = new LedgerStore(this.ledgerDb, this.logDb, {
      group: this.me.group,
      author: this.me.id,
      sign: () => "s".repeat(86),
      path: "ledger",
      epoch: "e".repeat(16),
      freshLife: "f".repeat(16),
      isRenewed: false,
      nowMs: NOW_MS,
      ...rest,
    });
  }

  keep(events: readonly SignedEvent[], nowMs = NOW_MS) {
    return this.store.keep(events.map(checked), nowMs);
  }

  append(entries: readonly Entry[]) {
    const appender = new SqliteAppender(this.logDb);
    const outcomes = entries.map((entry) => appender.take(entry));
    appender.settle();
    return outcomes;
  }

  place(nowMs = NOW_MS + 1_000_000): void {
    for (;;) {
      const { entries } = this.store.placeable(nowMs);
      if (entries.length === 0) return;
      const outcomes = this.append(entries);
      this.store.settle(entries.flatMap(({ device, seq }, at): NotStored[] => {
        const outcome = outcomes[at];
        if (outcome === undefined || outcome.status === "stored") return [];
        const offset = outcome.status === "duplicate" ? outcome.offset : null;
        return [{ device, seq, offset, isStale: outcome.status === "refused" && outcome.why === "stale" }];
      }));
      this.store.follow();
    }
  }

  /** Type, text or reaction, and target of what is in the log. */
  get log(): unknown[] {
    return this.logDb.prepare("SELECT type, body, target FROM events ORDER BY id").all()
      .map((
        { type, body, target },
      ) => [String(type).slice(5), Object.values(JSON.parse(String(body)))[0], target]);
  }

  own(seq: number, text: string, rest: Partial<Entry> = {}): Entry {
    return {
      room: "lobby",
      tsMs: NOW_MS + seq,
      type: "CHAT_MESSAGE",
      device: "d".repeat(32),
      seq,
      sender: "Me",
      author: shortAuthor(this.me.id),
      target: null,
      targetMust: null,
      body: JSON.stringify({ text }),
      ...rest,
    };
  }
}

Deno.test("ledger: a run grows at both ends, and nothing else joins it", () => {
  const ann = new HandAuthor(1);
  const events = ann.many(6);
  const stores = new Stores(new HandAuthor(9));
  const range = ({ runs: [run] }: ReturnType<LedgerStore["keep"]>) => [run?.low, run?.high];
  assert.deepEqual(range(stores.keep(events.slice(2, 3))), [2, 3], "a newcomer begins anywhere");
  assert.deepEqual(range(stores.keep(events.slice(3, 4))), [2, 4]);
  assert.deepEqual(range(stores.keep(events.slice(0, 2).reverse())), [0, 4], "and backwards");
  assert.deepEqual(stores.keep(events.slice(5)).wrongs.map(({ why }) => why), ["gap"]);
  assert.deepEqual(stores.keep(events.slice(0, 4)).wrongs, [], "what is known is nothing new");
  const [, unlinked] = [ann.next(), ann.next({ seq: 5, before: "0".repeat(32) })];
  assert.deepEqual(stores.keep([ann.sign(unlinked)]).wrongs.map(({ why }) => why), ["unlinked"]);
});

Deno.test("ledger: it knows an event that it holds, and takes no other for it", () => {
  const ann = new HandAuthor(1);
  const [first, second, third] = ann.many(3);
  const stores = new Stores(new HandAuthor(9));
  assert.ok(first !== undefined && second !== undefined && third !== undefined);
  stores.keep([first, second]);
  const { store } = stores;
  assert.equal(store.holds(second), true);
  assert.equal(store.holds(third), false, "not kept yet");
  assert.equal(store.holds([second[0], first[1]]), false, "another signature");
  assert.equal(store.holds([second[0].with(8, ["other words"]), second[1]]), false);
  assert.equal(store.holds([["x", 1, "2", null], second[1]]), false, "no event at all");
});

Deno.test("ledger: a change waits for what it changes, and only its author's counts", () => {
  const ann = new HandAuthor(1);
  const bob = new HandAuthor(2);
  const stores = new Stores(new HandAuthor(9));
  const target = { author: ann.id, life: ann.life, seq: 1 };
  const edit = { type: "CHAT_EDIT", target, body: '{"text":"edited"}' } as const;
  stores.keep([bob.sign(bob.next({ ...edit, body: '{"text":"not Bob\'s"}' }))]);
  stores.place();
  assert.deepEqual(stores.log, []);
  stores.keep([ann.sign(ann.next()), ann.sign(ann.next(edit))]);
  stores.place();
  assert.deepEqual(stores.log, [["MESSAGE", "message 1", null], ["EDIT", "edited", 1]]);
});

Deno.test("ledger: a reply waits a little for what it answers, and then is said without it", () => {
  const bob = new HandAuthor(2);
  const stores = new Stores(new HandAuthor(9));
  const target = { author: new HandAuthor(1).id, life: "1".repeat(16), seq: 1 };
  stores.keep([bob.sign(bob.next({ target }))], NOW_MS);
  assert.deepEqual(stores.store.placeable(NOW_MS + 1_000).entries, []);
  stores.place(NOW_MS + 5_000);
  assert.deepEqual(stores.log, [["MESSAGE", "message 1", null]]);
});

Deno.test("ledger: what is dated ahead waits for its time", () => {
  const ann = new HandAuthor(1);
  const stores = new Stores(new HandAuthor(9));
  const year = 31_536_000_000;
  stores.keep([ann.sign(ann.next({ tsMs: NOW_MS + year })), ann.sign(ann.next({ tsMs: NOW_MS }))]);
  assert.equal(stores.store.placeable(NOW_MS).nextMs, NOW_MS + year);
  stores.place(NOW_MS);
  assert.deepEqual(stores.log, [["MESSAGE", "message 2", null]]);
  stores.place(NOW_MS + year);
  assert.equal(stores.log.length, 2);
});

Deno.test("ledger: two events in one place end the chain there: what stands from there on is withdrawn, at everyone alike", () => {
  const ann = new HandAuthor(1);
  const stores = new Stores(new HandAuthor(9));
  const events = [ann.next(), ann.next(), ann.next()];
  const other = { ...events[1], body: '{"text":"the other"}' } as typeof events[1] & object;
  stores.keep(events.map((event) => ann.sign(event)));
  stores.place();
  const { wrongs } = stores.keep([ann.sign(other)]);
  assert.deepEqual(wrongs.map(({ why }) => why), ["contradicts"]);
  const proof = [checked(ann.sign(events[1] as never)), checked(ann.sign(other))] as const;
  const { run, entries } = stores.store.break(proof, NOW_MS);
  assert.equal(run?.brokenAt, 2);
  stores.append(entries);
  stores.store.follow();
  assert.deepEqual(stores.log.slice(3), [["DELETE", undefined, 2], ["DELETE", undefined, 3]]);
  assert.deepEqual(stores.keep([ann.sign(ann.next())]).count, 0, "nothing more of it is kept");
  assert.equal(stores.store.proofs().length, 1);
  assert.deepEqual(stores.store.break(proof, NOW_MS).entries, [], "once is enough");
});

Deno.test("ledger: a muted author is kept, passed on, and not shown, until unmuted", () => {
  const ann = new HandAuthor(1);
  const stores = new Stores(new HandAuthor(9));
  stores.store.mute(["nobody", ann.id.slice(0, 8)]);
  stores.keep(ann.many(2));
  stores.place();
  assert.deepEqual(stores.log, []);
  assert.equal(stores.store.read({ author: ann.id, life: ann.life }, 1, 2).length, 2);
  stores.store.mute([]);
  stores.place();
  assert.equal(stores.log.length, 2);
});

Deno.test("ledger: own words are signed once, in the log's order, whenever it follows", () => {
  const me = new HandAuthor(9);
  const stores = new Stores(me);
  stores.append([stores.own(1, "one"), stores.own(2, "two")]);
  const first = stores.store.follow();
  assert.deepEqual(first.said.map(([fields]) => [fields[2], fields[8]]), [[1, ["one"]], [2, ["two"]]]);
  assert.deepEqual(stores.store.follow().said, []);
  // A power cut took the ledger's last transactions: the same bytes come again.
  const lost = new Stores(me);
  lost.append([stores.own(1, "one"), stores.own(2, "two")]);
  assert.deepEqual(lost.store.follow().said, first.said);
  stores.append([stores.own(3, "edit", { type: "CHAT_EDIT", target: 1, targetMust: "be-own" })]);
  const [edit] = stores.store.follow().said;
  assert.deepEqual(edit?.[0][7], [me.id, "e".repeat(16), 1]);
});

Deno.test("ledger: a log that may have forgotten something begins a new chain, one made anew does not", () => {
  const stores = new Stores(new HandAuthor(9));
  stores.append([stores.own(1, "one"), stores.own(2, "two", { tsMs: NOW_MS - 5 })]);
  stores.store.follow();
  assert.equal(stores.open().opening().own.life, "e".repeat(16));
  stores.logDb.exec("DELETE FROM events; DELETE FROM rooms");
  assert.equal(stores.open({ epoch: "a".repeat(16) }).opening().own.life, "e".repeat(16));
  stores.store.follow();
  stores.place();
  assert.deepEqual(stores.log.map((row) => (row as unknown[])[1]), ["two", "one"], "in the order of time");
  assert.deepEqual(stores.append([stores.own(1, "one")])[0]?.status, "refused", "and never twice");
  assert.equal(stores.open({ epoch: "b".repeat(16), isRenewed: true }).opening().own.life, "f".repeat(16));
});

Deno.test("ledger: what the log has and the ledger lost is placed where it is, once", () => {
  const ann = new HandAuthor(1);
  const stores = new Stores(new HandAuthor(9));
  const events = ann.many(2);
  stores.keep(events);
  stores.place();
  stores.ledgerDb.exec("DELETE FROM events; DELETE FROM chains");
  stores.open();
  stores.keep(events);
  stores.place();
  assert.equal(stores.log.length, 2);
});
