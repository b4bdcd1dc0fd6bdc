/** The SDK, with a server that says anything: what a program gets is a `ChatFailure` or nothing worse. */
import assert from "node:assert/strict";
import { ChatFailure, type Room } from "../../src/client/mod.ts";
import { LIMITS } from "../../src/protocol/limits.ts";
import { clientOf } from "../fixtures/scripted-client.ts";
import { ScriptedServer, type ScriptedSession } from "../fixtures/scripted-server.ts";
import type { Seeded } from "../fixtures/seeded.ts";
import { fuzzedBytes } from "./words.ts";
import { serverWords } from "./server-words.ts";

/** What a room keeps is bounded, however much a server says (`TIMELINE_MESSAGES_DEFAULT` and a quarter more). */
const MESSAGES_MAX = 2_500;

/** One conversation. Gives how many PDUs the server said. */
export async function fuzzClients(random: Seeded): Promise<number> {
  const server = new ScriptedServer();
  let said = 0;
  const rave = (session: ScriptedSession) => {
    said++;
    const how = random.next();
    if (how < 0.8) session.say(serverWords(random));
    else if (how < 0.95) session.pair.server.push(new Uint8Array([...fuzzedBytes(random), 0x0a]));
    else if (how < 0.98) {
      session.pair.server.datagram(fuzzedBytes(random).subarray(0, LIMITS.datagramBytesMax));
    } else session.pair.server.close();
  };
  // Most of what a client says gets the right answer; else it would never be let far enough in.
  server.intercept = (pdu, session) => {
    if (random.next() < 0.3) rave(session);
    return pdu.type !== "CHAT_HELLO" && random.next() < 0.3;
  };
  const client = clientOf(server, { random: () => random.next() });
  const asked: Promise<unknown>[] = [];
  const rooms: Room[] = [];
  const ask = (promise: Promise<unknown>) => {
    asked.push(promise);
    promise.catch(() => {}); // judged below
  };
  for (let step = random.from(10, 60); step > 0; step--) {
    const room = random.pick(rooms);
    const act = random.next();
    if (room === null || act < 0.05) {
      const opened = client.room(random.pick(["lobby", "parlour", "den"]) ?? "lobby", { last: 20 });
      // A room has one reader.
      if (!rooms.includes(opened)) {
        rooms.push(opened);
        ask(readAll(opened));
      }
    } else if (act < 0.2) ask(room.send("hello"));
    else if (act < 0.25) ask(room.history({ limit: random.from(1, 200) }));
    else if (act < 0.3) ask(client.rooms());
    else if (act < 0.33) ask(client.who("lobby"));
    else if (act < 0.36) ask(client.search("hello"));
    else if (act < 0.38) client.reconnect();
    else if (server.sessions.length > 0) rave(server.session);
    await server.clock.advance(random.pick([0, 1, 10, 500, 6_000]) ?? 0);
  }
  for (const room of rooms) {
    const { messages } = room.timeline.current;
    assert(messages.length <= MESSAGES_MAX);
    assert((room.members.current.members?.length ?? 0) <= LIMITS.memberListMax);
  }
  await client.close();
  await server.clock.advance(60_000);
  for (const outcome of await Promise.allSettled(asked)) {
    if (outcome.status === "rejected") assert(outcome.reason instanceof ChatFailure, String(outcome.reason));
  }
  return said;
}

async function readAll(room: Room): Promise<void> {
  for await (const event of room) assert(Number.isSafeInteger(event.offset) && event.offset > 0);
}
