/** A server is a stranger like any other: what it says must not make a client grow, hang or fall over. */
import assert from "node:assert/strict";
import { LIMITS } from "../protocol/limits.ts";
import { clientOf } from "../../tests/fixtures/scripted-client.ts";
import { ScriptedServer, within } from "../../tests/fixtures/scripted-server.ts";
import { Roster } from "./room/roster.ts";
import { Typists } from "./room/typists.ts";

const stamp = { seq: 0, ts: 1, room: "lobby" };

Deno.test("members who keep coming are counted, not kept", () => {
  const roster = new Roster();
  const come = (from: number) =>
    roster.take({
      type: "CHAT_PRESENCE",
      ...stamp,
      count: from + 60,
      came: Array.from({ length: 60 }, (_, i) => ({ name: "m", author: `${from + i}` })),
    });
  roster.take({ type: "CHAT_PRESENCE", ...stamp, count: 0, members: [] });
  assert.equal(come(0).members?.length, 60);
  assert.deepEqual(come(60), { count: 120, members: null });
});

// Mechanism: the next deadline was found by Math.min(...all of them), which throws beyond 120,000 arguments.
Deno.test("typists without end: as many as a room shows, and no fall", () => {
  const typists = new Typists();
  for (let i = 0; i < 200_000; i++) {
    typists.take({ type: "CHAT_TYPING", ...stamp, who: "m", author: `${i}`, status: true }, 0);
  }
  assert.equal(typists.list().length, LIMITS.memberListMax);
  assert.equal(typeof typists.deadlineMs(), "number");
});

Deno.test("a list of rooms that does not end is given up", async () => {
  const server = new ScriptedServer();
  server.intercept = (pdu, session) => {
    if (pdu.type !== "CHAT_ROOMS") return false;
    session.say({
      type: "CHAT_ROOMS",
      ack: pdu.seq,
      rooms: [{ room: "again", head: 0, count: 0 }],
      complete: false,
    });
    return true;
  };
  const client = clientOf(server);
  await assert.rejects(within(server.clock, client.rooms()), { name: "invalid", message: /does not end/ });
  await client.close();
});
