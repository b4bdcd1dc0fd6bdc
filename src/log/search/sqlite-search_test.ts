/** The search as the server has it: in its worker, beside a log that is written. */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { type LogFiles, logFilesIn } from "../directory.ts";
import type { Entry, Log } from "../log.ts";
import type { Search } from "../search.ts";
import { openSqliteLog } from "../sqlite/sqlite-log.ts";
import { openSqliteSearch } from "./sqlite-search.ts";

function message(seq: number, text: string): Entry {
  return {
    room: "lobby",
    tsMs: 1_790_000_000_000 + seq,
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

async function withLog(
  body: (log: Log, files: LogFiles, open: () => Search) => Promise<void>,
): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "quicchat-search-" });
  const log = await openSqliteLog({ directory });
  const opened: Search[] = [];
  try {
    await body(log, logFilesIn(directory), () => {
      const search = openSqliteSearch({ directory });
      opened.push(search);
      return search;
    });
  } finally {
    for (const search of opened) await search.close();
    await log.close();
    await Deno.remove(directory, { recursive: true });
  }
}

const ask = (search: Search, text: string) =>
  search.find({ text, rooms: ["lobby"], before: null, limit: 50 });
const offsets = async (search: Search, text: string) =>
  (await ask(search, text)).found.map((one) => one.offset);

Deno.test("search: sees what was acknowledged just before, also where the log is made while it opens", () =>
  withLog(async (log, _, open) => {
    const search = open();
    for (let seq = 1; seq <= 20; seq++) {
      await log.append([message(seq, `word${seq} tea`)]);
      assert.deepEqual(await offsets(search, `"word${seq}"`), [seq]);
    }
    assert.equal((await offsets(search, "tea")).length, 20);
  }));

Deno.test("search: with a large log it answers soon, says that it is behind, and comes to the end by itself", () =>
  withLog(async (log, _, open) => {
    for (let from = 1; from <= 20_000; from += 2_000) {
      await log.append(Array.from({ length: 2_000 }, (_, at) => message(from + at, `tea ${from + at}`)));
    }
    const search = open();
    const first = await ask(search, "tea");
    assert.equal(first.isBehind, true);
    let last = first;
    for (let asked = 0; last.isBehind && asked < 1_000; asked++) last = await ask(search, "tea");
    assert.deepEqual([last.isBehind, last.found[0]?.offset], [false, 20_000]);
  }));

Deno.test("search: an index that is damaged, of another version or missing is made anew by the next question", () =>
  withLog(async (log, { search: path }, open) => {
    await log.append([message(1, "tea")]);
    for (
      const spoil of [
        () => Deno.writeTextFileSync(path, "a letter to my aunt ".repeat(1_000)),
        () => withDb(path, "PRAGMA user_version = 99"),
        () => withDb(path, "DROP TABLE edits"),
        () => Deno.removeSync(path),
        () => Deno.truncateSync(path, 4_096),
      ]
    ) {
      const before = open();
      assert.deepEqual(await offsets(before, "tea"), [1]);
      await before.close();
      spoil();
      assert.deepEqual(await offsets(open(), "tea"), [1], String(spoil));
    }
  }));

Deno.test("search: where its file can't be written it says so, and works when it can", () =>
  withLog(async (log, { search: path }, open) => {
    await log.append([message(1, "tea")]);
    await Deno.mkdir(path);
    const search = open();
    await assert.rejects(offsets(search, "tea"), {
      name: "StoreFailure",
      reason: "broken",
      message: /search\.sqlite/,
    });
    await Deno.remove(path);
    assert.deepEqual(await offsets(search, "tea"), [1]);
  }));

Deno.test("search: its files are for its user only, and closing leaves one", () =>
  withLog(async (log, { directory }, open) => {
    await log.append([message(1, "tea")]);
    const search = open();
    await offsets(search, "tea");
    const files = () =>
      [...Deno.readDirSync(directory)].map(({ name }) => name).filter((name) => /^search/.test(name));
    assert.deepEqual(files().sort(), ["search.sqlite", "search.sqlite-shm", "search.sqlite-wal"]);
    for (const name of files()) {
      assert.equal((Deno.statSync(`${directory}/${name}`).mode ?? 0) & 0o777, 0o600, name);
    }
    await search.close();
    await search.close();
    assert.deepEqual(files(), ["search.sqlite"]);
    await assert.rejects(offsets(search, "tea"), { name: "StoreFailure", message: /closed/ });
  }));

function withDb(path: string, sql: string): void {
  const db = new DatabaseSync(path);
  db.exec(sql);
  db.close();
}
