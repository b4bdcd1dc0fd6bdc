import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { logFilesIn } from "../directory.ts";
import { StoreFailure } from "../log.ts";
import { migrate, type Migration, MIGRATIONS } from "./migrations.ts";
import { SqliteReader } from "./sqlite-reader.ts";
import { SqliteStore } from "./sqlite-store.ts";

/** What version 1 wrote, kept as text: it stays as it is when the schema goes on. */
const VERSION_1 = `
  CREATE TABLE life (one INTEGER PRIMARY KEY CHECK (one = 1), epoch TEXT NOT NULL, opening TEXT NOT NULL,
    inode INTEGER, recoveries INTEGER NOT NULL DEFAULT 0) STRICT;
  CREATE TABLE rooms (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, head INTEGER NOT NULL) STRICT;
  CREATE TABLE events (id INTEGER PRIMARY KEY, room INTEGER NOT NULL, offset INTEGER NOT NULL, ts INTEGER NOT NULL,
    type TEXT NOT NULL, device TEXT NOT NULL, seq INTEGER NOT NULL, sender TEXT NOT NULL, author TEXT NOT NULL,
    target INTEGER, body TEXT NOT NULL, UNIQUE (room, offset), UNIQUE (device, seq)) STRICT;
  INSERT INTO life (one, epoch, opening) VALUES (1, 'e0', 'o0');
  INSERT INTO rooms VALUES (1, 'lobby', 2), (2, 'b', 0);
  INSERT INTO events VALUES
    (1, 1, 1, 1790000000001, 'CHAT_MESSAGE', 'd1', 1, 'Ann', 'a1', NULL, '{"text":"hello"}'),
    (3, 1, 2, 1790000000002, 'CHAT_EDIT', 'd1', 7, 'Ann', 'a1', 1, '{"text":"Hello"}');
  PRAGMA user_version = 1;
`;

function inDirectory(body: (directory: string, path: string) => void): void {
  const directory = Deno.makeTempDirSync();
  try {
    body(directory, logFilesIn(directory).database);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}

function makeFile(path: string, sql: string): void {
  const db = new DatabaseSync(path);
  db.exec(sql);
  db.close();
}

const versionIn = (db: DatabaseSync) => db.prepare("PRAGMA user_version").get()?.["user_version"];

Deno.test("migrations: they are numbered 1, 2, 3 …", () => {
  assert.deepEqual(MIGRATIONS.map(({ version }) => version), MIGRATIONS.map((_, at) => at + 1));
});

Deno.test("migrations: a file of version 1 is read and goes on", () =>
  inDirectory((directory, path) => {
    makeFile(path, VERSION_1);
    const store = new SqliteStore(directory);
    const next = {
      room: "lobby",
      tsMs: 1_790_000_000_003,
      type: "CHAT_MESSAGE" as const,
      seq: 8,
      sender: "Ann",
      author: "a1",
      target: 1,
      body: "{}",
      device: "d1",
      targetMust: "be-own" as const,
    };
    assert.deepEqual(store.append([[{ ...next, seq: 6 }, { ...next, seq: 7 }, next]]), [[
      { status: "refused", why: "stale" },
      { status: "duplicate", room: "lobby", offset: 2, tsMs: 1_790_000_000_002 },
      { status: "stored", offset: 3 },
    ]]);
    store.close();
    const db = new DatabaseSync(path);
    assert.equal(versionIn(db), MIGRATIONS.length);
    const reader = new SqliteReader(db);
    const { events, head } = reader.read("lobby", 0, 10);
    assert.deepEqual([head, events.map((e) => [e.offset, e.body])], [3, [
      [1, '{"text":"hello"}'],
      [2, '{"text":"Hello"}'],
      [3, "{}"],
    ]]);
    assert.deepEqual(reader.changes("lobby", [1], 1).map((list) => list.map((e) => e.body)), [[
      '{"text":"Hello"}',
    ]]);
    db.close();
  }));

Deno.test("migrations: a longer list is walked from where the file is, each step once", () =>
  inDirectory((_, path) => {
    const list: Migration[] = [
      ...MIGRATIONS,
      { version: 4, sql: "ALTER TABLE rooms ADD COLUMN topic TEXT; UPDATE rooms SET topic = name" },
      { version: 5, sql: "UPDATE rooms SET topic = topic || '!'" },
    ];
    makeFile(path, VERSION_1);
    const db = new DatabaseSync(path);
    migrate(db, path, list);
    migrate(db, path, list);
    assert.equal(versionIn(db), 5);
    assert.deepEqual(db.prepare("SELECT topic FROM rooms ORDER BY id").all().map((row) => row["topic"]), [
      "lobby!",
      "b!",
    ]);
    db.close();
  }));

Deno.test("migrations: a step that fails leaves the version before it, whole", () =>
  inDirectory((_, path) => {
    makeFile(path, VERSION_1);
    const db = new DatabaseSync(path);
    const broken = { version: 4, sql: "DELETE FROM events; SELECT * FROM nothing_of_that_name" };
    assert.throws(() => migrate(db, path, [...MIGRATIONS, broken]), /nothing_of_that_name/);
    assert.equal(versionIn(db), MIGRATIONS.length);
    assert.equal(db.prepare("SELECT count(*) AS n FROM events").get()?.["n"], 2);
    db.close();
  }));

Deno.test("migrations: a newer file is refused and left as it is", () =>
  inDirectory((directory, path) => {
    makeFile(path, `${VERSION_1}; PRAGMA user_version = 99`);
    const before = Deno.readFileSync(path);
    assert.throws(() => new SqliteStore(directory), (error) => {
      assert.ok(error instanceof StoreFailure);
      assert.equal(error.reason, "newer");
      assert.match(error.message, /version 99 .* up to 3: update QUICChat$/);
      return true;
    });
    assert.deepEqual(Deno.readFileSync(path), before);
  }));

Deno.test("migrations: somebody else's database is refused", () =>
  inDirectory((directory, path) => {
    makeFile(path, "CREATE TABLE recipes (name TEXT)");
    assert.throws(() => new SqliteStore(directory), { name: "StoreFailure", reason: "corrupt" });
  }));
