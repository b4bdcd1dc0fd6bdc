import assert from "node:assert/strict";
import type { OutboxEntry } from "./outbox-entry.ts";
import { goneLine, headLine, JournalFailure, putLine, readJournal } from "./outbox-journal.ts";

const DEVICE = "0123456789abcdef".repeat(2);

function entry(seq: number): OutboxEntry {
  return { seq, queuedAtMs: 1_000 + seq, draft: { type: "CHAT_MESSAGE", room: "lobby", text: `m${seq}` } };
}

Deno.test("a journal: what was put and is not gone, ascending, and a number never given before", () => {
  const journal = headLine(DEVICE, 3) + putLine(entry(5), undefined) + putLine(entry(3), undefined) +
    putLine(entry(4), undefined) + goneLine(3);
  assert.deepEqual(readJournal(journal), { device: DEVICE, nextSeq: 6, entries: [entry(4), entry(5)] });
  assert.deepEqual(readJournal(headLine(DEVICE, 9)), { device: DEVICE, nextSeq: 9, entries: [] });
  assert.equal(readJournal(headLine(DEVICE, 9) + goneLine(4))?.nextSeq, 9);
  assert.equal(readJournal(headLine(DEVICE, 1) + goneLine(4))?.nextSeq, 5);
});

Deno.test("a journal: an entry under another number takes the place of the one before", () => {
  const journal = headLine(DEVICE, 1) + putLine(entry(1), undefined) + putLine(entry(2), 1);
  assert.deepEqual(readJournal(journal), { device: DEVICE, nextSeq: 3, entries: [entry(2)] });
});

Deno.test("a journal: without a whole head nothing was ever kept", () => {
  const rest = putLine(entry(1), undefined);
  const heads = [
    "",
    headLine(DEVICE, 1).trimEnd(),
    "\n",
    "null\n",
    "7\n",
    "{\n",
    headLine("0123", 1),
    headLine(`${DEVICE}0`, 1),
    headLine(DEVICE.toUpperCase(), 1),
    `{"quicchatOutbox":1,"device":7,"nextSeq":1}\n`,
  ];
  for (const head of heads) {
    assert.equal(readJournal(head), null, head);
    if (head.endsWith("\n")) assert.equal(readJournal(head + rest), null, head);
  }
});

Deno.test("a journal: a newer program's is refused with what to do", () => {
  assert.throws(() => readJournal(`{"quicchatOutbox":2,"device":"${DEVICE}","nextSeq":1}\n`), (thrown) => {
    assert.ok(thrown instanceof JournalFailure);
    assert.equal(thrown.name, "JournalFailure");
    assert.match(thrown.message, /version 2/);
    return true;
  });
});

Deno.test("a journal: a line that is torn, or no entry, hides no other", () => {
  const torn = putLine(entry(2), undefined).trimEnd();
  const journal = headLine(DEVICE, 1) + putLine(entry(1), undefined) + torn.slice(0, 20) + "\n" + "7\n" +
    "{}\n" +
    `{"put":{"seq":0}}\n` + `{"gone":"1"}\n` + putLine(entry(3), undefined);
  assert.deepEqual(readJournal(journal)?.entries, [entry(1), entry(3)]);
  assert.deepEqual(readJournal(journal + torn)?.entries, [entry(1), entry(3)], "no end, so not whole");
});

Deno.test("a journal: a head without a number begins with 1", () => {
  assert.equal(readJournal(`{"quicchatOutbox":1,"device":"${DEVICE}"}\n`)?.nextSeq, 1);
});
