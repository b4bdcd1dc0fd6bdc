import assert from "node:assert/strict";
import { Client, type ClientOptions } from "./client.ts";
import { ChatFailure } from "./failure.ts";
import { MemoryStore } from "./store-memory.ts";
import { ScriptedServer, seeded, within } from "./scripted-server.ts";
import type { Status } from "./status.ts";
import type { Room } from "./room.ts";
import type { RoomEvent } from "./timeline.ts";

const DEVICE = "d".repeat(32);

function clientOf(server: ScriptedServer, options: Partial<ClientOptions> = {}): Client {
  return new Client({
    name: "Ada",
    dial: server.dial,
    store: new MemoryStore(DEVICE),
    clock: server.clock,
    wallMs: () => server.clock.nowMs(),
    random: seeded(3),
    ...options,
  });
}

function reader(room: Room): RoomEvent[] {
  const events: RoomEvent[] = [];
  (async () => {
    for await (const event of room) events.push(event);
  })();
  return events;
}

function offsets(events: readonly RoomEvent[]): number[] {
  return events.map((event) => event.offset);
}

function upTo(n: number): number[] {
  return Array.from({ length: n }, (_, at) => at + 1);
}

Deno.test("ten lines of a user: joins, says, reads its own event, leaves with a goodbye", async () => {
  const server = new ScriptedServer();
  const statuses: Status["state"][] = [];
  const client = clientOf(server, { onStatus: (status) => statuses.push(status.state) });
  const room = client.room("lobby");
  const events = reader(room);
  const receipt = await within(server.clock, room.send("hello"));
  assert.deepEqual(receipt, { room: "lobby", epoch: "epoch-1", offset: 1 });
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

Deno.test("a connection that dies: resumes from the position, nothing twice, nothing missing", async () => {
  const server = new ScriptedServer();
  const client = clientOf(server);
  const room = client.room("lobby", { after: 0 });
  const events = reader(room);
  const timeline = room.timeline;
  for (let n = 1; n <= 5; n++) server.post("lobby", { text: `m${n}` });
  await server.clock.advance(100);
  for (let n = 6; n <= 300; n++) {
    server.post("lobby", { text: `m${n}` });
    if (n % 40 === 0) server.session.pair.cut("the network is gone");
    await server.clock.advance(n % 7);
  }
  await server.clock.advance(60_000);
  assert.deepEqual(offsets(events), upTo(300));
  assert.equal(timeline.current.messages.length, 300);
  assert.ok(server.sessions.length > 2);
  const resumed = server.session.of("CHAT_HELLO")[0]?.rooms?.[0];
  assert.equal(resumed?.epoch, "epoch-1");
  assert.ok((resumed?.offset ?? 0) > 0);
  await client.close();
});

Deno.test("messages survive connections that die at any moment: each stored once, in order", async () => {
  for (let seed = 1; seed <= 30; seed++) {
    const server = new ScriptedServer();
    const random = seeded(seed);
    const client = clientOf(server, { random });
    const room = client.room("lobby");
    const wanted = upTo(200).map((n) => `m${n}`);
    const receipts = wanted.map((text) => room.send(text));
    const done = Promise.all(receipts);
    let isDone = false;
    done.then(() => isDone = true);
    while (!isDone) {
      await server.clock.advance(Math.floor(random() * 40));
      if (random() < 0.3) server.sessions.at(-1)?.pair.cut("by the test");
      if (server.clock.nowMs() > 3_600_000) throw new Error(`seed ${seed}: an hour did not suffice`);
    }
    assert.deepEqual(server.texts("lobby"), wanted, `seed ${seed}`);
    assert.deepEqual((await done).map((receipt) => receipt.offset), upTo(200), `seed ${seed}`);
    await client.close();
  }
});

Deno.test("a server that takes messages and is silent: said again, then another connection", async () => {
  const server = new ScriptedServer();
  const client = clientOf(server);
  const room = client.room("lobby");
  server.intercept = (pdu, session) => pdu.type === "CHAT_MESSAGE" && session === server.sessions[0];
  const sent = room.send("hello?");
  const receipt = await within(server.clock, sent);
  assert.equal(server.sessions[0]?.of("CHAT_MESSAGE").length, 4);
  assert.equal(server.sessions.length, 2);
  assert.equal(receipt.offset, 1);
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
  await server.clock.advance(120_000);
  assert.equal(server.dials, 1);
  client.reconnect({ token: "right" });
  await within(server.clock, client.live());
  await server.clock.advance(100);
  assert.deepEqual(server.texts("lobby"), ["let me in"]);
  await client.close();
});

Deno.test("a permanent refusal ends one message and none else", async () => {
  const server = new ScriptedServer();
  server.intercept = (pdu, session) => {
    if (pdu.type !== "CHAT_MESSAGE" || pdu.text !== "bad") return false;
    session.refuse(pdu.seq, "forbidden", 403);
    return true;
  };
  const client = clientOf(server);
  const room = client.room("lobby");
  const [good, bad, also] = [room.send("good"), room.send("bad"), room.send("also good")];
  await within(server.clock, Promise.all([good, also]));
  await assert.rejects(bad, { name: "forbidden", code: 403 });
  assert.deepEqual(client.outbox.items.current.map((item) => [item.seq, item.state]), [[2, "failed"]]);
  client.outbox.discard();
  assert.deepEqual(client.outbox.items.current, []);
  await client.close();
});

Deno.test("too fast: waits as told and goes on in order", async () => {
  const server = new ScriptedServer();
  let blocked = false;
  let refusedFrom = 0;
  server.intercept = (pdu, session) => {
    if (pdu.type !== "CHAT_MESSAGE") return false;
    // As the real server: from a refusal of n on everything above n is refused until n comes again.
    if (pdu.seq === 20 && !blocked) {
      blocked = true;
      refusedFrom = 20;
    } else if (refusedFrom > 0 && pdu.seq <= refusedFrom) refusedFrom = 0;
    if (refusedFrom === 0) return false;
    session.refuse(pdu.seq, "too-fast", 429, 300);
    return true;
  };
  const client = clientOf(server);
  const room = client.room("lobby");
  const wanted = upTo(100).map((n) => `m${n}`);
  await within(server.clock, Promise.all(wanted.map((text) => room.send(text))));
  assert.deepEqual(server.texts("lobby"), wanted);
  assert.ok(server.clock.nowMs() >= 300);
  assert.ok(server.session.of("CHAT_MESSAGE").length < 170, "refused ones are said again once");
  await client.close();
});

Deno.test("a reader that stops holds the server back, and misses nothing", async () => {
  const server = new ScriptedServer();
  server.mindsCredit = true;
  const client = clientOf(server, { windowBytes: 65_536 });
  const room = client.room("lobby", { after: 0 });
  const iterator = room[Symbol.asyncIterator]();
  const text = "x".repeat(500);
  for (let n = 1; n <= 1_000; n++) server.post("lobby", { text });
  await server.clock.advance(1_000);
  const reached = room.position?.offset ?? 0;
  assert.ok(reached > 50 && reached < 200, `the window bounds what is ahead: ${reached}`);
  assert.equal(server.session.of("CHAT_CREDIT").length, 0);
  // Receipts don't need credit.
  await within(server.clock, room.send("still here"));
  const seen: number[] = [];
  while (seen.length < 1_001) {
    const next = await within(server.clock, iterator.next());
    if (!next.done) seen.push(next.value.offset);
  }
  assert.deepEqual(seen, upTo(1_001));
  assert.ok(server.session.of("CHAT_CREDIT").length > 5);
  await client.close();
  assert.equal((await iterator.next()).done, true);
});

Deno.test("a server that ignores the window is not read any further", async () => {
  const server = new ScriptedServer();
  const client = clientOf(server, { windowBytes: 65_536 });
  const room = client.room("lobby", { after: 0 });
  const iterator = room[Symbol.asyncIterator]();
  const text = "x".repeat(1_000);
  for (let n = 1; n <= 2_000; n++) server.post("lobby", { text });
  await server.clock.advance(30_000);
  assert.ok((room.position?.offset ?? 0) < 200, `${room.position?.offset}`);
  assert.equal(server.dials, 1, "silence that this side makes is no sign of death");
  const seen: number[] = [];
  while (seen.length < 2_000) {
    const next = await within(server.clock, iterator.next());
    if (!next.done) seen.push(next.value.offset);
  }
  assert.deepEqual(seen, upTo(2_000));
  await client.close();
});

Deno.test("nobody iterates: memory is bounded, and a late reader still gets everything", async () => {
  const server = new ScriptedServer();
  const client = clientOf(server);
  const room = client.room("lobby", { after: 0 });
  for (let n = 1; n <= 2_500; n++) server.post("lobby", { text: `m${n}` });
  await server.clock.advance(1_000);
  assert.equal(room.position?.offset, 2_500);
  const events = reader(room);
  await server.clock.advance(1_000);
  assert.deepEqual(offsets(events), upTo(2_500));
  await client.close();
});

Deno.test("a hole in the events: joins again from where it was", async () => {
  const server = new ScriptedServer();
  const notices: string[] = [];
  const client = clientOf(server, { onNotice: (says) => notices.push(says) });
  const room = client.room("lobby", { after: 0 });
  const events = reader(room);
  for (let n = 1; n <= 3; n++) server.post("lobby", { text: `m${n}` });
  await server.clock.advance(100);
  server.session.cursors.set("lobby", 5);
  for (let n = 4; n <= 9; n++) server.post("lobby", { text: `m${n}` });
  await server.clock.advance(100);
  assert.deepEqual(offsets(events), upTo(9));
  assert.equal(server.session.of("CHAT_JOIN")[0]?.offset, 3);
  assert.equal(notices.length, 1);
  await client.close();
});

Deno.test("a log that was replaced: the timeline starts anew", async () => {
  const server = new ScriptedServer();
  const client = clientOf(server);
  const room = client.room("lobby", { after: 0 });
  const timeline = room.timeline;
  const events = reader(room);
  for (let n = 1; n <= 5; n++) server.post("lobby", { text: `old ${n}` });
  await server.clock.advance(100);
  assert.equal(timeline.current.messages.length, 5);
  server.epoch = "epoch-2";
  server.rooms.clear();
  server.post("lobby", { text: "new 1" });
  server.session.pair.cut("restart");
  await server.clock.advance(20_000);
  server.post("lobby", { text: "new 2" });
  await server.clock.advance(100);
  assert.deepEqual(timeline.current.messages.map((message) => message.text), ["new 2"]);
  assert.equal(timeline.current.after, 1);
  assert.equal(await within(server.clock, room.older()), true);
  assert.deepEqual(timeline.current.messages.map((message) => message.text), ["new 1", "new 2"]);
  assert.deepEqual(events.slice(5).map((event) => event.epoch), ["epoch-2"]);
  await client.close();
});

Deno.test("the timeline of a live room grows backwards by pages", async () => {
  const server = new ScriptedServer();
  for (let n = 1; n <= 120; n++) server.post("lobby", { text: `m${n}` });
  server.post("lobby", { type: "CHAT_EDIT", target: 30, text: "edited" });
  const client = clientOf(server);
  const room = client.room("lobby", { last: 10 });
  const timeline = room.timeline;
  await within(server.clock, client.live());
  await server.clock.advance(100);
  assert.equal(timeline.current.after, 111);
  let pages = 0;
  while (await within(server.clock, room.older(50))) pages++;
  assert.equal(pages, 3);
  assert.equal(timeline.current.messages.length, 120);
  assert.equal(timeline.current.messages[29]?.text, "edited");
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

Deno.test("old messages: asked first, resumed under a new number when the old one is spent", async () => {
  const server = new ScriptedServer();
  const store = new MemoryStore(DEVICE);
  let nowMs = 1_000_000;
  const client = clientOf(server, {
    store,
    wallMs: () => nowMs,
    dial: () => Promise.reject(new Error("no")),
  });
  client.room("lobby").send("one");
  client.room("lobby").send("two");
  client.room("other").send("three");
  await server.clock.advance(10_000);
  assert.deepEqual(client.outbox.items.current.map((item) => item.state), ["queued", "queued", "queued"]);
  await client.close();
  nowMs += 11 * 60_000;
  const later = clientOf(server, { store, wallMs: () => nowMs });
  const room = later.room("lobby");
  await within(server.clock, room.send("new"));
  assert.deepEqual(server.texts("lobby"), ["new"]);
  assert.deepEqual(later.outbox.items.current.map((item) => item.state), ["stale", "stale", "stale"]);
  later.outbox.resume(1);
  later.outbox.discard(2);
  await server.clock.advance(1_000);
  assert.deepEqual(server.texts("lobby"), ["new", "one"]);
  later.outbox.resume();
  await server.clock.advance(1_000);
  assert.deepEqual(later.outbox.items.current, []);
  assert.deepEqual((await store.load()).entries, []);
  await later.close();
});

Deno.test("an outbox with messages for a room that nobody opened joins it, and leaves it afterwards", async () => {
  const server = new ScriptedServer();
  const store = new MemoryStore(DEVICE);
  await store.put({
    seq: 4,
    queuedAtMs: 0,
    draft: { type: "CHAT_MESSAGE", room: "attic", text: "left over" },
  });
  const client = clientOf(server, { store });
  await server.clock.advance(100);
  assert.deepEqual(server.texts("attic"), ["left over"]);
  assert.deepEqual(server.session.of("CHAT_LEAVE").map((pdu) => pdu.room), ["attic"]);
  await within(server.clock, client.room("lobby").send("next"));
  assert.equal(server.session.of("CHAT_MESSAGE")[1]?.seq, 5);
  await client.close();
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

Deno.test("what can't be said is refused before it gets a number", async () => {
  const server = new ScriptedServer();
  const client = clientOf(server);
  const room = client.room("lobby");
  await assert.rejects(room.send("x".repeat(16_385)), { name: "text-too-large" });
  await assert.rejects(room.send("\u0001".repeat(16_000)), { name: "pdu-too-large" });
  await assert.rejects(room.send("\ud800"), { name: "invalid" });
  assert.throws(() => client.room(" x"), { name: "invalid" });
  assert.throws(() => clientOf(server, { name: "" }), { name: "invalid" });
  await within(server.clock, room.send("fine"));
  assert.equal(server.session.of("CHAT_MESSAGE")[0]?.seq, 1);
  await client.close();
});

Deno.test("closing with patience delivers first, without it keeps", async () => {
  const server = new ScriptedServer();
  server.latencyMs = 300;
  const client = clientOf(server);
  const sent = client.room("lobby").send("before I go");
  await within(server.clock, client.close({ drainMs: 5_000 }));
  assert.equal((await sent).offset, 1);
  const store = new MemoryStore("e".repeat(32));
  const hasty = clientOf(server, { store });
  const lost = hasty.room("lobby").send("kept");
  await server.clock.advance(1);
  await hasty.close();
  await assert.rejects(lost, { name: "closed", kept: true });
  assert.equal((await store.load()).entries.length, 1);
});

Deno.test("a store that fails: the message is refused, not half sent; one that can't load refuses all", async () => {
  const server = new ScriptedServer();
  class Full extends MemoryStore {
    override put(): Promise<void> {
      return Promise.reject(new Error("disk full"));
    }
  }
  const client = clientOf(server, { store: new Full() });
  await assert.rejects(within(server.clock, client.room("lobby").send("x")), { name: "outbox" });
  await server.clock.advance(100);
  assert.deepEqual(server.texts("lobby"), []);
  await client.close();
  class Broken extends MemoryStore {
    override load(): Promise<never> {
      return Promise.reject(new Error("no access"));
    }
  }
  const broken = clientOf(server, { store: new Broken() });
  await server.clock.advance(10);
  const status = broken.status.current;
  assert.equal(status.state === "refused" ? status.failure.name : "", "outbox");
  await assert.rejects(broken.room("lobby").send("x"), { name: "outbox" });
  await broken.close();
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
