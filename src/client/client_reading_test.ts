import assert from "node:assert/strict";
import { clientOf, offsets, reader, upTo } from "../../tests/fixtures/scripted-client.ts";
import { ScriptedServer, within } from "../../tests/fixtures/scripted-server.ts";

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
  assert.deepEqual(timeline.current.messages.map((message) => message.text), ["new 1", "new 2"]);
  assert.deepEqual([timeline.current.epoch, timeline.current.after], ["epoch-2", 0]);
  assert.equal(await room.older(), false);
  assert.deepEqual(events.slice(5).map((event) => event.epoch), ["epoch-2", "epoch-2"]);
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
