import assert from "node:assert/strict";
import { assertSayable, type Draft, eventPduOf, isOutboxEntry } from "./outbox-entry.ts";

const DRAFT: Draft = { type: "CHAT_MESSAGE", room: "lobby", text: "hello" };
const ENTRY = { seq: 7, queuedAtMs: 1_700_000_000_500, draft: DRAFT };

Deno.test("an entry's PDU has its number, and its time in seconds", () => {
  assert.deepEqual(eventPduOf(ENTRY), { ...DRAFT, seq: 7, ts: 1_700_000_000.5 });
});

Deno.test("what no server may take is refused before it has a number", () => {
  assertSayable(DRAFT);
  assertSayable({ ...DRAFT, text: "x".repeat(16_384) });
  assertSayable({ type: "CHAT_DELETE", room: "lobby", target: 1 });
  assert.throws(() => assertSayable({ ...DRAFT, text: "x".repeat(16_385) }), { name: "text-too-large" });
  assert.throws(
    () => assertSayable({ type: "CHAT_EDIT", room: "lobby", target: 1, text: "é".repeat(8_193) }),
    {
      name: "text-too-large",
    },
  );
  assert.throws(() => assertSayable({ ...DRAFT, text: "\u0001".repeat(11_000) }), { name: "pdu-too-large" });
  assert.throws(() => assertSayable({ ...DRAFT, room: " " }), { name: "invalid", message: /^room: / });
  assert.throws(() => assertSayable({ ...DRAFT, replyTo: 0 } as Draft), { name: "invalid" });
});

Deno.test("what is read back from a store is an entry or is not", () => {
  assert.ok(isOutboxEntry(ENTRY));
  assert.ok(isOutboxEntry({ ...ENTRY, seq: 1 }));
  assert.ok(isOutboxEntry({ ...ENTRY, draft: { type: "CHAT_DELETE", room: "lobby", target: 1 } }));
  const none = [
    null,
    undefined,
    7,
    "entry",
    [],
    {},
    { ...ENTRY, seq: 0 },
    { ...ENTRY, seq: 1.5 },
    { ...ENTRY, seq: "7" },
    { ...ENTRY, queuedAtMs: Infinity },
    { ...ENTRY, queuedAtMs: "1" },
    { ...ENTRY, draft: null },
    { ...ENTRY, draft: "hello" },
    { ...ENTRY, draft: { type: "CHAT_MESSAGE", text: "in no room" } },
    { ...ENTRY, draft: { ...DRAFT, room: 7 } },
    { ...ENTRY, draft: { ...DRAFT, text: 7 } },
    { ...ENTRY, draft: { ...DRAFT, type: "CHAT_DANCE" } },
    { ...ENTRY, draft: { type: "CHAT_PING", room: "lobby" } },
  ];
  for (const value of none) assert.equal(isOutboxEntry(value), false, JSON.stringify(value));
});
