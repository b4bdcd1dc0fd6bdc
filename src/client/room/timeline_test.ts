import assert from "node:assert/strict";
import { amended, type RoomEvent, shownOrder, Timeline } from "./timeline.ts";
import { seeded } from "../../../tests/fixtures/scripted-server.ts";

const ADA = "a".repeat(24);
const BEA = "b".repeat(24);

type Fields = { type: RoomEvent["type"]; author?: string; target?: number } & Record<string, unknown>;

function events(all: readonly Fields[]): RoomEvent[] {
  return all.map((fields, at) => ({
    seq: at + 1,
    ts: 100 + at,
    room: "lobby",
    epoch: "e",
    offset: at + 1,
    sender: fields.author === BEA ? "Bea" : "Ada",
    author: ADA,
    ...fields,
  } as RoomEvent));
}

function timelineOf(all: readonly RoomEvent[], messagesMax?: number): Timeline {
  const timeline = new Timeline("lobby", messagesMax);
  timeline.reset({ epoch: "e", offset: (all[0]?.offset ?? 1) - 1 });
  for (const event of all) assert.ok(timeline.append(event));
  return timeline;
}

Deno.test("edits, deletions, reactions and replies", () => {
  const { messages } = timelineOf(events([
    { type: "CHAT_MESSAGE", text: "one" },
    { type: "CHAT_MESSAGE", text: "two", author: BEA, replyTo: 1 },
    { type: "CHAT_EDIT", target: 1, text: "one!" },
    { type: "CHAT_EDIT", target: 1, text: "not yours", author: BEA },
    { type: "CHAT_REACT", target: 1, reaction: "👍", on: true, author: BEA },
    { type: "CHAT_REACT", target: 1, reaction: "👍", on: true },
    { type: "CHAT_REACT", target: 1, reaction: "👍", on: true },
    { type: "CHAT_REACT", target: 1, reaction: "🎉", on: true },
    { type: "CHAT_REACT", target: 1, reaction: "🎉", on: false },
    { type: "CHAT_DELETE", target: 2, author: BEA },
    { type: "CHAT_EDIT", target: 2, text: "back again", author: BEA },
    { type: "CHAT_REACT", target: 2, reaction: "👍", on: true },
    { type: "CHAT_DELETE", target: 1, author: BEA },
    { type: "CHAT_EDIT", target: 3, text: "an edit is no message" },
  ])).snapshot();
  assert.deepEqual(messages, [
    {
      offset: 1,
      seq: 1,
      author: ADA,
      sender: "Ada",
      ts: 100,
      text: "one!",
      editedTs: 102,
      deleted: false,
      replyTo: null,
      reactions: [{ reaction: "👍", by: [BEA, ADA] }],
    },
    {
      offset: 2,
      seq: 2,
      author: BEA,
      sender: "Bea",
      ts: 101,
      text: "",
      editedTs: null,
      deleted: true,
      replyTo: 1,
      reactions: [],
    },
  ]);
});

Deno.test("takes the next event only; snapshots are the same until something changes, and never change", () => {
  const [first, second, third] = events([1, 2, 3].map((n) => ({ type: "CHAT_MESSAGE", text: `${n}` })));
  assert.ok(first && second && third);
  const timeline = new Timeline("lobby");
  assert.equal(timeline.append(first), false, "before the first join nothing belongs");
  timeline.reset({ epoch: "e", offset: 0 });
  assert.ok(timeline.append(first));
  const before = timeline.snapshot();
  assert.equal(timeline.append(first), false);
  assert.equal(timeline.append(third), false);
  assert.equal(timeline.append({ ...second, epoch: "f" }), false);
  assert.equal(timeline.snapshot(), before);
  assert.ok(timeline.append(second));
  assert.equal(before.messages.length, 1);
  assert.equal(timeline.snapshot().messages[0], before.messages[0], "what stays is shared");
});

function randomRoom(seed: number, count: number): RoomEvent[] {
  const random = seeded(seed);
  const messages: { offset: number; author: string }[] = [];
  const pick = () => messages[Math.floor(random() * messages.length)];
  return events(Array.from({ length: count }, (_, at): Fields => {
    const author = random() < 0.5 ? ADA : BEA;
    const target = pick();
    const dice = random();
    if (target === undefined || dice < 0.4) {
      messages.push({ offset: at + 1, author });
      return { type: "CHAT_MESSAGE", author, text: `m${at}` };
    }
    if (dice < 0.6) return { type: "CHAT_EDIT", author, target: target.offset, text: `e${at}` };
    if (dice < 0.7) return { type: "CHAT_DELETE", author, target: target.offset };
    const reaction = random() < 0.5 ? "👍" : "🎉";
    return { type: "CHAT_REACT", author, target: target.offset, reaction, on: random() < 0.7 };
  }));
}

Deno.test("the same run of events gives the same messages, however it was gathered", () => {
  for (let seed = 1; seed <= 50; seed++) {
    const random = seeded(seed * 7);
    const all = randomRoom(seed, 300);
    const straight = timelineOf(all).snapshot();
    const middle = 50 + Math.floor(random() * 200);
    const pieced = timelineOf(all.slice(middle));
    while (pieced.snapshot().after > 0) {
      const { after } = pieced.snapshot();
      const from = Math.max(0, after - 1 - Math.floor(random() * 60));
      assert.ok(pieced.prepend(all.slice(from, after)), `seed ${seed}`);
    }
    assert.deepEqual(pieced.snapshot(), straight, `seed ${seed}`);
  }
});

