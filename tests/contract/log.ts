/** What every engine of the log must do. The rules stand in src/log/log.ts. */
import assert from "node:assert/strict";
import {
  CHANGES_REACTIONS_MAX,
  type Entry,
  type Log,
  type Outcome,
  PAGE_BYTES_MAX,
  StoreFailure,
} from "../../src/log/log.ts";
import { logMatchesModel } from "./log-model.ts";
import type { LogUnderTest } from "./log-under-test.ts";

export const ANN = "a".repeat(32);
export const BOB = "b".repeat(32);

/** An entry to append: a message of Ann's in the lobby, but for what is given. */
export function entry(seq: number, rest: Partial<Entry> = {}): Entry {
  const device = rest.device ?? ANN;
  return {
    room: "lobby",
    tsMs: 1_790_000_000_000 + seq,
    type: "CHAT_MESSAGE",
    seq,
    sender: device === ANN ? "Ann" : "Bob",
    author: device.slice(0, 24),
    target: null,
    body: JSON.stringify({ text: `message ${seq}` }),
    device,
    targetMust: null,
    ...rest,
  };
}

const stored = (offset: number): Outcome => ({ status: "stored", offset });
const refused = (why: "stale" | "no-target" | "not-own"): Outcome => ({ status: "refused", why });
const bodies = async (log: Log, room = "lobby") => (await log.read(room, 0, 1_000)).events.map((e) => e.body);

