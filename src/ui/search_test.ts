import assert from "node:assert/strict";
import { ChatFailure } from "../client/mod.ts";
import { VirtualClock } from "../transport/clock.ts";
import { markHits } from "./hits.ts";
import { type Found, type FoundPage, Search } from "./search.ts";

interface Asked {
  readonly query: string;
  readonly before: number | null;
  readonly signal: AbortSignal;
  readonly answer: (page: Partial<FoundPage>) => Promise<void>;
  readonly fail: (error: unknown) => Promise<void>;
}

function desk() {
  const clock = new VirtualClock();
  const asked: Asked[] = [];
  const search = new Search(
    (query, before, signal) => {
      const { promise, resolve, reject } = Promise.withResolvers<FoundPage>();
      asked.push({
        query,
        before,
        signal,
        answer: async (page) => {
          resolve({ found: [], next: null, isBehind: false, ...page });
          await clock.advance(0);
        },
        fail: async (error) => {
          reject(error);
          await clock.advance(0);
        },
      });
      return promise;
    },
    clock,
    () => Promise.resolve(markHits),
  );
  const shown = () => {
    const { current } = search.view;
    return "found" in current ? current.found.map((one) => one.parts.map(({ text }) => text).join("")) : [];
  };
  return { clock, asked, search, shown, state: () => search.view.current.state };
}

const message = (offset: number): Found => ({
  room: "a",
  offset,
  sender: "Ann",
  ts: 5,
  text: `tea ${offset}`,
});

Deno.test("search: asks when one pauses, once, and shows what was found with its hits", async () => {
  const { clock, asked, search, state } = desk();
  for (const query of ["t", "te", "tea", "tea "]) {
    search.look(query);
    await clock.advance(100);
  }
  assert.deepEqual([asked.length, state()], [0, "looking"]);
  await clock.advance(50);
  assert.deepEqual(asked.map(({ query, before }) => [query, before]), [["tea", null]]);
  await asked[0]?.answer({ found: [message(9)] });
  assert.deepEqual(search.view.current, {
    state: "found",
    query: "tea ",
    found: [{
      room: "a",
      offset: 9,
      sender: "Ann",
      tsMs: 5_000,
      parts: [{ text: "tea", hit: true }, { text: " 9", hit: false }],
    }],
    more: false,
    isBehind: false,
  });
});

Deno.test("search: an answer to an older question is not shown, and its asking is called off", async () => {
  const { clock, asked, search, shown, state } = desk();
  search.look("tea");
  await clock.advance(150);
  search.look("milk");
  assert.equal(asked[0]?.signal.aborted, true);
  await clock.advance(150);
  await asked[1]?.answer({ found: [message(2)] });
  await asked[0]?.answer({ found: [message(1)] });
  assert.deepEqual([shown(), state()], [["tea 2"], "found"]);
  search.look("water");
  await clock.advance(150);
  search.look("");
  await asked[2]?.fail(new Error("too late"));
  assert.deepEqual([state(), asked.length], ["idle", 3]);
});

Deno.test("search: what was found stays while one types on", async () => {
  const { clock, asked, search, shown, state } = desk();
  search.look("te");
  await clock.advance(150);
  await asked[0]?.answer({ found: [message(1)] });
  search.look("tea");
  assert.deepEqual([shown(), state()], [["tea 1"], "looking"]);
});

Deno.test("search: older ones are added, once for each asking", async () => {
  const { clock, asked, search, shown } = desk();
  search.look("tea");
  await clock.advance(150);
  await asked[0]?.answer({ found: [message(9), message(8)], next: 8 });
  search.more();
  search.more();
  assert.deepEqual(asked.map(({ before }) => before), [null, 8]);
  await asked[1]?.answer({ found: [message(7)] });
  assert.deepEqual(shown(), ["tea 9", "tea 8", "tea 7"]);
  search.more();
  assert.equal(asked.length, 2, "there are none");
});

Deno.test("search: an answer with nothing in it but a `next` is not the end", async () => {
  const { clock, asked, search, shown, state } = desk();
  search.look("tea");
  await clock.advance(150);
  await asked[0]?.answer({ next: 500 });
  assert.equal(state(), "looking");
  await asked[1]?.answer({ next: 300, isBehind: true });
  await asked[2]?.answer({ found: [message(1)], next: 100, isBehind: true });
  assert.deepEqual(asked.map(({ before }) => before), [null, 500, 300]);
  assert.deepEqual([shown(), state()], [["tea 1"], "found"]);
  const { current } = search.view;
  assert.deepEqual(current.state === "found" && [current.more, current.isBehind], [true, true]);
});

Deno.test("search: a failure is shown, and the next question works", async () => {
  const { clock, asked, search, shown, state } = desk();
  search.look("tea");
  await clock.advance(150);
  await asked[0]?.fail(ChatFailure.local("closed"));
  assert.equal(state(), "failed");
  search.look("tea!");
  await clock.advance(150);
  await asked[1]?.answer({ found: [message(1)] });
  assert.deepEqual(shown(), ["tea 1"]);
});
