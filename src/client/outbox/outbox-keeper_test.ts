/** Found by the simulation: a room is joined as long as anything waits to be said there, wherever it waits. */
import assert from "node:assert/strict";
import { clientOf } from "../../../tests/fixtures/scripted-client.ts";
import { ScriptedServer, within } from "../../../tests/fixtures/scripted-server.ts";
import type { OutboxEntry } from "./outbox-entry.ts";
import { MemoryStore } from "./store-memory.ts";

/** Refuses what is said in a room that the session is not in, as a server does. */
function mindsMembers(server: ScriptedServer): void {
  server.intercept = (pdu, session) => {
    if (pdu.type !== "CHAT_MESSAGE" || session.cursors.has(pdu.room ?? "lobby")) return false;
    session.refuse(pdu.seq, "not-a-member", 403);
    return true;
  };
}

Deno.test("a message that is on its way into the store keeps its room joined, though the room is left", async () => {
  const server = new ScriptedServer();
  mindsMembers(server);
  class SlowStore extends MemoryStore {
    override async put(entry: OutboxEntry): Promise<void> {
      await new Promise<void>((resolve) => void server.clock.after(50, resolve));
      return super.put(entry);
    }
  }
  const client = clientOf(server, { store: new SlowStore("d".repeat(32)) });
  const room = client.room("den");
  await within(server.clock, client.live());
  const sent = room.send("last words");
  room.leave();
  assert.equal((await within(server.clock, sent)).offset, 1);
  await server.clock.advance(20);
  assert.deepEqual([...server.session.cursors.keys()], [], "and then the room is left");
  await client.close();
});

Deno.test("what is resumed joins its room before it is said there", async () => {
  const server = new ScriptedServer();
  let refuses = true;
  mindsMembers(server);
  const { intercept } = server;
  server.intercept = (pdu, session) => {
    if (!refuses || pdu.type !== "CHAT_MESSAGE") return intercept(pdu, session);
    session.refuse(pdu.seq, "forbidden", 403);
    return true;
  };
  const client = clientOf(server);
  const room = client.room("den");
  await assert.rejects(within(server.clock, room.send("again")), { name: "forbidden" });
  room.leave();
  await server.clock.advance(20);
  assert.deepEqual([...server.session.cursors.keys()], []);
  refuses = false;
  client.outbox.resume();
  await server.clock.advance(50);
  assert.deepEqual(server.texts("den"), ["again"]);
  assert.deepEqual([...server.session.cursors.keys()], []);
  await client.close();
});
