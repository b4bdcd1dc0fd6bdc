/** Kills a process in the middle of its appends, for real, and looks at what is left. */
import assert from "node:assert/strict";
import { openSqliteLog, type SqliteLog } from "../../src/log/sqlite/sqlite-log.ts";

/** One life of a child, from start to kill. */
interface Life {
  readonly epoch: string;
  readonly renewed: string;
  /** What it was told is stored: seq → offset. */
  readonly acknowledged: ReadonlyMap<number, number>;
}

/** Runs a child until it has had so many acknowledgements, then SIGKILLs it. It gets no permission but
 * those that a server gives the log: to read the source and its data, and to write its data. */
async function appendThenDie(directory: string, firstSeq: number, acknowledgements: number): Promise<Life> {
  const here = (path: string) => new URL(path, import.meta.url).pathname;
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      `--config=${here("../../deno.json")}`,
      `--allow-read=${directory},${here("../../src")}`,
      `--allow-write=${directory}`,
      here("./log-crash-child.ts"),
      directory,
      String(firstSeq),
    ],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let text = "";
  let lines = 0;
  for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    lines += chunk.split("\n").length - 1;
    if (lines <= acknowledgements) continue;
    try {
      child.kill("SIGKILL");
    } catch {
      // It is dead already: what it wrote before is still being read.
    }
  }
  await child.status;
  const [opened = "", ...rest] = text.split("\n").slice(0, -1);
  const [, epoch = "", ...renewed] = opened.split(" ");
  const acknowledged = new Map(rest.map((line): [number, number] => {
    const [seq, offset] = line.split(" ").map(Number);
    assert.ok(seq !== undefined && offset !== undefined && offset > 0, line);
    return [seq, offset];
  }));
  assert.ok(acknowledged.size >= acknowledgements);
  return { epoch, renewed: renewed.join(" "), acknowledged };
}

async function allSeqs(log: SqliteLog): Promise<number[]> {
  const seqs: number[] = [];
  for (;;) {
    const { events, head } = await log.read("lobby", seqs.length, 1_000);
    assert.deepEqual(events.map((e) => e.offset), events.map((_, at) => seqs.length + at + 1));
    seqs.push(...events.map((e) => e.seq));
    if (seqs.length === head) return seqs;
  }
}

async function withLog<T>(directory: string, use: (log: SqliteLog) => Promise<T>): Promise<T> {
  const log = await openSqliteLog({ directory });
  try {
    return await use(log);
  } finally {
    await log.close();
  }
}

function copyAll(from: string, to: string): void {
  Deno.mkdirSync(to, { recursive: true });
  for (const { name } of Deno.readDirSync(from)) Deno.copyFileSync(`${from}/${name}`, `${to}/${name}`);
}

async function inDirectory(body: (directory: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir();
  try {
    await body(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test("log, sqlite: kill -9 in the middle of appends loses and doubles nothing, and keeps the epoch", () =>
  inDirectory(async (directory) => {
    let epoch: string | undefined;
    let nextSeq = 1;
    const all = new Map<number, number>();
    for (const acknowledgements of [1, 137, 2_900, 801, 20_000]) {
      const life = await appendThenDie(directory, nextSeq, acknowledgements);
      epoch ??= life.epoch;
      assert.deepEqual([life.epoch, life.renewed], [epoch, "-"]);
      for (const [seq, offset] of life.acknowledged) all.set(seq, offset);
      // Every other time the next child, not this process, finds what the crash left.
      if (acknowledgements % 2 === 0) {
        nextSeq = Math.max(...all.keys()) + 1_000;
        continue;
      }
      await withLog(directory, async (log) => {
        assert.deepEqual([log.epoch, log.renewed], [epoch, null]);
        const seqs = await allSeqs(log);
        for (const [seq, offset] of all) {
          assert.equal(seqs[offset - 1], seq, `seq ${seq} at offset ${offset}`);
        }
        assert.deepEqual(seqs, [...new Set(seqs)].sort((a, b) => a - b), "once each, in order");
        nextSeq = Math.max(...seqs) + 1;
      });
    }
    await withLog(directory, async (log) => {
      const seqs = await allSeqs(log);
      for (const [seq, offset] of all) assert.equal(seqs[offset - 1], seq, `seq ${seq} at offset ${offset}`);
      assert.deepEqual(seqs, [...new Set(seqs)].sort((a, b) => a - b));
      assert.deepEqual([log.epoch, log.renewed], [epoch, null]);
    });
  }));

/** Ways to put back a copy that was made of a crashed log; each returns where the log is then. */
const restores: Record<string, (directory: string, copy: string) => string> = {
  "all files, by overwriting": (directory, copy) => {
    copyAll(copy, directory);
    return directory;
  },
  "database and -wal, by overwriting": (directory, copy) => {
    for (const name of ["log.sqlite", "log.sqlite-wal"]) {
      Deno.copyFileSync(`${copy}/${name}`, `${directory}/${name}`);
    }
    return directory;
  },
  "database and -wal, by renaming": (directory, copy) => {
    for (const name of ["log.sqlite", "log.sqlite-wal"]) {
      Deno.renameSync(`${copy}/${name}`, `${directory}/${name}`);
    }
    return directory;
  },
  "the database without -wal": (directory, copy) => {
    Deno.removeSync(`${directory}/log.sqlite-wal`);
    Deno.copyFileSync(`${copy}/log.sqlite`, `${directory}/log.sqlite`);
    return directory;
  },
  "the -wal alone, by overwriting": (directory, copy) => {
    Deno.copyFileSync(`${copy}/log.sqlite-wal`, `${directory}/log.sqlite-wal`);
    return directory;
  },
  "the -wal lost": (directory) => {
    Deno.removeSync(`${directory}/log.sqlite-wal`);
    return directory;
  },
  "the copy used where it is": (_, copy) => copy,
};

Deno.test("log, sqlite: a copy of a crashed log put back begins a new epoch", async (t) => {
  for (const [how, restore] of Object.entries(restores)) {
    await t.step(how, () =>
      inDirectory(async (base) => {
        const directory = `${base}/data`;
        const copy = `${base}/copy`;
        Deno.mkdirSync(directory);
        const before = await appendThenDie(directory, 1, 50);
        copyAll(directory, copy);
        const after = await appendThenDie(directory, 100_000, 50);
        assert.equal(after.epoch, before.epoch);
        const log = await openSqliteLog({ directory: restore(directory, copy) });
        assert.notEqual(log.epoch, before.epoch);
        assert.equal(typeof log.renewed, "string");
        await allSeqs(log);
        await log.close();
      }));
  }
});
