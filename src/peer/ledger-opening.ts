import { LATE_MS } from "./late-count.ts";
import type { ChainId } from "./signed-event.ts";
import { chainKey } from "./signed-event.ts";
import type { LedgerTables } from "./ledger-tables.ts";

/** Who this peer is, and whether a signature is right. */
export interface Author {
  readonly group: string;
  readonly author: string;
  /** Base64url. */
  readonly sign: (text: string) => string;
}

export interface StoreOpening extends Author {
  readonly path: string;
  /** The log's epoch. */
  readonly epoch: string;
  /** For a new life, 16 hexadecimal digits. */
  readonly freshLife: string;
  /** The log may have forgotten what it had: begin a new life. */
  readonly isRenewed: boolean;
  readonly nowMs: number;
}

/**
 * Decides which chain this peer adds to, and forgets the places of another life of the log. A log that may have
 * forgotten something begins a new chain: going on with the old one could contradict what others have.
 */
export function beginLife(
  t: LedgerTables,
  me: StoreOpening,
): { readonly isNew: boolean; readonly own: ChainId } {
  const state = t.one("SELECT * FROM state");
  let life = String(state?.["life"] ?? me.epoch.slice(0, 16).padStart(16, "0"));
  const own = t.chains.get(chainKey({ author: me.author, life }));
  if (state !== undefined && (me.isRenewed || (own !== undefined && own.brokenAt !== null))) {
    life = me.freshLife;
  }
  t.transact(() => {
    if (state?.["epoch"] === me.epoch) t.run("UPDATE state SET life = ?", life);
    else {
      t.run("DELETE FROM state");
      t.run("INSERT INTO state VALUES (1, ?, ?, ?, ?, 0)", me.group, me.author, life, me.epoch);
      forgetPlaces(t);
    }
    // Who was patient for what it answers is said without it now.
    t.run(`UPDATE events SET waits = 0 WHERE waits = 1 AND type = 'CHAT_MESSAGE' AND
      NOT EXISTS (SELECT 1 FROM events t WHERE t.mark = events.target AND t.place IS NULL)`);
  });
  return { isNew: state === undefined, own: { author: me.author, life } };
}

function forgetPlaces(t: LedgerTables): void {
  t.run("UPDATE events SET place = NULL, waits = 0");
  for (const { id, brokenAt } of t.chains.values()) {
    if (brokenAt !== null) t.run("UPDATE events SET place = 0 WHERE chain = ? AND seq >= ?", id, brokenAt);
  }
  t.run(`UPDATE events SET place = 0 WHERE place IS NULL AND type <> 'CHAT_MESSAGE'
    AND target IN (SELECT mark FROM events WHERE place = 0)`);
  t.run(`UPDATE events SET waits = 1 WHERE place IS NULL AND target IS NOT NULL AND (type <> 'CHAT_MESSAGE'
    OR EXISTS (SELECT 1 FROM events t WHERE t.mark = events.target AND t.place IS NULL))`);
}

/** How many events stand in the log behind much later ones. Reads all of them. */
export function lateIn(t: LedgerTables): number {
  let late = 0;
  let room: unknown = null;
  let newest = 0;
  const rows = t.prepared(
    t.db,
    "SELECT room, ts FROM events WHERE place > 0 ORDER BY room, place",
  ).iterate();
  for (const row of rows) {
    if (row["room"] !== room) newest = 0;
    room = row["room"];
    const ts = Number(row["ts"]);
    if (ts < newest - LATE_MS) late++;
    newest = Math.max(newest, ts);
  }
  return late;
}
