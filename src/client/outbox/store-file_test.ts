import assert from "node:assert/strict";
import { appendFile, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tryPidFile } from "./device-lock.ts";
import type { OutboxEntry } from "./outbox-entry.ts";
import { FileStore } from "./store-file.ts";

async function inDirectory(test: (directory: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "quicchat-outbox-"));
  try {
    await test(directory);
  } finally {
    await rm(directory, { recursive: true });
  }
}

function entry(seq: number, text = `m${seq}`): OutboxEntry {
  return { seq, queuedAtMs: 1_700_000_000_000 + seq, draft: { type: "CHAT_MESSAGE", room: "lobby", text } };
}

Deno.test("what was put is there after the process: entries, device, next number; only for its owner", () =>
  inDirectory(async (directory) => {
    const store = new FileStore(directory);
    const { device, nextSeq, entries } = await store.load();
    assert.match(device, /^[0-9a-f]{32}$/);
    assert.deepEqual([nextSeq, entries], [1, []]);
    await Promise.all([store.put(entry(1)), store.put(entry(2)), store.put(entry(3))]);
    await store.remove(2);
    await store.put(entry(9), 1);
    await store.close();
    await store.close();
    const again = new FileStore(directory);
    assert.deepEqual(await again.load(), { device, nextSeq: 10, entries: [entry(3), entry(9)] });
    await again.remove(9);
    await again.remove(3);
    await again.close();
    assert.equal((await stat(join(directory, "outbox-1.jsonl"))).mode & 0o777, 0o600);
    const third = new FileStore(directory);
    assert.deepEqual(await third.load(), { device, nextSeq: 10, entries: [] }, "a number is never reused");
    await third.close();
  }));

Deno.test("a torn last line is forgotten, and does not eat the next one", () =>
  inDirectory(async (directory) => {
    const store = new FileStore(directory);
    const { device } = await store.load();
    await store.put(entry(1, "grüße"));
    await store.put(entry(2));
    await store.close();
    const path = join(directory, "outbox-1.jsonl");
    const whole = await readFile(path);
    // Cut at any byte: an entry is there or it is not, and never half.
    for (let length = 1; length <= whole.length; length += 5) {
      await writeFile(path, whole.subarray(0, length));
      const cut = new FileStore(directory);
      const { entries, ...rest } = await cut.load();
      const lines = new TextDecoder().decode(whole.subarray(0, length)).split("\n").length - 1;
      assert.equal(entries.length, Math.max(0, lines - 1), `cut at ${length}`);
      assert.equal(rest.device === device, lines > 0);
      await cut.put(entry(5));
      await cut.close();
      const next = new FileStore(directory);
      assert.deepEqual((await next.load()).entries.at(-1), entry(5));
      await next.close();
    }
  }));

Deno.test("damage in the middle costs its line only; a newer journal is refused with a sentence", () =>
  inDirectory(async (directory) => {
    const path = join(directory, "outbox-1.jsonl");
    const head = `{"quicchatOutbox":1,"device":"${"d".repeat(32)}","nextSeq":7}\n`;
    const put = (one: OutboxEntry) => JSON.stringify({ put: one }) + "\n";
    await writeFile(
      path,
      `${head}${put(entry(7))}{"put":{"seq":8,"queu\n{"put":{"seq":"x"}}\n${put(entry(9))}`,
    );
    const store = new FileStore(directory);
    assert.deepEqual((await store.load()).entries, [entry(7), entry(9)]);
    await store.close();
    await writeFile(path, head.replace(":1,", ":2,"));
    await assert.rejects(new FileStore(directory).load(), /version 2.*update/);
  }));

Deno.test("two at once have two devices; a later one takes what was left", () =>
  inDirectory(async (directory) => {
    const [first, second] = [new FileStore(directory), new FileStore(directory)];
    const a = await first.load();
    const b = await second.load();
    assert.notEqual(a.device, b.device);
    await second.put(entry(1, "left over"));
    await second.close();
    await first.close();
    const third = new FileStore(directory);
    assert.deepEqual(await third.load(), { device: b.device, nextSeq: 2, entries: [entry(1, "left over")] });
    const fourth = new FileStore(directory);
    assert.equal((await fourth.load()).device, a.device);
    await Promise.all([third.close(), fourth.close()]);
  }));

Deno.test("a journal is written anew before it grows without end", () =>
  inDirectory(async (directory) => {
    const store = new FileStore(directory);
    await store.load();
    for (let seq = 1; seq <= 3_000; seq++) {
      const kept = store.put(entry(seq));
      if (seq % 50 === 0) await kept;
      if (seq > 5) store.remove(seq - 5);
    }
    await store.put(entry(3_001));
    await store.close();
    assert.ok((await stat(join(directory, "outbox-1.jsonl"))).size < 400_000);
    const again = new FileStore(directory);
    assert.deepEqual((await again.load()).entries.map((one) => one.seq), [
      2996,
      2997,
      2998,
      2999,
      3000,
      3001,
    ]);
    await again.close();
    assert.deepEqual((await readdir(directory)).sort(), ["outbox-1.jsonl", "outbox-1.jsonl.lock"]);
  }));

Deno.test("Node's lock: held by a living process, taken over from a dead one", () =>
  inDirectory(async (directory) => {
    const path = join(directory, "lock");
    const unlock = await tryPidFile(path);
    assert.ok(unlock);
    assert.equal(await tryPidFile(path), null);
    await unlock();
    // No process has this number: Linux ends at 4,194,304.
    await writeFile(path, "4999999 gone");
    const taken = await tryPidFile(path);
    assert.ok(taken);
    assert.equal(await tryPidFile(path), null);
    await taken();
    await appendFile(path, "");
    assert.ok(await tryPidFile(path), "an empty one is a dead one's");
    assert.deepEqual(await readdir(directory), ["lock"]);
  }));