/** `modelRuns`: how many random histories; each makes a log. */
export function testLog(engine: string, modelRuns: number, make: () => Promise<LogUnderTest>): void {
  function test(claim: string, body: (under: LogUnderTest, log: Log) => Promise<void>): void {
    Deno.test(`log, ${engine}: ${claim}`, async () => {
      const under = await make();
      try {
        await body(under, under.log);
      } finally {
        await under.dispose();
      }
    });
  }

  test("offsets are dense in each room, and events come back as they went in", async (_, log) => {
    const batch = [entry(1), entry(2, { room: "b" }), entry(3), entry(4, { room: "b" }), entry(5)];
    assert.deepEqual(await log.append(batch), [stored(1), stored(1), stored(2), stored(2), stored(3)]);
    const { device: _d, targetMust: _t, ...first } = entry(1);
    const page = await log.read("lobby", 0, 10);
    assert.deepEqual(page.events[0], { ...first, offset: 1 });
    assert.deepEqual(page.events.map((e) => [e.offset, e.seq]), [[1, 1], [2, 3], [3, 5]]);
    assert.equal(page.head, 3);
    assert.deepEqual(await log.append([]), []);
  });

  test("a room without events is empty and has head 0", async (_, log) => {
    assert.deepEqual(await log.read("nowhere", 0, 10), { events: [], head: 0 });
    assert.equal((await log.stand("nowhere")).head, 0);
    assert.deepEqual(await log.rooms("", 10), []);
  });

  test("a room stands at its newest event and its newest topic", async (_, log) => {
    const topic = (seq: number, text: string) =>
      entry(seq, { type: "CHAT_TOPIC", body: JSON.stringify({ text }) });
    assert.deepEqual(await log.stand("lobby"), { head: 0, topic: "" });
    await log.append([topic(1, "first"), entry(2), topic(3, "ours"), entry(4)]);
    assert.deepEqual(await log.stand("lobby"), { head: 4, topic: "ours" });
    assert.deepEqual(await log.stand("elsewhere"), { head: 0, topic: "" });
    await log.append([topic(5, "")]);
    assert.deepEqual(await log.stand("lobby"), { head: 5, topic: "" });
  });

  test("every well-formed text survives", async (_, log) => {
    const texts = [
      "\u0000\u0001\n\"'\\",
      "é e\u0301 ß 漢字 👩‍👩‍👧",
      "\u{10ffff}\ue000\u2028",
      "'); DROP TABLE events; --",
    ];
    const batch = texts.map((text, at) =>
      entry(at + 1, { body: JSON.stringify({ text }), sender: text.slice(2), room: `r ${text.slice(2)}` })
    );
    await log.append(batch);
    for (const { room, sender, body } of batch) {
      const { events } = await log.read(room, 0, 10);
      assert.deepEqual(events.map((e) => [e.room, e.sender, e.body]), [[room, sender, body]]);
    }
  });

  test("what can't be kept unaltered is refused, and harms no other batch", async (_, log) => {
    for (const rest of [{ body: "a\0b" }, { sender: "\ud800" }, { tsMs: 1.5 }, { room: "a\0" }]) {
      const [bad, good] = await Promise.allSettled([log.append([entry(1, rest)]), log.append([entry(1)])]);
      assert.equal(bad.status === "rejected" && bad.reason instanceof TypeError, true, JSON.stringify(rest));
      assert.equal(good.status, "fulfilled");
    }
    assert.equal((await log.stand("lobby")).head, 1);
  });

  test("the same (device, seq) is stored once: later, and within one batch", async (_, log) => {
    const twice = await log.append([entry(1, { room: "b" }), entry(1, { room: "c" }), entry(2)]);
    const again: Outcome = { status: "duplicate", room: "b", offset: 1, tsMs: entry(1).tsMs };
    assert.deepEqual(twice, [stored(1), again, stored(1)]);
    assert.deepEqual(await log.append([entry(1, { tsMs: 5, body: "{}" })]), [again]);
    assert.deepEqual(await log.append([entry(1, { device: BOB })]), [stored(2)]);
    assert.equal((await log.stand("c")).head, 0);
  });

  test("a lower seq behind a higher one is stale", async (_, log) => {
    assert.deepEqual(await log.append([entry(5), entry(3)]), [stored(1), refused("stale")]);
    assert.deepEqual(await log.append([entry(4), entry(6)]), [refused("stale"), stored(2)]);
    assert.deepEqual(await log.append([entry(3, { device: BOB })]), [stored(3)]);
  });

  test("a target must be a message of the same room, or one's own", async (_, log) => {
    await log.append([entry(1), entry(1, { device: BOB }), entry(2, { room: "b" })]);
    const edit = (seq: number, target: number | null, rest: Partial<Entry> = {}) =>
      entry(seq, { type: "CHAT_EDIT", target, targetMust: "be-own", ...rest });
    assert.deepEqual(
      await log.append([
        edit(3, 1),
        edit(4, 2),
        edit(5, 9),
        edit(6, null),
        edit(7, 3), // an edit is no message
        edit(8, 1, { room: "nowhere" }),
        edit(9, 2, { targetMust: "exist", type: "CHAT_REACT" }),
        edit(10, 1, { room: "b" }),
      ]),
      [
        stored(3),
        refused("not-own"),
        refused("no-target"),
        refused("no-target"),
        refused("no-target"),
        refused("no-target"),
        stored(4),
        stored(2),
      ],
    );
    assert.deepEqual(await log.rooms("", 10), [{ room: "b", head: 2 }, { room: "lobby", head: 4 }]);
  });

  test("a target within the same batch counts, one behind does not", async (_, log) => {
    const reply = { type: "CHAT_MESSAGE", target: 1, targetMust: "exist" } as const;
    assert.deepEqual(
      await log.append([entry(1, reply), entry(2), entry(3, reply)]),
      [refused("no-target"), stored(1), stored(2)],
    );
    assert.deepEqual(await log.append([entry(1)]), [refused("stale")]);
  });

  test("pages end at the limit and at the bytes of bodies, with one event at least", async (_, log) => {
    const big = (text: string) => JSON.stringify({ text });
    const half = "é".repeat(PAGE_BYTES_MAX / 4); // half a page in UTF-8, a quarter in UTF-16
    await log.append([
      ...Array.from({ length: 5 }, (_, at) => entry(at + 1)),
      entry(6, { body: big("x".repeat(PAGE_BYTES_MAX)) }),
      entry(7, { body: big(half) }),
      entry(8, { body: big(half) }),
    ]);
    const offsets = async (after: number, limit: number) =>
      (await log.read("lobby", after, limit)).events.map((e) => e.offset);
    assert.deepEqual(await offsets(0, 2), [1, 2]);
    assert.deepEqual(await offsets(2, 2), [3, 4]);
    assert.deepEqual(await offsets(0, 100), [1, 2, 3, 4, 5]);
    assert.deepEqual(await offsets(5, 100), [6]);
    assert.deepEqual(await offsets(6, 100), [7]);
    assert.deepEqual(await offsets(8, 100), []);
    assert.deepEqual(await offsets(99, 100), []);
    assert.deepEqual(await log.read("lobby", 0, 0), { events: [], head: 8 });
    assert.equal((await log.read("lobby", 8, 5)).head, 8);
  });

  test(
    "what was said of messages later: the last edit and deletion, the reactions, nothing else",
    async (_, log) => {
      const about = (seq: number, type: Entry["type"], target: number, rest: Partial<Entry> = {}) =>
        entry(seq, { type, target, targetMust: "exist", ...rest });
      await log.append([
        entry(1),
        entry(2),
        entry(3, { target: 1, targetMust: "exist" }), // a reply changes nothing
        about(4, "CHAT_EDIT", 1),
        about(5, "CHAT_REACT", 2),
        entry(6, { type: "CHAT_TOPIC" }),
        about(7, "CHAT_EDIT", 1),
        about(8, "CHAT_REACT", 1),
        about(9, "CHAT_DELETE", 2),
        about(10, "CHAT_REACT", 2),
      ]);
      await log.append([entry(11, { room: "b" }), about(12, "CHAT_EDIT", 1, { room: "b" })]);
      const offsets = async (targets: number[], after: number, room = "lobby") =>
        (await log.changes(room, targets, after)).map((list) => list.map(({ offset }) => offset));
      assert.deepEqual(await offsets([1, 2, 3], 3), [[7, 8], [5, 9, 10], []]);
      assert.deepEqual(await offsets([2, 1], 7), [[9, 10], [8]], "in the order asked for");
      assert.deepEqual(await offsets([1, 2], 10), [[], []]);
      assert.deepEqual(await offsets([1], 0, "b"), [[2]]);
      assert.deepEqual(await offsets([1], 0, "nowhere"), [[]]);
      assert.deepEqual(await offsets([], 0), []);
      const { device: _d, targetMust: _t, ...edit } = about(7, "CHAT_EDIT", 1);
      assert.deepEqual((await log.changes("lobby", [1], 4))[0]?.[0], { ...edit, offset: 7 });
    },
  );

  test(
    "what was said later is bounded: reactions of a message, bytes of all, one message at least",
    async (_, log) => {
      const about = (seq: number, type: Entry["type"], target: number, body = "{}") =>
        entry(seq, { type, target, targetMust: "exist", body });
      const half = JSON.stringify({ text: "é".repeat(PAGE_BYTES_MAX / 4) });
      const reactions = Array.from(
        { length: CHANGES_REACTIONS_MAX + 5 },
        (_, at) => about(at + 10, "CHAT_REACT", 3),
      );
      await log.append([entry(1), entry(2), entry(3), about(4, "CHAT_EDIT", 3), ...reactions]);
      await log.append([about(5_000, "CHAT_EDIT", 1, half), about(5_001, "CHAT_EDIT", 2, half)]);
      const sizes = async (...targets: number[]) =>
        (await log.changes("lobby", targets, 3)).map(({ length }) => length);
      assert.deepEqual(await sizes(3, 1), [CHANGES_REACTIONS_MAX + 1, 1], "and the edit before all of them");
      assert.equal((await log.changes("lobby", [3], 3))[0]?.[1]?.offset, 10, "the newest ones");
      assert.deepEqual(await sizes(1, 2), [1]);
      assert.deepEqual(await sizes(2, 3, 1), [1, CHANGES_REACTIONS_MAX + 1]);
    },
  );

  test("rooms come in code point order, in pages", async (_, log) => {
    const names = ["Z", "a", "a b", "é", "\u{fb01}", "\u{1f600}"];
    await log.append([3, 5, 0, 4, 1, 2].map((at, seq) => entry(seq + 1, { room: names[at] ?? "" })));
    await log.append([entry(9, { room: "a" })]);
    assert.deepEqual((await log.rooms("", 100)).map(({ room }) => room), names);
    assert.deepEqual(await log.rooms("Z", 2), [{ room: "a", head: 2 }, { room: "a b", head: 1 }]);
    assert.deepEqual(await log.rooms("\u{1f600}", 2), []);
  });

  test("appends take effect in the order of the calls", async (_, log) => {
    const calls = Array.from({ length: 300 }, (_, at) => log.append([entry(at + 1)]));
    assert.deepEqual((await Promise.all(calls)).flat(), calls.map((_, at) => stored(at + 1)));
    const { events } = await log.read("lobby", 0, 1_000);
    assert.deepEqual(events.map((e) => e.seq), calls.map((_, at) => at + 1));
  });

  test("a read sees what was acknowledged before it was called", async (_, log) => {
    for (let seq = 1; seq <= 50; seq++) {
      await log.append([entry(seq)]);
      const [page, stand, rooms] = await Promise.all([
        log.read("lobby", seq - 1, 10),
        log.stand("lobby"),
        log.rooms("", 10),
      ]);
      assert.deepEqual([page.events.length, page.head, stand.head, rooms[0]?.head], [1, seq, seq, seq]);
    }
  });

  test(
    "a failing store refuses whole batches, keeps what it acknowledged, and recovers",
    async (under, log) => {
      await log.append([entry(1)]);
      const repair = under.breakStore();
      const first = log.append([entry(2), entry(3)]);
      const behind = log.append([entry(4)]);
      await assert.rejects(first, StoreFailure);
      await assert.rejects(behind, StoreFailure);
      assert.deepEqual(await bodies(log), [entry(1).body]);
      repair();
      assert.deepEqual(await log.append([entry(2), entry(1), entry(4)]), [
        stored(2),
        { status: "duplicate", room: "lobby", offset: 1, tsMs: entry(1).tsMs },
        stored(3),
      ]);
      assert.equal((await log.stand("lobby")).head, 3);
    },
  );

  test("what was called before a failure was told fails with it", async (under, log) => {
    const repair = under.breakStore();
    const first = log.append([entry(5)]);
    first.catch(repair); // Repaired the moment it is known: the second one could be kept, but its 5 is gone.
    const second = first.catch(() => "told").then(() => log.append([entry(5)]));
    (await log.stand("lobby")).head; // So that it is not part of the commit that fails.
    const behind = log.append([entry(6)]);
    await assert.rejects(first, StoreFailure);
    await assert.rejects(behind, StoreFailure);
    assert.deepEqual(await second, [stored(1)]);
  });

  test("after close everything is refused, and closing again is nothing", async (_, log) => {
    const last = log.append([entry(1)]);
    await log.close();
    assert.deepEqual(await last, [stored(1)]);
    await log.close();
    await assert.rejects(log.append([entry(2)]), StoreFailure);
    await assert.rejects(log.read("lobby", 0, 1), StoreFailure);
    await assert.rejects(log.changes("lobby", [1], 0), StoreFailure);
    await assert.rejects(log.stand("lobby"), StoreFailure);
    await assert.rejects(log.rooms("", 1), StoreFailure);
  });

  test("a reopened log goes on: same epoch, events, duplicates, stale, offsets", async (under, log) => {
    if (under.reopen === null) return;
    await log.append([entry(1), entry(4)]);
    const again = await under.reopen();
    assert.equal(again.epoch, log.epoch);
    assert.deepEqual(await bodies(again), [entry(1).body, entry(4).body]);
    assert.deepEqual(await again.append([entry(4), entry(3), entry(5)]), [
      { status: "duplicate", room: "lobby", offset: 2, tsMs: entry(4).tsMs },
      refused("stale"),
      stored(3),
    ]);
  });

  Deno.test(`log, ${engine}: does what a naive model does (seeded)`, () => logMatchesModel(make, modelRuns));
}
