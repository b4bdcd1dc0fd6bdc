import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { logFilesIn } from "../directory.ts";
import { stampOf } from "./life.ts";
import type { Entry } from "../log.ts";
import { SqliteReader } from "./sqlite-reader.ts";
import { SqliteStore, type StoreHooks } from "./sqlite-store.ts";
import { Witness } from "./witness.ts";

function message(seq: number, text = "hello"): Entry {
  return {
    room: "lobby",
    tsMs: 1_790_000_000_000,
    type: "CHAT_MESSAGE",
    seq,
    sender: "Ann",
    author: "a".repeat(24),
    target: null,
    body: JSON.stringify({ text }),
    device: "d".repeat(32),
    targetMust: null,
  };
}

/** As SQLite's errors look when a file can't be flushed. */
const diskError = () =>
  Object.assign(new Error("disk I/O error"), { code: "ERR_SQLITE_ERROR", errcode: 1034 });

const stored = (offset: number) => [[{ status: "stored", offset }]];

function withStore(hooks: StoreHooks, body: (store: SqliteStore, directory: string) => void): void {
  const directory = Deno.makeTempDirSync();
  const store = new SqliteStore(directory, hooks);
  try {
    body(store, directory);
  } finally {
    store.close();
    Deno.removeSync(directory, { recursive: true });
  }
}

function seqsIn(directory: string): number[] {
  const db = new DatabaseSync(logFilesIn(directory).database, { readOnly: true });
  try {
    const { events, head } = new SqliteReader(db).read("lobby", 0, 1_000);
    assert.deepEqual([events.map((e) => e.offset), head], [events.map((_, at) => at + 1), events.length]);
    return events.map((e) => e.seq);
  } finally {
    db.close();
  }
}

Deno.test("store: a full disk refuses, loses nothing, and goes on when there is room", () => {
  let pagesMax = 40;
  const opened = (db: DatabaseSync) => db.exec(`PRAGMA max_page_count = ${pagesMax}`);
  withStore({ opened }, (store, directory) => {
    const kept: number[] = [];
    const fill = () => {
      for (let seq = 1; seq < 1_000; seq++) {
        store.append([[message(seq, "x".repeat(2_000))]]);
        kept.push(seq);
      }
    };
    assert.throws(fill, { name: "StoreFailure", reason: "full", message: /log\.sqlite: free some space$/ });
    assert.ok(kept.length > 5);
    const next = kept.length + 1;
    assert.throws(() => store.append([[message(next, "x".repeat(9_000))]]), { reason: "full" });
    assert.deepEqual(seqsIn(directory), kept);
    pagesMax = 1_000;
    assert.deepEqual(store.append([[message(next)]]), stored(next));
    assert.deepEqual(seqsIn(directory), [...kept, next]);
  });
});

Deno.test("store: a file that may not be written refuses, and goes on when it may", () => {
  let readonly = 0;
  withStore({ opened: (db) => db.exec(`PRAGMA query_only = ${readonly}`) }, (store, directory) => {
    store.append([[message(1)]]);
    readonly = 1;
    const db = new DatabaseSync(logFilesIn(directory).database);
    db.exec("BEGIN IMMEDIATE");
    assert.throws(() => store.append([[message(2)]]), { reason: "locked" });
    db.close();
    assert.throws(() => store.append([[message(2)]]), { reason: "readonly", message: /may not be written/ });
    readonly = 0;
    assert.deepEqual(store.append([[message(2)]]), stored(2));
  });
});

Deno.test("store: a commit that failed did not happen", () => {
  let fail = false;
  const beforeCommit = () => {
    if (fail) throw diskError();
  };
  withStore({ beforeCommit }, (store, directory) => {
    store.append([[message(1)]]);
    fail = true;
    assert.throws(() => store.append([[message(2)], [message(3)]]), {
      reason: "broken",
      message: /disk failed/,
    });
    fail = false;
    assert.deepEqual(seqsIn(directory), [1]);
    assert.deepEqual(store.append([[message(3)]]), stored(2));
    assert.deepEqual(seqsIn(directory), [1, 3]);
  });
});

Deno.test("store: a commit that failed and happened all the same is taken out before anything follows", () => {
  let fail = false;
  const afterCommit = () => {
    if (fail) throw diskError();
  };
  withStore({ afterCommit }, (store, directory) => {
    store.append([[message(1)]]);
    fail = true;
    const doubtful = [[message(2), { ...message(3), room: "new" }]];
    assert.throws(() => store.append(doubtful), { reason: "broken" });
    assert.throws(() => store.append(doubtful), { reason: "broken" });
    fail = false;
    assert.deepEqual(store.append([[message(1), { ...message(4), room: "new" }, message(5)]]), [[
      { status: "duplicate", room: "lobby", offset: 1, tsMs: 1_790_000_000_000 },
      { status: "stored", offset: 1 },
      { status: "stored", offset: 2 },
    ]]);
    assert.deepEqual(seqsIn(directory), [1, 5]);
  });
});

Deno.test("store: after a doubtful commit and a restart, the batch is there whole and a repeat is a duplicate", () => {
  const directory = Deno.makeTempDirSync();
  let fail = false;
  const store = new SqliteStore(directory, {
    afterCommit() {
      if (fail) throw diskError();
    },
  });
  store.append([[message(1)]]);
  fail = true;
  assert.throws(() => store.append([[message(2), message(3)]]), { reason: "broken" });
  store.close();
  const again = new SqliteStore(directory);
  assert.equal(again.epoch, store.epoch);
  assert.deepEqual(again.append([[message(2)]])[0]?.[0]?.status, "duplicate");
  assert.deepEqual(again.append([[message(4)]]), stored(4));
  again.close();
  Deno.removeSync(directory, { recursive: true });
});

