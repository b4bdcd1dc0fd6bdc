import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { SearchDesk } from "../../../tests/fixtures/search-desk.ts";
import { IndexUnfit } from "./search-file.ts";

Deno.test("search index: finds what was said, newest first, as it stands now", () => {
  using desk = new SearchDesk();
  const first = desk.say("There is cake in the garden");
  desk.say("No CAKES for me");
  const third = desk.say("pancake");
  assert.deepEqual(desk.find("cake"), ["No CAKES for me", "There is cake in the garden"]);
  assert.deepEqual(desk.find('"cake"'), ["There is cake in the garden"]);
  desk.edit(first, "There is soup in the garden");
  desk.edit(third, "the cake of March");
  assert.deepEqual(desk.find("cake"), ["the cake of March", "No CAKES for me"]);
  assert.deepEqual(desk.find("soup"), ["There is soup in the garden"]);
  desk.edit(first, "There is tea in the garden");
  assert.deepEqual([desk.find("soup"), desk.find("tea")], [[], ["There is tea in the garden"]]);
  desk.delete(third);
  assert.deepEqual(desk.find("march"), []);
  desk.edit(third, "the cake of April");
  assert.deepEqual(desk.find("april"), [], "what is deleted stays so");
  const [found] = desk.index.find({ text: "tea", rooms: ["lobby"], before: null, limit: 1 }).found;
  assert.deepEqual(found, {
    id: 1,
    room: "lobby",
    offset: 1,
    tsMs: 1_790_000_000_001,
    sender: "Ann",
    author: "a".repeat(24),
    text: "There is tea in the garden",
  });
});

Deno.test("search index: edits and deletions that came while it was away, all in one batch with their messages", () => {
  using desk = new SearchDesk();
  const one = desk.say("one thing");
  const two = desk.say("two things");
  desk.edit(one, "first thing");
  desk.delete(two);
  desk.edit(two, "two other things");
  assert.deepEqual(desk.find("thing"), ["first thing"]);
});

Deno.test("search index: Chinese, Japanese and Thai by one, two and more characters", () => {
  using desk = new SearchDesk();
  desk.say("明日は東京都庁へ行きます");
  desk.say("京");
  desk.say("新しいiPhone版");
  desk.say("สวัสดีครับ");
  const hits = (query: string) => desk.find(query).length;
  assert.deepEqual(["京", "京都", "東京都", "都庁へ", "庁", "す"].map(hits), [2, 1, 1, 1, 1, 1]);
  assert.deepEqual(["都東", "iphone版", "しいｉ", "สดี", "ครับ"].map(hits), [0, 1, 1, 1, 1]);
});

Deno.test("search index: only the rooms that are named, two and hundreds of them", () => {
  using desk = new SearchDesk();
  for (const room of ["a", "b", "c"]) desk.say(`tea in ${room}`, room);
  desk.append(
    ...Array.from({ length: 256 }, (_, n) => desk.entry("CHAT_MESSAGE", { text: "milk" }, null, `room ${n}`)),
  );
  assert.deepEqual(desk.find("tea", ["a", "c"]), ["tea in c", "tea in a"]);
  assert.deepEqual([desk.find("tea", []), desk.find("tea", ["nowhere"])], [[], []]);
  assert.deepEqual(desk.find("in", ["b", "nowhere"]), ["tea in b"]);
  assert.equal(desk.find("milk", Array.from({ length: 256 }, (_, n) => `room ${n}`), 1_000).length, 256);
  // A room is a word of the index; it is none of the text.
  assert.deepEqual(desk.find("r1", ["a"]), []);
});

Deno.test("search index: any text is kept and any question answered", () => {
  using desk = new SearchDesk();
  const texts = [
    "a\0b",
    "\ud800 lone \udc00",
    "x".repeat(16_384),
    "ﷺ".repeat(5_000),
    "",
    "'\"); DROP TABLE words; --",
  ];
  for (const text of texts) desk.say(text);
  for (
    const query of [
      "?!",
      '"',
      '""',
      "\0",
      "\ud800",
      '"lone',
      "*",
      "AND",
      "NEAR(",
      "text:",
      "-",
      "x".repeat(200),
    ]
  ) {
    desk.find(query);
  }
  assert.deepEqual([desk.find("?! -- ''"), desk.find('""')], [[], []]);
  assert.deepEqual(desk.find("lone"), ["\ud800 lone \udc00"]);
  assert.equal(desk.find("x".repeat(200)).length, 1);
  assert.equal(desk.find("drop tables").length, 0);
  assert.equal(desk.find('"drop table words"').length, 1);
});

Deno.test("search index: page by page, each message once", () => {
  using desk = new SearchDesk();
  for (let n = 0; n < 25; n++) desk.say(`tea ${n}`, n % 2 === 0 ? "even" : "odd");
  desk.catchUp();
  const texts: string[] = [];
  let pages = 0;
  for (let before: number | null = null;; pages++) {
    const page = desk.index.find({ text: "tea", rooms: ["even", "odd"], before, limit: 10 });
    texts.push(...page.found.map((one) => one.text));
    before = page.next;
    if (before === null) break;
    desk.say("tea that came meanwhile", "even");
    desk.catchUp();
  }
  assert.deepEqual([texts, pages], [Array.from({ length: 25 }, (_, n) => `tea ${24 - n}`), 2]);
});

