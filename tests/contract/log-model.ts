/** A log as one would write it in ten minutes, and random histories that must come out the same. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { LoggedEvent } from "../../src/protocol/event.ts";
import type { Entry, Log, Outcome, Page, RoomSummary } from "../../src/log/log.ts";
import type { LogUnderTest } from "./log-under-test.ts";

/** Everything in one array, every question a walk through it. */
class NaiveLog {
  readonly #kept: (LoggedEvent & { device: string })[] = [];

  append(batch: readonly Entry[]): Outcome[] {
    return batch.map((entry) => {
      const same = this.#kept.find((e) => e.device === entry.device && e.seq === entry.seq);
      if (same) return { status: "duplicate", room: same.room, offset: same.offset, tsMs: same.tsMs };
      if (this.#kept.some((e) => e.device === entry.device && e.seq > entry.seq)) {
        return { status: "refused", why: "stale" };
      }
      const room = this.#kept.filter((e) => e.room === entry.room);
      const target = room.find((e) => e.offset === entry.target && e.type === "CHAT_MESSAGE");
      if (entry.targetMust && !target) return { status: "refused", why: "no-target" };
      if (entry.targetMust === "be-own" && target?.author !== entry.author) {
        return { status: "refused", why: "not-own" };
      }
      const { targetMust: _, ...rest } = entry;
      this.#kept.push({ ...rest, offset: room.length + 1 });
      return { status: "stored", offset: room.length + 1 };
    });
  }

  read(room: string, after: number, limit: number): Page {
    const all = this.#kept.filter((e) => e.room === room);
    const events = all.filter((e) => e.offset > after).slice(0, limit).map(({ device: _, ...event }) =>
      event
    );
    return { events, head: all.length };
  }

  changes(room: string, targets: readonly number[], after: number): LoggedEvent[][] {
    return targets.map((target) => {
      const all = this.read(room, 0, Infinity).events.filter((e) => e.target === target);
      const last = ["CHAT_EDIT", "CHAT_DELETE"].map((type) => all.findLast((e) => e.type === type)?.offset);
      return all.filter((e) => e.offset > after && (e.type === "CHAT_REACT" || last.includes(e.offset)));
    });
  }

  rooms(after: string, limit: number): RoomSummary[] {
    const names = [...new Set(this.#kept.map((e) => e.room))].filter((room) => room > after).sort();
    return names.slice(0, limit).map((room) => ({ room, head: this.read(room, 0, 0).head }));
  }
}

type Step =
  | { readonly does: "append"; readonly batches: readonly (readonly Entry[])[] }
  | { readonly does: "read"; readonly room: string; readonly after: number; readonly limit: number }
  | {
    readonly does: "changes";
    readonly room: string;
    readonly targets: readonly number[];
    readonly after: number;
  }
  | { readonly does: "rooms"; readonly after: string; readonly limit: number }
  | { readonly does: "reopen" };

const room = fc.constantFrom("lobby", "b", "Ä room");
const device = fc.constantFrom("1".repeat(32), "2".repeat(32), "3".repeat(32));
const small = (max: number) => fc.integer({ min: 0, max });

/** Few devices, rooms and numbers, so that duplicates, stale ones and targets that exist are common. */
const anEntry: fc.Arbitrary<Entry> = fc.record({
  room,
  device,
  seq: fc.integer({ min: 1, max: 12 }),
  tsMs: fc.integer({ min: 0, max: 2 ** 42 }),
  type: fc.constantFrom("CHAT_MESSAGE", "CHAT_MESSAGE", "CHAT_EDIT", "CHAT_DELETE", "CHAT_REACT"),
  sender: fc.constantFrom("Ann", "Bob"),
  author: fc.constantFrom("a".repeat(24), "b".repeat(24)),
  target: fc.option(fc.integer({ min: 1, max: 6 })),
  body: fc.json(),
  targetMust: fc.constantFrom(null, null, "exist", "be-own"),
});

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      does: fc.constant("append"),
      batches: fc.array(fc.array(anEntry, { maxLength: 6 }), { minLength: 1, maxLength: 3 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ does: fc.constant("read"), room, after: small(8), limit: small(5) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      does: fc.constant("changes"),
      room,
      targets: fc.array(small(6), { maxLength: 4 }),
      after: small(8),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      does: fc.constant("rooms"),
      after: fc.constantFrom("", "b", "c"),
      limit: small(3),
    }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constant("reopen") }) },
);

/** Seeded; a failure prints the seed and the smallest history that fails. */
export async function logMatchesModel(make: () => Promise<LogUnderTest>, runs: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 60 }), async (steps) => {
      const under = await make();
      try {
        let log: Log = under.log;
        const model = new NaiveLog();
        for (const step of steps) {
          if (step.does === "append") {
            const got = await Promise.all(step.batches.map((batch) => log.append(batch)));
            assert.deepEqual(got, step.batches.map((batch) => model.append(batch)));
          } else if (step.does === "read") {
            const { room, after, limit } = step;
            assert.deepEqual(await log.read(room, after, limit), model.read(room, after, limit));
            assert.equal((await log.stand(room)).head, model.read(room, 0, 0).head);
          } else if (step.does === "changes") {
            const { room, targets, after } = step;
            assert.deepEqual(
              await log.changes(room, targets, after),
              model.changes(room, targets, after),
            );
          } else if (step.does === "rooms") {
            assert.deepEqual(await log.rooms(step.after, step.limit), model.rooms(step.after, step.limit));
          } else if (under.reopen !== null) {
            log = await under.reopen();
          }
        }
      } finally {
        await under.dispose();
      }
    }),
    { seed: 20_261_122, numRuns: runs },
  );
}