Deno.test("store: the witness is told before the file may change, and after", () => {
  let fail = false;
  let directory = "";
  const told: unknown[] = [];
  const whatWitnessSays = () => {
    const { witness, said } = Witness.open(logFilesIn(directory).witness);
    witness.close();
    return said;
  };
  const hooks: StoreHooks = {
    opened: () => directory === "" || told.push(whatWitnessSays()?.file),
    beforeCommit() {
      if (fail) throw diskError();
    },
  };
  withStore(hooks, (store, at) => {
    directory = at;
    store.append([[message(1)]]);
    fail = true;
    assert.throws(() => store.append([[message(2)]]), { reason: "broken" });
    fail = false;
    store.append([[message(2), message(3)]]);
    assert.deepEqual(told, [null]);
    assert.deepEqual(whatWitnessSays()?.file, stampOf(logFilesIn(at).database));
    assert.equal(whatWitnessSays()?.lastId, 3);
  });
});

Deno.test("store: a file replaced under it is not written to", () =>
  withStore({}, (store, directory) => {
    store.append([[message(1)]]);
    const { database } = logFilesIn(directory);
    const other = new DatabaseSync(database);
    other.exec("BEGIN IMMEDIATE");
    assert.throws(() => store.append([[message(2)]]), { reason: "locked" });
    other.close();
    Deno.copyFileSync(database, `${database}.copy`);
    Deno.renameSync(`${database}.copy`, database);
    assert.throws(() => store.append([[message(2)]]), { reason: "broken", message: /replaced .*: restart/ });
  }));

Deno.test("store: one process per directory, and the next one when it is done", () =>
  withStore({}, (store, directory) => {
    assert.throws(() => new SqliteStore(directory), (error: Error) => {
      assert.equal("reason" in error && error.reason, "locked");
      assert.match(
        error.message,
        new RegExp(`^the directory ${directory} is in use .*process ${Deno.pid}\\)`),
      );
      return true;
    });
    store.close();
    new SqliteStore(directory).close();
  }));

Deno.test("store: what is no database, or a damaged one, is said to be corrupt and left alone", () => {
  const directory = Deno.makeTempDirSync();
  const { database } = logFilesIn(directory);
  Deno.writeTextFileSync(database, "This is a letter to my aunt. ".repeat(300));
  const before = Deno.readFileSync(database);
  assert.throws(() => new SqliteStore(directory), {
    name: "StoreFailure",
    reason: "corrupt",
    message: /damaged or not a QUICChat log .*: move it away and put a backup in its place$/,
  });
  assert.deepEqual(Deno.readFileSync(database), before);
  Deno.removeSync(database);

  const store = new SqliteStore(directory);
  for (let seq = 1; seq < 200; seq++) store.append([[message(seq, "x".repeat(300))]]);
  store.close();
  const file = Deno.openSync(database, { read: true, write: true });
  file.seekSync(8_192, Deno.SeekMode.Start);
  file.writeSync(new Uint8Array(40_000).fill(0x55));
  file.close();
  assert.throws(() => new SqliteStore(directory), { name: "StoreFailure", reason: "corrupt" });
  Deno.removeSync(directory, { recursive: true });
});

Deno.test("store: its files are for its user only, and closing leaves one whole file", () => {
  const base = Deno.makeTempDirSync();
  const directory = `${base}/deep/data/`;
  const store = new SqliteStore(directory);
  store.append([[message(1)]]);
  const modeOf = (path: string) => ((Deno.statSync(path).mode ?? 0) & 0o777).toString(8);
  const names = () => [...Deno.readDirSync(directory)].map(({ name }) => name).sort();
  assert.equal(modeOf(directory), "700");
  assert.deepEqual(names(), ["log.lock", "log.sqlite", "log.sqlite-shm", "log.sqlite-wal", "log.witness"]);
  assert.deepEqual(names().map((name) => modeOf(directory + name)), ["600", "600", "600", "600", "600"]);
  store.close();
  store.close();
  assert.deepEqual(names(), ["log.lock", "log.sqlite", "log.witness"]);
  assert.deepEqual(seqsIn(directory), [1]);
  Deno.removeSync(base, { recursive: true });
});

Deno.test("store: pages, duplicates and stale ones are found by index", () =>
  withStore({}, (_, directory) => {
    const db = new DatabaseSync(logFilesIn(directory).database, { readOnly: true });
    const planOf = (sql: string) =>
      db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all().map((row) => String(row["detail"])).join("; ");
    for (
      const sql of [
        `SELECT r.head, e.body FROM rooms r LEFT JOIN events e ON e.room = r.id AND e.offset > 5
         WHERE r.name = 'x' ORDER BY e.offset LIMIT 9`,
        `SELECT e.seq, r.name FROM events e JOIN rooms r ON r.id = e.room
         WHERE e.device = 'x' AND e.seq >= 5 ORDER BY e.seq LIMIT 1`,
        "SELECT name, head FROM rooms WHERE name > 'x' AND head > 0 ORDER BY name LIMIT 9",
      ]
    ) {
      assert.doesNotMatch(planOf(sql), /SCAN|TEMP B-TREE/, planOf(sql));
    }
    const about = (type: string) =>
      `FROM events x WHERE x.room = 1 AND x.target = 5 AND x.type = '${type}' AND x.type <> 'CHAT_MESSAGE'`;
    for (
      const sql of [
        `SELECT max(id) ${about("CHAT_EDIT")}`,
        `SELECT id ${about("CHAT_REACT")} ORDER BY id DESC LIMIT 9`,
      ]
    ) {
      assert.match(
        planOf(sql),
        /^SEARCH x USING COVERING INDEX changes \(room=\? AND target=\? AND type=\?\)$/,
      );
    }
    db.close();
  }));