Deno.test("bounded: the newest messages stay, with every edit of theirs, and older pages fit on again", () => {
  const all = randomRoom(3, 5_000);
  const bounded = timelineOf(all, 100);
  const { messages, after } = bounded.snapshot();
  assert.ok(messages.length >= 100 && messages.length <= 125);
  const straight = timelineOf(all).snapshot();
  assert.deepEqual(messages, straight.messages.slice(-messages.length));
  assert.ok(bounded.prepend(all.slice(after - 200, after)));
  const more = bounded.snapshot().messages;
  assert.deepEqual(more, straight.messages.slice(-more.length));
  const reactions = events([
    { type: "CHAT_MESSAGE", text: "popular" },
    ...Array.from({ length: 5_000 }, (_, at): Fields => ({
      type: "CHAT_REACT",
      target: 1,
      reaction: "👍",
      on: at % 2 === 0,
    })),
  ]);
  const few = timelineOf(reactions, 10).snapshot();
  assert.ok(few.offset - few.after <= 160, "events are bounded too");
});

Deno.test("what an older page is spoken of by later events waits for it, through trimming too", () => {
  const all = events([
    { type: "CHAT_MESSAGE", text: "one" },
    { type: "CHAT_TOPIC", text: "first" },
    { type: "CHAT_REACT", target: 1, reaction: "👍", on: true },
    ...Array.from({ length: 20 }, (_, n) => ({ type: "CHAT_MESSAGE", text: `m${n}` }) as const),
    { type: "CHAT_EDIT", target: 1, text: "one!" },
    { type: "CHAT_REACT", target: 1, reaction: "👍", on: false },
    { type: "CHAT_TOPIC", text: "second" },
  ]);
  const timeline = timelineOf(all, 10);
  const { after, topics } = timeline.snapshot();
  assert.ok(after > 3, "it was cut");
  assert.deepEqual(topics.map(({ text }) => text), ["second"]);
  assert.ok(timeline.prepend(all.slice(3, after)));
  assert.ok(timeline.prepend(all.slice(0, 3)));
  const [one] = timeline.snapshot().messages;
  assert.deepEqual([one?.text, one?.reactions], ["one!", []]);
  assert.deepEqual(timeline.snapshot().topics.map(({ text }) => text), ["first", "second"]);
});

Deno.test("where time orders, what came late is shown and counts in its place, however it came", () => {
  const said = events([
    { type: "CHAT_MESSAGE", text: "one", ts: 10 },
    { type: "CHAT_EDIT", target: 1, text: "second edit", ts: 30 },
    { type: "CHAT_EDIT", target: 1, text: "first edit", ts: 20 },
    { type: "CHAT_REACT", target: 1, reaction: "👍", on: false, ts: 50 },
    { type: "CHAT_REACT", target: 1, reaction: "👍", on: true, ts: 40 },
    { type: "CHAT_MESSAGE", text: "before", author: BEA, ts: 5 },
    { type: "CHAT_MESSAGE", text: "same time, by author", author: BEA, ts: 10 },
  ]);
  const timeline = new Timeline("lobby");
  timeline.setOrder("time");
  timeline.reset({ epoch: "e", offset: 3 });
  for (const event of said.slice(3)) assert.ok(timeline.append(event));
  assert.ok(timeline.prepend(said.slice(0, 3)));
  const { messages, order } = timeline.snapshot();
  assert.deepEqual(shownOrder(messages, order).map(({ text }) => text), [
    "before",
    "second edit",
    "same time, by author",
  ]);
  assert.deepEqual(messages[0]?.reactions, []);
  assert.equal(timelineOf(said).snapshot().messages[0]?.text, "first edit", "else the log's order counts");
});

Deno.test("a place in the past as it stands now: with what came after it, and with nothing else", () => {
  const all = events([
    { type: "CHAT_MESSAGE", text: "one" },
    { type: "CHAT_MESSAGE", text: "two" },
    { type: "CHAT_EDIT", target: 1, text: "one!" },
    { type: "CHAT_REACT", target: 2, reaction: "👍", on: true },
    { type: "CHAT_DELETE", target: 2, author: BEA },
  ]);
  const whole = timelineOf(all).snapshot();
  const past = timelineOf(all.slice(0, 2)).snapshot();
  assert.deepEqual(whole.changes.map(({ offset }) => offset), [3, 4, 5]);
  const now = amended(past, whole.changes);
  assert.deepEqual(now.messages, whole.messages);
  assert.equal(now.offset, 2, "the run is no longer for that");
  assert.equal(amended(whole, whole.changes), whole, "what is in the run is not said twice");
  assert.equal(amended(past, whole.changes.map((change) => ({ ...change, epoch: "another" }))), past);
  assert.deepEqual(past.messages.map(({ text }) => text), ["one", "two"], "a snapshot never changes");
});

Deno.test("a timeline that is to hold less lets the oldest go at once", () => {
  const all = events(Array.from({ length: 50 }, (_, n) => ({ type: "CHAT_MESSAGE", text: `${n + 1}` })));
  const timeline = timelineOf(all);
  timeline.hold(10);
  assert.deepEqual(
    timeline.snapshot().messages.map(({ offset }) => offset),
    all.slice(-10).map(({ offset }) => offset),
  );
  assert.ok(timeline.prepend(all.slice(20, 40)), "and takes older ones when they are asked for");
});
