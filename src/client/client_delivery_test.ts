import assert from "node:assert/strict";
import { MemoryStore } from "./outbox/store-memory.ts";
import { clientOf, DEVICE, upTo } from "../../tests/fixtures/scripted-client.ts";
import { ScriptedServer, seeded, within } from "../../tests/fixtures/scripted-server.ts";

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

Deno.test("each receipt is told before the outbox is without its message, also of one that an earlier run kept", async () => {
  const server = new ScriptedServer();
  const store = new MemoryStore(DEVICE);
  await store.put({ seq: 4, queuedAtMs: 0, draft: { type: "CHAT_MESSAGE", room: "lobby", text: "kept" } });
  const client = clientOf(server, { store });
  const told: unknown[] = [];
  const end = client.outbox.onReceipt(({ seq, offset }) => {
    told.push([seq, offset, client.outbox.items.current.map((item) => item.seq)]);
  });
  client.outbox.items.subscribe(() => assert.notEqual(client.author, null));
  await within(server.clock, client.room("lobby").send("new"));
  assert.deepEqual(told, [[4, 1, [4, 5]], [5, 2, [5]]]);
  end();
  await within(server.clock, client.room("lobby").send("untold"));
  assert.equal(told.length, 2);
  await client.close();
});