Deno.test("search index: goes on after a restart where it was, and says when it is behind", () => {
  using desk = new SearchDesk();
  desk.say("tea");
  assert.deepEqual(desk.find("tea"), ["tea"]);
  desk.reopen();
  const ask = () => desk.index.find({ text: "tea", rooms: ["lobby"], before: null, limit: 9 });
  assert.deepEqual([ask().found.length, ask().isBehind], [1, false]);
  desk.say("tea again");
  assert.deepEqual([ask().found.length, ask().isBehind], [1, true]);
  assert.equal(desk.index.catchUp(), true);
  assert.equal(desk.index.catchUp(), false);
  assert.deepEqual([ask().found.length, ask().isBehind], [2, false]);
});

Deno.test("search index: a batch has its bounds, in events and in characters", () => {
  using desk = new SearchDesk();
  const batch = (length: number, text: string) =>
    desk.append(...Array.from({ length }, () => desk.entry("CHAT_MESSAGE", { text }, null, "lobby")));
  const batches = () => {
    let count = 0;
    while (desk.index.catchUp()) count++;
    return count;
  };
  batch(2_500, "tea");
  assert.equal(batches(), 3);
  batch(50, "long ".repeat(2_000));
  assert.equal(batches(), 3);
});

Deno.test("search index: unfit when it is of another life of the log, another version, damaged, or not ours", () => {
  using desk = new SearchDesk();
  for (let n = 0; n < 300; n++) desk.say(`tea ${n} ${"and milk ".repeat(20)}`);
  desk.catchUp();
  desk.index.close();
  const path = desk.paths.search;
  const whole = Deno.readFileSync(path);
  const spoils: readonly (readonly [string, () => void])[] = [
    ["another life", () => withDb(path, "UPDATE state SET epoch = 'another'")],
    ["another version", () => withDb(path, "PRAGMA user_version = 2")],
    ["ahead of the log", () => withDb(path, "UPDATE state SET up_to = 301")],
    ["of events that were taken back", () => withDb(path, "UPDATE state SET mark = 'another 300'")],
    ["no state", () => withDb(path, "DELETE FROM state")],
    ["a table less", () => withDb(path, "DROP TABLE edits")],
    ["another program's", () => {
      Deno.removeSync(path);
      withDb(path, "CREATE TABLE recipes (name TEXT)");
    }],
    ["no database", () => Deno.writeTextFileSync(path, "a letter to my aunt ".repeat(1_000))],
    ["cut short", () => Deno.truncateSync(path, 8_192)],
    ["overwritten inside", () => {
      const file = Deno.openSync(path, { write: true });
      file.seekSync(8_192, Deno.SeekMode.Start);
      file.writeSync(new Uint8Array(whole.length - 8_192).fill(0x55));
      file.close();
    }],
  ];
  for (const [name, spoil] of spoils) {
    for (const suffix of ["-wal", "-shm"]) if (exists(path + suffix)) Deno.removeSync(path + suffix);
    Deno.writeFileSync(path, whole);
    spoil();
    assert.throws(
      () => {
        const index = desk.open();
        try {
          index.find({ text: "milk", rooms: ["lobby"], before: null, limit: 9 });
          index.catchUp();
        } finally {
          index.close();
        }
      },
      (error) => error instanceof IndexUnfit,
      name,
    );
  }
  for (const suffix of ["", "-wal", "-shm"]) if (exists(path + suffix)) Deno.removeSync(path + suffix);
  desk.index = desk.open();
  assert.equal(desk.find("milk").length, 100);
});

/** The log's file fails after a commit, so that events which a reader may have seen are taken back and their ids given
 * to others (sqlite-store.ts). */
Deno.test("search index: when the log takes events back it is unfit, when it recovers without loss it goes on", () => {
  let fail = false;
  const afterCommit = () => {
    if (fail) throw Object.assign(new Error("disk I/O error"), { code: "ERR_SQLITE_ERROR", errcode: 1034 });
  };
  using desk = new SearchDesk({ afterCommit });
  desk.say("tea");
  desk.catchUp();
  fail = true;
  assert.throws(() => desk.say("milk"));
  fail = false;
  desk.say("water");
  assert.deepEqual(
    [desk.find("milk"), desk.find("water")],
    [[], ["water"]],
    "not seen: nothing to take back",
  );

  fail = true;
  assert.throws(() => desk.say("milk"));
  desk.catchUp();
  fail = false;
  desk.say("coffee");
  assert.throws(() => desk.catchUp(), IndexUnfit);
});

Deno.test("search index: of a deleted message nothing is found, in no order of reading", () => {
  for (const readBetween of [true, false]) {
    using desk = new SearchDesk();
    const offset = desk.say("my password is tulip");
    if (readBetween) desk.catchUp();
    desk.edit(offset, "my password is rose");
    if (readBetween) desk.catchUp();
    desk.delete(offset);
    for (const query of ["tulip", "rose", '"my password"', "p"]) {
      assert.deepEqual(desk.find(query), [], query);
    }
  }
});

function withDb(path: string, sql: string): void {
  const db = new DatabaseSync(path);
  db.exec(sql);
  db.close();
}

function exists(path: string): boolean {
  return [...Deno.readDirSync(path.slice(0, path.lastIndexOf("/")))]
    .some(({ name }) => path.endsWith(`/${name}`));
}
