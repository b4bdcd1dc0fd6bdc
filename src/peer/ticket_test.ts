import assert from "node:assert/strict";
import { formatTicket, parseTicket, type Ticket } from "./ticket.ts";

const ticket: Ticket = {
  group: "0f".repeat(16),
  generation: 3,
  secret: "a5".repeat(32),
  maker: {
    id: "3c".repeat(32),
    addresses: ["192.0.2.7:4433", "[2001:db8::1]:4433"],
    relay: "https://relay.example/",
  },
};

Deno.test("a ticket comes back from its text, also with white space around", () => {
  assert.deepEqual(parseTicket(`  ${formatTicket(ticket)}\n`), ticket);
  const { relay: _, ...direct } = ticket.maker;
  assert.deepEqual(parseTicket(formatTicket({ ...ticket, maker: direct }))?.maker.relay, undefined);
});

Deno.test("what is no ticket is null: cut off, mistyped, of another kind or version, too long", () => {
  const text = formatTicket(ticket);
  const of = (parts: unknown) => `quicchat-peer:${btoa(JSON.stringify(parts)).replaceAll("=", "")}`;
  for (
    const wrong of [
      "",
      "quicchat-peer:",
      text.slice(0, -5),
      text.slice(14),
      "https://example.org/",
      of([2]),
      of({}),
      of([1, "AA", 1, "AA", "AA", []]),
      "quicchat-peer:" + "A".repeat(9_000),
    ]
  ) assert.equal(parseTicket(wrong), null, wrong.slice(0, 80));
});
