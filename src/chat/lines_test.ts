import assert from "node:assert/strict";
import { lineOf, type LoggedEvent } from "../protocol/event.ts";
import { Lines } from "./lines.ts";

const decoder = new TextDecoder();
const text = (bytes: Uint8Array) => decoder.decode(bytes);

function event(offset: number): LoggedEvent {
  return {
    room: "lobby",
    offset,
    tsMs: 1_000,
    type: "CHAT_MESSAGE",
    seq: offset,
    sender: "Ann",
    author: "a".repeat(24),
    target: null,
    body: JSON.stringify({ text: `line\n${offset}` }),
  };
}

/** Five lines of four bytes, from offset 11 on. */
function five(): Lines {
  const lines = new Lines(11, 20);
  for (const line of ["aaa\n", "bbb\n", "ccc\n", "ddd\n", "eee\n"]) assert.ok(lines.append(line));
  return lines;
}

Deno.test("lines: from any event on, as many whole ones as fit", () => {
  const lines = five();
  assert.equal(lines.next, 16);
  const slice = (from: number, bytesMax: number) => {
    const { bytes, next } = lines.slice(from, bytesMax);
    return [text(bytes), next];
  };
  assert.deepEqual(slice(11, 20), ["aaa\nbbb\nccc\nddd\neee\n", 16]);
  assert.deepEqual(slice(11, 19), ["aaa\nbbb\nccc\nddd\n", 15]);
  assert.deepEqual(slice(11, 8), ["aaa\nbbb\n", 13]);
  assert.deepEqual(slice(13, 8), ["ccc\nddd\n", 15]);
  assert.deepEqual(slice(14, 8), ["ddd\neee\n", 16]);
  assert.deepEqual(slice(15, 100), ["eee\n", 16]);
});

Deno.test("lines: at least one, however little fits", () => {
  const lines = five();
  for (const from of [11, 12, 15]) assert.equal(lines.slice(from, 1).next, from + 1);
});

Deno.test("lines: a line that does not fit is not taken in part, nor are its bytes", () => {
  const lines = new Lines(1, 10);
  assert.ok(lines.append("abc\n"));
  assert.equal(lines.append("toolong\n"), false, "more characters than bytes are left");
  assert.equal(lines.append("ééé\n"), false, "seven bytes for the six that are left");
  assert.ok(lines.append("fghij\n"));
  assert.equal(lines.append("\n"), false);
  assert.deepEqual(text(lines.slice(1, 100).bytes), "abc\nfghij\n");
  assert.equal(lines.next, 3);
});

Deno.test("lines: what was given away stays as it is while more is appended", () => {
  const lines = new Lines(1, 20);
  lines.append("one\n");
  const { bytes } = lines.slice(1, 100);
  lines.append("two\n");
  assert.equal(text(bytes), "one\n");
  assert.equal(text(lines.slice(2, 100).bytes), "two\n");
});

Deno.test("lines: of a page's events, each with its place", () => {
  const events = [event(7), event(8), event(9)];
  const lines = Lines.of(events);
  assert.deepEqual([lines.first, lines.next], [7, 10]);
  for (const one of events) assert.equal(text(lines.slice(one.offset, 1).bytes), lineOf(one));
  assert.equal(text(lines.slice(7, 1e6).bytes), events.map(lineOf).join(""));
});

Deno.test("lines: readers at one place share one view, and each gets what it may take", () => {
  const lines = new Lines(1, 100);
  for (const line of ["aaa\n", "bbb\n"]) lines.append(line);
  const view = lines.slice(1, 100);
  assert.equal(lines.slice(1, 8), view);
  assert.deepEqual(
    [text(lines.slice(1, 7).bytes), lines.slice(1, 7).next],
    ["aaa\n", 2],
    "too much for this one",
  );
  assert.deepEqual(
    [text(lines.slice(2, 100).bytes), lines.slice(2, 100).next],
    ["bbb\n", 3],
    "of another place",
  );
  lines.slice(1, 100);
  lines.append("ccc\n");
  assert.deepEqual([text(lines.slice(1, 100).bytes), lines.slice(1, 100).next], ["aaa\nbbb\nccc\n", 4]);
});
