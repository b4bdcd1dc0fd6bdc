import assert from "node:assert/strict";
import { ChatFailure } from "./failure.ts";
import type { Status } from "./status.ts";
import { clientOf, offsets, reader } from "../../tests/fixtures/scripted-client.ts";
import { ScriptedServer, within } from "../../tests/fixtures/scripted-server.ts";

Deno.test("ten lines of a user: joins, says, reads its own event, leaves with a goodbye", async () => {
  const server = new ScriptedServer();
  const statuses: Status["state"][] = [];
  const client = clientOf(server, { onStatus: (status) => statuses.push(status.state) });
  const room = client.room("lobby");
  const events = reader(room);
  const receipt = await within(server.clock, room.send("hello"));
  assert.deepEqual(receipt, { room: "lobby", epoch: "epoch-1", offset: 1, seq: 1 });
  await server.clock.advance(50);
  assert.deepEqual(offsets(events), [1]);
  assert.equal(client.status.current.state, "live");
  assert.deepEqual(client.outbox.items.current, []);
  await client.close();
  await server.clock.advance(1_000);
  assert.deepEqual(statuses, ["live", "closed"]);
  assert.equal(server.session.of("CHAT_BYE").length, 1);
  assert.equal(server.session.ended, "local", "the server ended it, after the goodbye");
  await assert.rejects(room.send("too late"), { name: "closed" });
});

Deno.test("HELLO, joins and messages travel in one go, without waiting for an answer", async () => {
  const server = new ScriptedServer();
  const client = clientOf(server);
  const sent = client.room("lobby").send("first");
  await server.clock.advance(server.latencyMs);
  assert.deepEqual(server.session.heard.map((pdu) => pdu.type), ["CHAT_HELLO", "CHAT_MESSAGE"]);
  await within(server.clock, sent);
  await client.close();
});

Deno.test("silence: two pings, then it is lost", async () => {
  const server = new ScriptedServer();
  const client = clientOf(server);
  await within(server.clock, client.live());
  await server.clock.advance(10_020);
  assert.equal(server.session.of("CHAT_PING").length, 1);
  assert.equal(client.status.current.state, "live");
  server.session.pair.partition();
  await server.clock.advance(19_000);
  assert.equal(server.dials, 1);
  await server.clock.advance(5_000);
  assert.ok(server.dials > 1);
  await client.close();
});

Deno.test("waits longer after each connection that died young, and not after one that lived", async () => {
  const server = new ScriptedServer();
  const waits: number[] = [];
  const client = clientOf(server, {
    random: () => 0.999,
    onStatus: (status) => {
      if (status.state === "reconnecting" && status.inMs > 0) waits.push(status.inMs);
    },
  });
  for (const liveMs of [10, 10, 10, 6_000, 10]) {
    await within(server.clock, client.live());
    await server.clock.advance(liveMs);
    server.session.pair.cut("by the test");
    await server.clock.advance(1);
  }
  assert.deepEqual(waits, [250, 500, 999, 250, 500]);
  await client.close();
});

Deno.test("the server refuses: no more attempts, who waits is told, the message is kept", async () => {
  const server = new ScriptedServer();
  server.intercept = (pdu, session) => {
    if (pdu.type === "CHAT_HELLO" && pdu.token !== "right") session.refuse(0, "unauthorised", 401);
    else return false;
    return true;
  };
  const client = clientOf(server, { token: "wrong" });
  const room = client.room("lobby");
  const sent = room.send("let me in");
  await assert.rejects(within(server.clock, sent), (failure) => {
    assert.ok(failure instanceof ChatFailure);
    assert.equal(failure.name, "unauthorised");
    assert.equal(failure.code, 401);
    assert.equal(failure.kept, true);
    return true;
  });
  assert.equal(client.status.current.state, "refused");
  await assert.rejects(client.live(), { name: "unauthorised" });
  await assert.rejects(within(server.clock, room.send("me too")), { name: "unauthorised", kept: true });
  await assert.rejects(client.rooms(), { name: "unauthorised" });
  await server.clock.advance(120_000);
  assert.equal(server.dials, 1);
  client.reconnect({ token: "right" });
  await within(server.clock, client.live());
  await server.clock.advance(100);
  assert.deepEqual(server.texts("lobby"), ["let me in", "me too"]);
  await client.close();
});

Deno.test("search: says what is wanted, asks again when told to, and gives what was found", async () => {
  const server = new ScriptedServer();
  const client = clientOf(server);
  const message = { room: "a", offset: 4, ts: 5, sender: "Bea", author: "b".repeat(24), text: "tea" };
  const asked: unknown[] = [];
  server.intercept = (pdu, session) => {
    if (pdu.type !== "CHAT_SEARCH") return false;
    const { query, rooms, before, limit } = pdu;
    asked.push({ query, rooms, before, limit });
    if (asked.length === 1) session.refuse(pdu.seq, "not-read", 500, 50);
    else if (asked.length === 2) {
      session.say({ type: "CHAT_FOUND", ack: pdu.seq, found: [message], next: 3, behind: true });
    } else session.say({ type: "CHAT_FOUND", ack: pdu.seq, found: [] });
    return true;
  };
  const first = await within(server.clock, client.search("tea"));
  assert.deepEqual(first, { found: [message], next: 3, isBehind: true });
  const second = await within(server.clock, client.search("tea", { rooms: ["a"], before: 3, limit: 7 }));
  assert.deepEqual(second, { found: [], next: null, isBehind: false });
  const nothingElse = { query: "tea", rooms: undefined, before: undefined, limit: undefined };
  assert.deepEqual(asked, [nothingElse, nothingElse, { query: "tea", rooms: ["a"], before: 3, limit: 7 }]);
  server.intercept = (pdu) => pdu.type === "CHAT_SEARCH";
  const abort = new AbortController();
  const calledOff = client.search("tea", { signal: abort.signal });
  abort.abort();
  await assert.rejects(calledOff, { name: "aborted" });
  await client.close();
});

