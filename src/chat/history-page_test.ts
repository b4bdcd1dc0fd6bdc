import assert from "node:assert/strict";
import fc from "fast-check";
import type { LoggedEvent } from "../protocol/event.ts";
import { LIMITS } from "../protocol/limits.ts";
import { type HistoryPage, jsonOf, PAGE_LINES_BYTES_MAX, pageOf } from "./history-page.ts";

function event(offset: number, rest: Partial<LoggedEvent> = {}): LoggedEvent {
  return {
    room: "lobby",
    offset,
    tsMs: 1_790_000_000_000,
    type: "CHAT_MESSAGE",
    seq: offset,
    sender: "Ann",
    author: "a".repeat(24),
    target: null,
    body: JSON.stringify({ text: "hello" }),
    ...rest,
  };
}

const text = (says: string) => ({ body: JSON.stringify({ text: says }) });
const edit = (offset: number, target: number, says = "changed") =>
  event(offset, { type: "CHAT_EDIT", target, ...text(says) });
const deletion = (offset: number, target: number) =>
  event(offset, { type: "CHAT_DELETE", target, body: "{}" });
const reaction = (offset: number, target: number, on = true, author = "a", what = "👍") =>
  event(offset, { type: "CHAT_REACT", target, author, body: JSON.stringify({ reaction: what, on }) });

/** What the log knows of all messages of a page. */
function listsOf(
  all: readonly LoggedEvent[],
  later: readonly LoggedEvent[] = [],
): Map<number, LoggedEvent[]> {
  const messages = all.filter(({ type }) => type === "CHAT_MESSAGE");
  return new Map(messages.map(({ offset }) => [offset, later.filter(({ target }) => target === offset)]));
}

const offsets = ({ events, later }: HistoryPage) => [
  events.map(({ offset }) => offset),
  later.map(({ offset }) => offset),
];
const bytes = ({ events, later }: HistoryPage) =>
  new TextEncoder().encode(jsonOf(events) + jsonOf(later)).length;

Deno.test("later: the last edit; a deletion and nothing else; of a reaction what gave it or took it back last", () => {
  const all = [event(1), event(2), event(3), deletion(4, 3)];
  const later = [
    edit(11, 1),
    edit(12, 2),
    reaction(13, 1),
    reaction(14, 1, true, "b"),
    reaction(15, 1, false, "b"),
    reaction(16, 2),
    edit(17, 1),
    reaction(18, 1),
    deletion(19, 2),
    edit(20, 2),
    edit(21, 3),
    reaction(22, 1, true, "a", "🎉"),
  ];
  for (const keep of ["first", "last"] as const) {
    assert.deepEqual(offsets(pageOf(all, listsOf(all, later), keep)), [[1, 2, 3, 4], [13, 15, 17, 19, 22]]);
  }
  assert.deepEqual(offsets(pageOf([], new Map(), "first")), [[], []]);
});

Deno.test("later: what does not fit makes the page shorter, and what is cut off counts as later", () => {
  const long = "x".repeat(16_000);
  const all = [event(1), event(2, text(long)), edit(3, 1, long), event(4, text(long)), event(5, text(long))];
  const lists = listsOf(all, [edit(11, 4, long), edit(12, 5, long)]);
  assert.deepEqual(offsets(pageOf(all, lists, "first")), [[1, 2, 3], []]);
  assert.deepEqual(offsets(pageOf(all, lists, "last")), [[5], [12]]);
  const more = [...all.slice(0, 2), event(3, text(long)), edit(4, 1, long), event(5, text(long))];
  assert.deepEqual(offsets(pageOf(more, listsOf(more, [edit(11, 3, long)]), "first")), [[1, 2], [4]]);
});

