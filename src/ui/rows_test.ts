import assert from "node:assert/strict";
import { type Message, type OutboxItem, shownOrder, type Topic } from "../client/mod.ts";
import { dayAt } from "./days.ts";
import { Names } from "./names.ts";
import { RowMaker, type RowsInput } from "./rows.ts";
import type { MessageView, Row } from "./view.ts";

const ADA = "a".repeat(24);
const BEA = "b".repeat(24);
const DAY_S = new Date(2026, 2, 10).getTime() / 1000;
const HOUR_S = 3_600;

function message(offset: number, more: Partial<Message> = {}): Message {
  return {
    offset,
    seq: offset,
    author: BEA,
    sender: "Bea",
    ts: DAY_S + offset,
    text: `${offset}`,
    editedTs: null,
    deleted: false,
    replyTo: null,
    reactions: [],
    ...more,
  };
}

function input(messages: readonly Message[], more: Partial<RowsInput> = {}): RowsInput {
  const me = { name: "Ada", author: ADA };
  const names = new Names("Ada");
  return { messages, topics: [], unplaced: [], me, newAfter: null, atBeginning: true, names, dayAt, ...more };
}

const rowsOf = (...given: Parameters<typeof input>) => new RowMaker().make(input(...given));

function messageViews(rows: readonly Row[]): MessageView[] {
  return rows.flatMap((row) => row.kind === "message" ? [row.message] : []);
}

/** `day`, `new`, `topic`, or the text, with `*` before the first of a group. */
function shape(rows: readonly Row[]): string {
  return rows.map((row) =>
    row.kind === "message" ? `${row.message.first ? "*" : ""}${row.message.text}` : row.kind
  )
    .join(" ");
}

function queued(seq: number, text: string, tsMs: number, replyTo?: number): OutboxItem {
  const draft = {
    type: "CHAT_MESSAGE",
    room: "lobby",
    text,
    ...(replyTo === undefined ? {} : { replyTo }),
  } as const;
  return { seq, queuedAtMs: tsMs, draft, state: "queued" };
}

Deno.test("groups: one person within five minutes; a reply, a topic, a day and the new line begin one", () => {
  const rows = rowsOf([
    message(1),
    message(2),
    message(3, { author: ADA, sender: "Ada" }),
    message(4),
    message(5, { ts: DAY_S + 4 + 299 }),
    message(6, { ts: DAY_S + 4 + 599 }),
    message(7, { ts: DAY_S + 4 + 600, replyTo: 1 }),
    message(8, { ts: DAY_S + 4 + 601 }),
    message(9, { ts: DAY_S + 4 + 602, sender: "Beatrice" }),
    message(11, { ts: DAY_S + 4 + 603, sender: "Beatrice" }),
    message(12, { ts: DAY_S + 4 + 604, sender: "Beatrice" }),
  ], {
    topics: [{ offset: 10, ts: DAY_S + 606, sender: "Bea", author: BEA, text: "tea" }],
    newAfter: 11,
  });
  assert.equal(shape(rows), "day *1 2 *3 *4 5 *6 *7 8 *9 topic *11 new *12");
});

Deno.test("days: by the device's calendar, over midnight and summer time, and when a clock was set back", () => {
  const zone = Deno.env.get("TZ");
  try {
    // 29 March 2026 has 23 hours there, 25 October 25.
    Deno.env.set("TZ", "Europe/Berlin");
    for (const [month, date, hours] of [[2, 29, 23], [9, 25, 25], [5, 15, 24]] as const) {
      const startS = new Date(2026, month, date).getTime() / 1000;
      assert.equal(dayAt(startS * 1000).endMs - dayAt(startS * 1000).startMs, hours * HOUR_S * 1000);
      const times = [startS - 1, startS, startS + hours * HOUR_S - 1, startS + hours * HOUR_S];
      const rows = rowsOf(times.map((ts, at) => message(at + 1, { ts })));
      assert.equal(shape(rows), "day *1 day *2 *3 day *4");
    }
  } finally {
    if (zone === undefined) Deno.env.delete("TZ");
    else Deno.env.set("TZ", zone);
  }
  const back = rowsOf([
    message(1),
    message(2, { ts: DAY_S + 86_400 }),
    message(3),
    message(4, { ts: DAY_S + 86_400 }),
  ]);
  assert.equal(shape(back), "day *1 day *2 day *3 day *4");
  assert.equal(new Set(back.map(({ key }) => key)).size, back.length, "keys are unique all the same");
});

Deno.test("the first day's line is there only where the day is known to begin, and for what waits at the end", () => {
  assert.equal(shape(rowsOf([message(5)], { atBeginning: false })), "*5");
  const next = { item: queued(9, "late", (DAY_S + 86_400) * 1000), isStored: false };
  const [, , , late] = messageViews(rowsOf([message(1), message(2), message(3)], { unplaced: [next] }));
  assert.equal(late?.first, true);
  assert.equal(
    shape(rowsOf([message(1, { author: ADA, sender: "Ada" })], { unplaced: [next] })),
    "day *1 day *late",
  );
});