Deno.test("questions: answered, asked again after a lost connection, refused, called off", async () => {
  const server = new ScriptedServer();
  for (const room of ["a", "b", "c", "d", "e"]) server.post(room, { text: "x" });
  const client = clientOf(server);
  const room = client.room("a");
  assert.deepEqual(
    (await within(server.clock, client.rooms())).map((one) => one.room),
    ["a", "b", "c", "d", "e"],
  );
  assert.equal((await within(server.clock, client.who("a"))).count, 1);
  let asked = 0;
  server.intercept = (pdu, session) => {
    if (pdu.type !== "CHAT_HISTORY") return false;
    if (++asked === 1) session.pair.cut("by the test");
    else if (asked === 2) session.refuse(pdu.seq, "too-fast", 429, 50);
    else return false;
    return true;
  };
  const page = await within(server.clock, room.history());
  assert.deepEqual([page.events.length, page.head, asked], [1, 1, 3]);
  server.intercept = (pdu, session) => {
    if (pdu.type === "CHAT_WHO") session.refuse(pdu.seq, "not-a-member", 403);
    return pdu.type === "CHAT_WHO" || pdu.type === "CHAT_HISTORY";
  };
  await assert.rejects(within(server.clock, client.who("b")), { name: "not-a-member" });
  const abort = new AbortController();
  const calledOff = room.history({ signal: abort.signal });
  abort.abort();
  await assert.rejects(calledOff, { name: "aborted" });
  const open = room.history();
  await client.close();
  await assert.rejects(open, { name: "closed" });
});

Deno.test("typing: said at once, renewed, forgotten; the others' expires", async () => {
  const server = new ScriptedServer();
  const client = clientOf(server);
  const room = client.room("lobby");
  await within(server.clock, client.live());
  room.setTyping(true);
  await server.clock.advance(7_000);
  assert.deepEqual(server.session.of("CHAT_TYPING").map((pdu) => pdu.status), [true, true, true]);
  await within(server.clock, room.send("done"));
  await server.clock.advance(5_000);
  assert.equal(server.session.of("CHAT_TYPING").at(-1)?.status, false);
  room.setTyping(true);
  await server.clock.advance(60_000);
  assert.equal(server.session.of("CHAT_TYPING").at(-1)?.status, false, "forgotten");
  const typing = () => room.typing.current.map((one) => one.name);
  server.session.say({ type: "CHAT_TYPING", room: "lobby", who: "Bea", author: "b", status: true });
  await server.clock.advance(10);
  assert.deepEqual(typing(), ["Bea"]);
  await server.clock.advance(6_000);
  assert.deepEqual(typing(), []);
  server.session.say({
    type: "CHAT_TYPING",
    room: "lobby",
    who: "Bea",
    author: "b".repeat(24),
    status: true,
  });
  await server.clock.advance(10);
  server.post("lobby", { text: "said it" });
  await server.clock.advance(10);
  assert.deepEqual(typing(), []);
  await client.close();
});

Deno.test("presence: everybody, who came and went, and only a count", async () => {
  const server = new ScriptedServer();
  const client = clientOf(server);
  const room = client.room("lobby");
  await within(server.clock, client.live());
  const [ada, bea] = [{ name: "Ada", author: "a" }, { name: "Bea", author: "b" }];
  const told = async (fields: object) => {
    server.session.say({ type: "CHAT_PRESENCE", room: "lobby", ...fields });
    await server.clock.advance(10);
    return room.members.current;
  };
  assert.deepEqual(await told({ count: 1, members: [bea] }), { count: 1, members: [bea] });
  assert.deepEqual(await told({ count: 2, came: [ada] }), { count: 2, members: [ada, bea] });
  assert.deepEqual(await told({ count: 1, went: [bea] }), { count: 1, members: [ada] });
  assert.deepEqual(await told({ count: 200 }), { count: 200, members: null });
  await client.close();
});

Deno.test("no network: waits, and goes on by itself when there is one", async () => {
  const server = new ScriptedServer();
  let online = false;
  let changed = () => {};
  const network = {
    get online() {
      return online;
    },
    subscribe: (f: () => void) => {
      changed = f;
      return () => {};
    },
  };
  const client = clientOf(server, { network });
  await server.clock.advance(60_000);
  assert.equal(client.status.current.state, "offline");
  assert.equal(server.dials, 0);
  online = true;
  changed();
  await within(server.clock, client.live());
  await client.close();
});

Deno.test("a callback that throws and a dialler that throws disturb nobody", async () => {
  const server = new ScriptedServer();
  const { error } = console;
  console.error = () => {};
  try {
    let tries = 0;
    const client = clientOf(server, {
      onStatus: () => {
        throw new Error("the user's mistake");
      },
      dial: () => {
        if (++tries < 3) throw new Error("no route");
        return server.dial();
      },
    });
    await within(server.clock, client.live());
    assert.equal(tries, 3);
    await client.close();
  } finally {
    console.error = error;
  }
});
