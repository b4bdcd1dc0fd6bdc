import assert from "node:assert/strict";
import { createJournal, type Fields, type Journal, type JournalOptions } from "./journal.ts";

function journal(
  options: Partial<JournalOptions> = {},
): { journal: Journal; lines: string[]; at: (ms: number) => void } {
  const lines: string[] = [];
  let nowMs = Date.UTC(2026, 10, 22, 12, 0, 0);
  const made = createJournal({
    write: (line) => lines.push(line),
    now: () => nowMs,
    level: "info",
    readable: false,
    ...options,
  });
  return { journal: made, lines, at: (ms) => nowMs = Date.UTC(2026, 10, 22, 12, 0, 0) + ms };
}

Deno.test("a line is one JSON object: ts, level, event, fields", () => {
  const { journal: log, lines } = journal();
  log.info("listening", { port: 4433, open: false, host: "127.0.0.1", missing: undefined, none: null });
  assert.deepEqual(lines, [
    '{"ts":"2026-11-22T12:00:00.000Z","level":"info","event":"listening","port":4433,"open":false,' +
    '"host":"127.0.0.1","none":null}',
  ]);
});

Deno.test("levels below the wanted one are not written", () => {
  const { journal: log, lines } = journal({ level: "warn" });
  log.debug("a");
  log.info("b");
  log.warn("c");
  log.error("d");
  assert.deepEqual(lines.map((line) => JSON.parse(line).event), ["c", "d"]);
});

Deno.test("secrets are no fields; past the type they are blacked out", () => {
  const { journal: log, lines } = journal();
  // @ts-expect-error: a token is no field
  const fields: Fields = { token: "3q2-7w", name: "ann" };
  log.info("hello", fields);
  assert.doesNotMatch(lines.join(), /3q2/);
  assert.deepEqual(JSON.parse(lines[0] ?? "").token, "[secret]");
});

Deno.test("fields can't pretend to be the line's own", () => {
  const { journal: log, lines } = journal();
  log.info("real", { event: "forged", level: "error", ts: "never" });
  const line = JSON.parse(lines[0] ?? "");
  assert.deepEqual([line.event, line.level, line.event_], ["real", "info", "forged"]);
});

Deno.test("repeated trouble is written a few times a second, then counted", () => {
  const { journal: log, lines, at } = journal({ repeatsMax: 2 });
  const events = () =>
    lines.splice(0).map((line) => JSON.parse(line)).map(({ event, of, count }) =>
      of ? `${of}:${count}` : event
    );
  for (let time = 0; time < 10; time++) log.warn("handshake-failed", { time });
  log.error("other");
  assert.deepEqual(events(), ["handshake-failed", "handshake-failed", "other"]);
  at(999);
  log.warn("handshake-failed");
  assert.deepEqual(events(), []);
  at(1_000);
  log.warn("handshake-failed");
  assert.deepEqual(events(), ["handshake-failed:9", "handshake-failed"]);
  for (let time = 0; time < 4; time++) log.warn("handshake-failed");
  log.flush();
  assert.deepEqual(events(), ["handshake-failed", "handshake-failed:3"]);
  log.flush();
  assert.deepEqual(events(), []);
  for (let time = 0; time < 50; time++) log.info("not-trouble");
  assert.equal(events().length, 50);
});

Deno.test("a clock that was set back holds nothing back for long", () => {
  const { journal: log, lines, at } = journal({ repeatsMax: 1 });
  log.warn("a");
  at(-86_400_000);
  log.warn("a");
  assert.equal(lines.length, 2);
});

Deno.test("for a person: time, event, fields, and nothing that a terminal would obey", () => {
  const { journal: log, lines } = journal({ readable: true });
  log.info("listening", { url: "http://127.0.0.1:4433", port: 4433 });
  log.warn("bad", { says: 'a b\x1b[2J\x9b31m\u202e\r\nforged "line"\u{e0001}' });
  assert.match(lines[0] ?? "", /^\d\d:\d\d:\d\d listening url=http:\/\/127\.0\.0\.1:4433 port=4433$/);
  assert.match(
    lines[1] ?? "",
    /^\d\d:\d\d:\d\d warn: bad says="a b\\u001b\[2J\\u009b31m\\u202e\\r\\nforged /,
  );
  assert.ok([...lines[1] ?? ""].every((char) => char >= " " && char < "\x7f"));
});

Deno.test("JSON lines stay JSON with such characters in them", () => {
  const { journal: log, lines } = journal();
  const says = "\x9b\u2028\u202e\u{e0001}ü";
  log.info("x", { says });
  assert.equal(JSON.parse(lines[0] ?? "").says, says);
  assert.doesNotMatch(lines[0] ?? "", /[\x7f-\x9f\u2028\u202e]/);
});
