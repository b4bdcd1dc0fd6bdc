/** The verdict finds out what it is there for: evidence of a kept promise, and the same with one thing wrong. */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import type { Rule } from "../sim/oracle/violation.ts";
import { StoredLog } from "./stored.ts";
import type { Line, View } from "./transcript.ts";
import { judge } from "./verdict.ts";

const EPOCH = "e";
const ROOM = "lobby";
const SAID = 5;

interface Evidence {
  readonly stored: { offset: number; seq: number; id: number }[];
  readonly lines: Line[];
  readonly views: View[];
}

const textOf = (id: number) => `#${id} hello`;

/** Ada said 1 to 5, all were stored, she has receipts for them and was shown them. */
function honest(): Evidence {
  const numbers = Array.from({ length: SAID }, (_, at) => at + 1);
  return {
    stored: numbers.map((n) => ({ offset: n, seq: n, id: n })),
    lines: [
      { do: "enters", room: ROOM, from: null },
      ...numbers.flatMap((n): Line[] => [
        { do: "say", id: n, room: ROOM, type: "CHAT_MESSAGE", target: null },
        { do: "stored", id: n, room: ROOM, epoch: EPOCH, offset: n, ms: 1 },
        { do: "shown", room: ROOM, epoch: EPOCH, offset: n, seq: n, type: "CHAT_MESSAGE", text: textOf(n) },
      ]),
    ],
    views: [{
      room: ROOM,
      epoch: EPOCH,
      after: 0,
      offset: SAID,
      topic: "",
      messages: numbers.map((n) => ({
        offset: n,
        author: "a",
        text: textOf(n),
        deleted: false,
        reactions: [],
      })),
    }],
  };
}

function write(directory: string, rows: Evidence["stored"]): void {
  const db = new DatabaseSync(`${directory}/log.sqlite`);
  db.exec(`
    CREATE TABLE life (epoch TEXT); CREATE TABLE rooms (id INTEGER PRIMARY KEY, name TEXT);
    CREATE TABLE events (id INTEGER PRIMARY KEY, room INTEGER, offset INTEGER, type TEXT, device TEXT, seq INTEGER,
      sender TEXT, author TEXT, target INTEGER, body TEXT);
    INSERT INTO life VALUES ('${EPOCH}'); INSERT INTO rooms VALUES (1, '${ROOM}')`);
  const insert = db.prepare(
    "INSERT INTO events VALUES (NULL, 1, ?, 'CHAT_MESSAGE', 'd', ?, 'Ada', 'a', NULL, ?)",
  );
  for (const { offset, seq, id } of rows) insert.run(offset, seq, JSON.stringify({ text: textOf(id) }));
  db.close();
}

async function verdictOn({ stored, lines, views }: Evidence): Promise<Rule[]> {
  const directory = await Deno.makeTempDir({ prefix: "quicchat-verdict-" });
  const rules = new Set<Rule>();
  try {
    write(directory, stored);
    const log = new StoredLog(directory, (rule) => void rules.add(rule));
    await log.read(true);
    judge([{ name: "Ada", lines, views }], log, (rule) => void rules.add(rule));
    return [...rules].sort();
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

const BROKEN: readonly { readonly what: string; readonly rule: Rule; readonly by: (of: Evidence) => void }[] =
  [
    {
      what: "a message with a receipt is gone",
      rule: "acknowledged-is-durable",
      by: (of) => void of.stored.pop(),
    },
    {
      what: "a message that an outbox kept through kill -9 is nowhere",
      rule: "nothing-lost",
      by: ({ lines }) => {
        const put = { put: { seq: 6, draft: { text: textOf(6) } } };
        lines.push({ do: "say", id: 6, room: ROOM, type: "CHAT_MESSAGE", target: null });
        lines.push({ do: "crashed", journal: `${JSON.stringify(put)}\n` });
      },
    },
    {
      what: "a message is stored twice",
      rule: "exactly-once",
      by: ({ stored }) => void stored.push({ offset: 6, seq: 6, id: 5 }),
    },
    {
      what: "a number is stored twice",
      rule: "exactly-once",
      by: ({ stored }) => void stored.push({ offset: 6, seq: 5, id: 6 }),
    },
    {
      what: "two messages of one sender are swapped",
      rule: "sender-order",
      by: ({ stored }) => {
        const [first, second] = stored;
        if (first !== undefined && second !== undefined) [first.id, second.id] = [second.id, first.id];
      },
    },
    {
      what: "an offset is left out",
      rule: "dense-offsets",
      by: ({ stored }) => {
        const last = stored.at(-1);
        if (last !== undefined) last.offset++;
      },
    },
    {
      what: "a receipt names another place",
      rule: "acknowledged-is-durable",
      by: ({ lines }) => void lines.push({ do: "stored", id: 5, room: ROOM, epoch: EPOCH, offset: 4, ms: 1 }),
    },
    {
      what: "a reader misses an event",
      rule: "dense-offsets",
      by: ({ lines }) => void lines.splice(lines.findIndex((line) => line.do === "shown"), 1),
    },
    {
      what: "a reader gets an event twice",
      rule: "exactly-once",
      by: ({ lines }) => {
        const last = lines.findLast((line) => line.do === "shown");
        if (last !== undefined) lines.push(last);
      },
    },
    {
      what: "a reader gets what nobody stored",
      rule: "shown-is-durable",
      by: ({ lines }) =>
        void lines.push({
          do: "shown",
          room: ROOM,
          epoch: EPOCH,
          offset: 6,
          seq: 6,
          type: "CHAT_MESSAGE",
          text: textOf(6),
        }),
    },
    {
      what: "somebody sees another room in the end",
      rule: "same-for-all",
      by: ({ views }) => {
        const view = views.pop();
        if (view !== undefined) views.push({ ...view, messages: view.messages.slice(1) });
      },
    },
  ];

Deno.test("verdict: a kept promise is found kept", async () => {
  assert.deepEqual(await verdictOn(honest()), []);
});

Deno.test("verdict: what an outbox had not kept before kill -9 was not promised", async () => {
  const evidence = honest();
  evidence.lines.push({ do: "say", id: 6, room: ROOM, type: "CHAT_MESSAGE", target: null });
  evidence.lines.push({ do: "crashed", journal: "" });
  assert.deepEqual(await verdictOn(evidence), []);
});

for (const { what, rule, by } of BROKEN) {
  Deno.test(`verdict: ${what}`, async () => {
    const evidence = honest();
    by(evidence);
    const rules = await verdictOn(evidence);
    assert.ok(rules.includes(rule), `it says ${rules.join()}`);
  });
}

Deno.test("verdict: what was read of a file once must stay in it", async () => {
  const directory = await Deno.makeTempDir({ prefix: "quicchat-verdict-" });
  try {
    write(directory, honest().stored);
    const rules: Rule[] = [];
    const log = new StoredLog(directory, (rule) => void rules.push(rule));
    await log.read(false);
    const db = new DatabaseSync(`${directory}/log.sqlite`);
    db.exec("UPDATE events SET body = '{}' WHERE id = 3; DELETE FROM events WHERE id = 5");
    db.close();
    await log.read(true);
    assert.deepEqual(rules, ["durable-stays", "durable-stays"]);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