Deno.test("quotes: one line, cut between characters; of what is not loaded only where; of what is deleted who", () => {
  const long = "👨‍👩‍👧".repeat(100);
  const views = messageViews(rowsOf([
    message(10, { text: "\n\n  first line\nsecond" }),
    message(11, { text: long }),
    message(12, { deleted: true, text: "" }),
    message(13, { replyTo: 10 }),
    message(14, { replyTo: 11 }),
    message(15, { replyTo: 12 }),
    message(16, { replyTo: 3 }),
    message(17, { replyTo: 18, text: "what claims to answer what comes later quotes nothing" }),
    message(18),
  ]));
  const quotes = views.slice(3, 8).map(({ reply }) => reply);
  assert.deepEqual(quotes[0], { offset: 10, sender: "Bea", text: "first line" });
  assert.ok(quotes[1]?.text?.isWellFormed() === true && quotes[1].text.endsWith("…"));
  assert.deepEqual(quotes.slice(2), [
    { offset: 12, sender: "Bea", text: null },
    { offset: 3, sender: null, text: null },
    { offset: 18, sender: null, text: null },
  ]);
  const [waiting] = messageViews(rowsOf([message(10)], {
    unplaced: [{ item: queued(1, "x", 0, 10), isStored: false }],
  })).slice(1);
  assert.deepEqual(waiting?.reply, { offset: 10, sender: "Bea", text: "10" });
});

// The rows that had been made went on saying that one was mentioned: they depended on what was known when.
Deno.test("whom a message speaks to depends on who is known, not on when one came to be known", () => {
  const names = new Names("Ada");
  const maker = new RowMaker();
  const given = input([message(1, { text: "@Ada Lovelace, hello" }), message(2, { text: "@Ada" })], {
    names,
  });
  const mentioned = () => messageViews(maker.make(given)).map(({ mentionsMe }) => mentionsMe);
  assert.deepEqual(mentioned(), [true, true]);
  names.learn(BEA, "Ada Lovelace");
  assert.deepEqual(mentioned(), [false, true]);
  names.learn(BEA, "Beatrice");
  assert.deepEqual(mentioned(), [true, true]);
});

Deno.test("names: the newest of each author, each once, and no more than a room remembers", () => {
  const names = new Names("Ada");
  names.learn(BEA, "Bea");
  names.learn(ADA, "Ada");
  names.learn("c".repeat(24), "Ada");
  names.learn(undefined, "Nobody");
  const { version } = names;
  names.learn(BEA, "Bea");
  assert.equal(names.version, version, "nothing new");
  assert.deepEqual(names.all(), ["Bea", "Ada"]);
  names.learn(BEA, "ADA Bea");
  assert.deepEqual([names.of(BEA), names.longer()], ["ADA Bea", ["ADA Bea"]]);
  const longer = names.longer();
  for (let n = 0; n < 6_000; n++) names.learn(`author ${n}`, `somebody ${n}`);
  assert.equal(names.of(BEA), undefined, "not heard of for the longest time");
  assert.equal(names.of("author 5999"), "somebody 5999");
  assert.ok(names.all().length <= 5_000);
  assert.deepEqual([longer, names.longer()], [["ADA Bea"], []]);
});

Deno.test("nothing changed: the same array; one more: all others the same objects", () => {
  const maker = new RowMaker();
  const messages = Array.from(
    { length: 500 },
    (_, at) => message(at + 1, { replyTo: at % 7 === 6 ? at : null }),
  );
  const topics: Topic[] = [{ offset: 501, ts: DAY_S + 501, sender: "Bea", author: BEA, text: "tea" }];
  const names = new Names("Ada");
  const first = maker.make(input(messages, { topics, names }));
  assert.equal(maker.make(input(messages.slice(), { topics: topics.slice(), names })), first);
  const more = [...messages, message(502)];
  const second = maker.make(input(more, { topics, names }));
  assert.ok(first.every((row, at) => second[at] === row));
  assert.equal(second.length, first.length + 1);
  assert.equal(maker.make(input(more, { topics, names })), second);
});

Deno.test("in a room of 100,000 messages one that comes costs little of what all of them cost", () => {
  const messages = Array.from({ length: 100_000 }, (_, at) => message(at + 1));
  const names = new Names("Ada");
  const maker = new RowMaker();
  const cost = (given: readonly Message[]) => {
    const beganMs = performance.now();
    maker.make(input(given, { names }));
    return performance.now() - beganMs;
  };
  const middle = (costs: number[]) => costs.sort((a, b) => a - b)[4] ?? Infinity;
  cost(messages);
  // Without the first, or with it: all are gone through, though each row is there already.
  const allMs = middle(Array.from({ length: 9 }, (_, n) => cost(messages.slice(n % 2))));
  const oneMs = middle(Array.from({ length: 9 }, (_, n) => {
    messages.push(message(100_001 + n));
    return cost(messages.slice());
  }));
  console.log(`rows of 100,000 messages: ${allMs.toFixed(1)} ms, of one more: ${oneMs.toFixed(2)} ms`);
  assert.ok(oneMs < allMs / 3, `one more cost ${oneMs} ms, all of them ${allMs} ms`);
});

Deno.test("where time orders, what came late stands in its place, as if all were made at once", () => {
  const topic: Topic = { offset: 9, ts: DAY_S + 2, sender: "Bea", author: BEA, text: "ours" };
  const said = [
    message(1, { ts: DAY_S + 1 }),
    message(2, { ts: DAY_S + 4, replyTo: 1, seq: 7, author: ADA }),
  ];
  const late = message(3, { ts: DAY_S + 3, seq: 7, author: ADA });
  const shown = (messages: readonly Message[]) =>
    input(shownOrder(messages, "time"), { topics: [topic], byOffset: messages });
  const maker = new RowMaker();
  maker.make(shown(said));
  const rows = maker.make(shown([...said, late]));
  assert.equal(shape(rows), "day *1 topic *3 *2");
  assert.deepEqual(rows, new RowMaker().make(shown([...said, late])));
  assert.equal(messageViews(rows)[2]?.reply?.text, "1");
  assert.equal(
    new Set(rows.map(({ key }) => key)).size,
    rows.length,
    "two devices of one author count alike",
  );
});