Deno.test("later: a message that the log told nothing about is not on the page, nor what is beyond", () => {
  const all = [1, 2, 3, 4].map((offset) => event(offset));
  const known = (...of: number[]) => new Map(of.map((offset) => [offset, []]));
  assert.deepEqual(offsets(pageOf(all, known(1, 2), "first")), [[1, 2], []]);
  assert.deepEqual(offsets(pageOf(all, known(4, 3), "last")), [[3, 4], []]);
});

Deno.test("later: a message alone with more than fits has its newest reactions, and no text if an edit has another", () => {
  const newlines = "\n".repeat(16_384);
  const one = event(1, text(newlines));
  const reactions = Array.from({ length: 1_000 }, (_, at) => reaction(at + 10, 1, true, `author ${at}`));
  const page = pageOf([one], listsOf([one], [edit(5, 1, newlines), ...reactions]), "first");
  assert.deepEqual(JSON.parse(page.events[0]?.body ?? ""), { text: "" });
  assert.deepEqual([page.later[0]?.offset, page.later.at(-1)?.offset], [5, 1_009]);
  assert.ok(page.later.length > 100);
  assert.deepEqual(page.later.slice(1), reactions.slice(-(page.later.length - 1)));
  assert.ok(bytes(page) <= PAGE_LINES_BYTES_MAX);
  const deleted = pageOf([one], listsOf([one], [...reactions, deletion(2_000, 1)]), "first");
  assert.deepEqual([deleted.events, deleted.later.map(({ offset }) => offset)], [[one], [2_000]]);
});

/** An event of some kind; a message where it is of none. */
function of(kind: string, offset: number, target: number, says: string, isThere: boolean): LoggedEvent {
  if (!isThere) return event(offset, text(says));
  if (kind === "edit") return edit(offset, target, says);
  if (kind === "delete") return deletion(offset, target);
  if (kind === "react") return reaction(offset, target, offset % 3 > 0, `${offset % 4}`);
  return event(offset, text(says));
}

Deno.test("later: whatever was said, a page is one PDU, has an event, and every deletion of its messages (seeded)", () => {
  const size = fc.constantFrom(1, 100, 9_000, 16_384);
  const letter = fc.constantFrom("x", "\n", "é", '"');
  const says = fc.tuple(size, letter).map(([size, letter]) => letter.repeat(size).slice(0, 16_384));
  const kinds = fc.record({
    kind: fc.constantFrom("say", "say", "edit", "delete", "react"),
    says,
    at: fc.nat(9),
  });
  fc.assert(
    fc.property(
      fc.array(kinds, { minLength: 1, maxLength: 30 }),
      fc.array(kinds, { maxLength: 40 }),
      fc.constantFrom("first" as const, "last" as const),
      (within, beyond, keep) => {
        const made: LoggedEvent[] = [];
        for (const { kind, says, at } of [...within, ...beyond.filter(({ kind }) => kind !== "say")]) {
          made.push(of(kind, made.length + 1, at + 1, says, made[at]?.type === "CHAT_MESSAGE"));
        }
        const all = made.slice(0, within.length);
        const page = pageOf(all, listsOf(all, made.slice(within.length)), keep);
        const { events, later } = page;
        assert.ok(events.length > 0 && bytes(page) <= LIMITS.pduBytesMax - 1_024);
        const end = events.at(-1)?.offset ?? 0;
        assert.equal(keep === "first" ? events[0]?.offset : end, keep === "first" ? 1 : all.length);
        const messages = new Set(events.filter((e) => e.type === "CHAT_MESSAGE").map((e) => e.offset));
        let before = end;
        for (const change of later) {
          assert.ok(change.offset > before && messages.has(change.target ?? 0));
          before = change.offset;
        }
        for (const message of messages) {
          const gone = made.find((e) => e.type === "CHAT_DELETE" && e.target === message);
          if (gone === undefined) continue;
          const told = later.filter(({ target }) => target === message).map((e) => e.offset);
          assert.deepEqual(told, gone.offset > end ? [gone.offset] : [], "a deletion is never left out");
        }
      },
    ),
    { seed: 3, numRuns: 300 },
  );
});
