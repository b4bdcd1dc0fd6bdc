import assert from "node:assert/strict";
import { logFilesIn } from "../directory.ts";
import { type Life, whyNewLife } from "./life.ts";
import type { Entry } from "../log.ts";
import { SqliteStore } from "./sqlite-store.ts";
import type { Stamp, Testimony } from "./witness.ts";

// What crashes leave behind is tested with real ones: tests/contract/log-crash_test.ts.

const file: Stamp = { inode: 7, bornMs: 1_000, modifiedMs: 2_000, changedMs: 2_000 };
const life: Life = { epoch: "e", opening: "o2", inode: 7 };
const witness: Testimony = { epoch: "e", opening: "o2", nextOpening: null, lastId: 10, file };

Deno.test("life: goes on after a clean close, and after a crash at any point", () => {
  assert.equal(whyNewLife(life, 10, file, witness), null);
  assert.equal(whyNewLife(life, 12, file, witness), null, "the witness is a little older");
  const changing = { ...witness, file: null };
  assert.equal(whyNewLife(life, 10, { ...file, modifiedMs: 9_999 }, changing), null, "while being tidied");
  const opening = { ...changing, opening: "o1", nextOpening: "o2" };
  assert.equal(whyNewLife(life, 10, file, opening), null, "opened, the witness not told yet");
  assert.equal(whyNewLife({ ...life, opening: "o1" }, 10, file, opening), null, "about to be opened");
});

Deno.test("life: every single piece of evidence begins a new one", () => {
  const cases: [string, Life, number, Stamp, Testimony | null][] = [
    ["no witness", life, 10, file, null],
    ["another log's witness", life, 10, file, { ...witness, epoch: "f" }],
    ["an older opening", { ...life, opening: "o1" }, 10, file, witness],
    ["fewer events", life, 9, file, witness],
    ["another inode than the database says", life, 10, { ...file, inode: 8 }, { ...witness, file: null }],
    ["another inode than the witness says", { ...life, inode: 8 }, 10, { ...file, inode: 8 }, witness],
    ["another birth: an inode used again", life, 10, { ...file, bornMs: 1_001 }, witness],
    ["written to", life, 10, { ...file, modifiedMs: 2_001 }, witness],
    ["written to, the time set back", life, 10, { ...file, changedMs: 3_000 }, witness],
  ];
  for (const [what, ...evidence] of cases) assert.equal(typeof whyNewLife(...evidence), "string", what);
});

function message(seq: number): Entry {
  const device = "d".repeat(32);
  const text = { sender: "Ann", author: "a".repeat(24), body: "{}", device };
  return { room: "lobby", tsMs: 1, type: "CHAT_MESSAGE", seq, target: null, targetMust: null, ...text };
}

/** Opens, appends one message, closes; returns the epoch, and why it is new. */
function oneMore(directory: string, seq: number): { epoch: string; renewed: string | null } {
  const store = new SqliteStore(directory);
  assert.equal(store.append([[message(seq)]])[0]?.[0]?.status, "stored");
  store.close();
  return { epoch: store.epoch, renewed: store.renewed };
}

const restores: Record<string, (directory: string, copy: string) => string> = {
  "the database alone, by overwriting": (directory, copy) => {
    Deno.copyFileSync(logFilesIn(copy).database, logFilesIn(directory).database);
    return directory;
  },
  "the database alone, by renaming": (directory, copy) => {
    Deno.renameSync(logFilesIn(copy).database, logFilesIn(directory).database);
    return directory;
  },
  "all files, by overwriting": (directory, copy) => {
    copyAll(copy, directory);
    return directory;
  },
  "the whole directory, by renaming": (directory, copy) => {
    Deno.removeSync(directory, { recursive: true });
    Deno.renameSync(copy, directory);
    return directory;
  },
  "the directory removed and copied anew": (directory, copy) => {
    Deno.removeSync(directory, { recursive: true });
    Deno.mkdirSync(directory);
    copyAll(copy, directory);
    return directory;
  },
  "the copy used where it is": (_, copy) => copy,
};

function copyAll(from: string, to: string): void {
  for (const { name } of Deno.readDirSync(from)) Deno.copyFileSync(`${from}/${name}`, `${to}/${name}`);
}

for (const [how, restore] of Object.entries(restores)) {
  Deno.test(`life: a copy of a closed log put back begins a new one: ${how}`, () => {
    const base = Deno.makeTempDirSync();
    try {
      const directory = `${base}/data`;
      const first = oneMore(directory, 1);
      const second = oneMore(directory, 2);
      assert.deepEqual(second, { epoch: first.epoch, renewed: null });
      Deno.mkdirSync(`${base}/copy`);
      copyAll(directory, `${base}/copy`);
      assert.equal(oneMore(directory, 3).epoch, first.epoch);
      const restored = restore(directory, `${base}/copy`);
      const after = oneMore(restored, 4);
      assert.notEqual(after.epoch, first.epoch);
      assert.equal(typeof after.renewed, "string");
      assert.deepEqual(oneMore(restored, 5), { epoch: after.epoch, renewed: null });
    } finally {
      Deno.removeSync(base, { recursive: true });
    }
  });
}

Deno.test("life: moving the directory or touching nothing keeps it; losing the witness does not", () => {
  const base = Deno.makeTempDirSync();
  try {
    const { epoch } = oneMore(`${base}/a`, 1);
    Deno.renameSync(`${base}/a`, `${base}/b`);
    assert.deepEqual(oneMore(`${base}/b`, 2), { epoch, renewed: null });
    Deno.removeSync(logFilesIn(`${base}/b`).witness);
    assert.notEqual(oneMore(`${base}/b`, 3).epoch, epoch);
  } finally {
    Deno.removeSync(base, { recursive: true });
  }
});
