/** A disk that is really full, and one that is really read-only. Mounting needs root; others get a reason. */
import assert from "node:assert/strict";
import type { Outcome } from "../../src/log/log.ts";
import { StoreFailure } from "../../src/log/log.ts";
import { openSqliteLog } from "../../src/log/sqlite/sqlite-log.ts";
import { openSqliteSearch } from "../../src/log/search/sqlite-search.ts";
import { entry } from "./log.ts";

async function run(...command: string[]): Promise<string | null> {
  const [program = "", ...args] = command;
  try {
    const { success, stderr } = await new Deno.Command(program, { args }).output();
    return success ? null : new TextDecoder().decode(stderr).trim();
  } catch (error) {
    return String(error);
  }
}

async function onSmallDisk(bytes: number, body: (mount: string) => Promise<void>): Promise<void> {
  const mount = await Deno.makeTempDir();
  const why = await run("mount", "-t", "tmpfs", "-o", `size=${bytes}`, "tmpfs", mount);
  try {
    if (why !== null) console.log(`skipped: no small disk could be mounted (${why})`);
    else await body(mount);
  } finally {
    if (why === null) assert.equal(await run("umount", "--lazy", mount), null);
    await Deno.remove(mount);
  }
}

/** Leaves no room on a file's disk. */
async function fill(path: string): Promise<void> {
  let isFull = false;
  for (let bytes = 1 << 20; bytes > 0; bytes >>= 1) {
    // Once more with each size that went in: what was freed may be more than twice the first.
    for (let went = true; went;) {
      went = await Deno.writeFile(path, new Uint8Array(bytes), { append: true }).then(
        () => true,
        () => false,
      );
      isFull ||= !went;
    }
  }
  assert.ok(isFull);
}

const reason = (reason: StoreFailure["reason"]) => (error: unknown) =>
  error instanceof StoreFailure && error.reason === reason;
const batch = (first: number, length: number) =>
  Array.from({ length }, (_, at) => entry(first + at, { body: JSON.stringify({ text: "x".repeat(500) }) }));

Deno.test("log, sqlite: a full disk refuses, keeps what it acknowledged, goes on when there is room", () =>
  onSmallDisk(4_000_000, async (mount) => {
    const ballast = `${mount}/ballast`;
    await Deno.writeFile(ballast, new Uint8Array(2_000_000));
    const directory = `${mount}/data`;
    let log = await openSqliteLog({ directory });
    const { epoch } = log;
    let kept = 0;
    let failure: unknown = null;
    while (failure === null) {
      await log.append(batch(kept + 1, 20)).then(() => kept += 20, (error) => failure = error);
    }
    assert.ok(reason("full")(failure), String(failure));
    assert.ok(kept > 100);
    await assert.rejects(log.append(batch(kept + 1, 500)), reason("full"));
    const heads =
      async () => [(await log.stand("lobby")).head, (await log.read("lobby", kept - 1, 10)).events.length];
    assert.deepEqual(await heads(), [kept, 1]);

    await Deno.remove(ballast);
    const outcomes = await log.append(batch(kept + 1, 20));
    assert.deepEqual(
      outcomes.map((o: Outcome) => o.status === "stored" && o.offset),
      batch(kept + 1, 20).map((e) => e.seq),
    );
    kept += 20;

    // Full again, also while it closes and opens.
    await fill(ballast);
    await log.close();
    await openSqliteLog({ directory }).then(
      (opened) => opened.close(),
      (error) => assert.ok(reason("full")(error), error),
    );
    await Deno.remove(ballast);
    log = await openSqliteLog({ directory });
    assert.deepEqual([log.epoch, log.renewed], [epoch, null]);
    assert.deepEqual(await heads(), [kept, 1]);
    await log.close();
  }));

Deno.test("search, sqlite: on a full disk it finds what it has taken in, and goes on when there is room", () =>
  onSmallDisk(6_000_000, async (mount) => {
    const ballast = `${mount}/ballast`;
    const directory = `${mount}/data`;
    const log = await openSqliteLog({ directory });
    let search = openSqliteSearch({ directory });
    const ask = () => search.find({ text: "x", rooms: ["lobby"], before: null, limit: 10 });
    await log.append(batch(1, 20));
    assert.equal((await ask()).found.length, 10);
    await Deno.writeFile(ballast, new Uint8Array(3_000_000));
    let kept = 20;
    const append = () => log.append(batch(kept + 1, 20)).then(() => kept += 20);
    for (let failure: unknown = null; failure === null;) {
      await append().catch((error) => failure = error);
      assert.equal((await ask()).found.length, 10);
    }
    await search.close();
    for (const { name } of Deno.readDirSync(directory)) {
      if (name.startsWith("search.")) await Deno.remove(`${directory}/${name}`);
    }
    await fill(ballast);
    search = openSqliteSearch({ directory });
    await assert.rejects(ask(), reason("full"));
    await Deno.remove(ballast);
    await append();
    const { found, isBehind } = await ask();
    assert.deepEqual([found[0]?.offset, found.length, isBehind], [kept, 10, false]);
    await search.close();
    await log.close();
  }));

Deno.test("log, sqlite: a read-only disk is refused in one sentence", () =>
  onSmallDisk(4_000_000, async (mount) => {
    const directory = `${mount}/data`;
    await (await openSqliteLog({ directory })).close();
    assert.equal(await run("mount", "-o", "remount,ro", mount), null);
    await assert.rejects(openSqliteLog({ directory }), reason("readonly"));
    await assert.rejects(openSqliteLog({ directory }), /may not be written: give this user the right/);
  }));

Deno.test("log, sqlite: a directory in use, a file in its place, and garbage are refused", async () => {
  const base = await Deno.makeTempDir();
  const log = await openSqliteLog({ directory: `${base}/data` });
  await assert.rejects(openSqliteLog({ directory: `${base}/data` }), reason("locked"));
  await log.append([entry(1)]);
  await log.close();
  const left = [...Deno.readDirSync(`${base}/data`)].map(({ name }) => name).sort();
  assert.deepEqual(left, ["log.lock", "log.sqlite", "log.witness"], "one whole file, no write-ahead log");
  await Deno.writeTextFile(`${base}/file`, "a file");
  await assert.rejects(openSqliteLog({ directory: `${base}/file` }), reason("broken"));
  await Deno.writeTextFile(`${base}/data/log.sqlite`, "garbage ".repeat(2_000));
  await assert.rejects(openSqliteLog({ directory: `${base}/data` }), reason("corrupt"));
  await Deno.remove(base, { recursive: true });
});
