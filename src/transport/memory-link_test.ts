import assert from "node:assert/strict";
import { VirtualClock } from "./clock.ts";
import type { LinkEnd, LinkEvents } from "./link.ts";
import { memoryPair, type MemoryPairOptions } from "./memory-link.ts";

function setUp(options: Partial<MemoryPairOptions> = {}) {
  const clock = new VirtualClock();
  let state = 7;
  // A linear congruence is random enough to cut chunks.
  const random = () => (state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0) / 4_294_967_296;
  const pair = memoryPair({ clock, random, ...options });
  const heard = { text: "", chunks: 0, datagrams: [] as string[], ends: [] as LinkEnd[] };
  const events: LinkEvents = {
    bytes(chunk) {
      heard.text += new TextDecoder().decode(chunk);
      heard.chunks++;
    },
    datagram: (payload) => void heard.datagrams.push(new TextDecoder().decode(payload)),
    closed: (end) => void heard.ends.push(end),
  };
  pair.server.open(events);
  const clientEnds: LinkEnd[] = [];
  pair.client.open({ bytes() {}, datagram() {}, closed: (end) => void clientEnds.push(end) });
  return { ...pair, clock, heard, clientEnds };
}

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("bytes take the latency, no more and no less", async () => {
  const { client, clock, heard } = setUp({ latencyMs: 40 });
  client.push(bytes("hello"));
  await clock.advance(39);
  assert.equal(heard.text, "");
  await clock.advance(1);
  assert.equal(heard.text, "hello");
});

Deno.test("whatever each piece is delayed by, the stream keeps its order", async () => {
  const delays = [300, 20.7, 100.1, 0, 250];
  const { client, clock, heard } = setUp({ latencyMs: () => delays.shift() ?? 0 });
  for (const piece of "abcde") {
    client.push(bytes(piece));
    await clock.advance(10);
  }
  assert.equal(heard.text, "");
  await clock.advance(300);
  assert.equal(heard.text, "abcde");
});

Deno.test("a giver who reuses its buffer is found out, not the receiver", async () => {
  const { client, clock, heard } = setUp({ latencyMs: 40 });
  const buffer = bytes("one");
  client.push(buffer);
  await clock.advance(20);
  buffer.set(bytes("two"));
  await clock.advance(20);
  // Written by then: the network has its own copy, as a kernel would.
  assert.equal(heard.text, "one");
});

Deno.test("chunks are cut and joined anew", async () => {
  const { client, clock, heard } = setUp({ chunkBytesMax: 7 });
  for (let i = 0; i < 50; i++) client.push(bytes("0123456789"));
  await clock.advance(10);
  assert.equal(heard.text, "0123456789".repeat(50));
  assert.ok(heard.chunks > 70, `${heard.chunks} chunks`);
});

Deno.test("a partition holds bytes back and loses datagrams; healed, nothing is missing", async () => {
  const { client, clock, heard, partition, heal } = setUp({ latencyMs: 5 });
  client.push(bytes("a"));
  client.datagram(bytes("d1"));
  await clock.advance(10);
  partition();
  client.push(bytes("b"));
  client.datagram(bytes("d2"));
  await clock.advance(1_000);
  assert.equal(heard.text, "a");
  heal();
  client.push(bytes("c"));
  client.datagram(bytes("d3"));
  await clock.advance(10);
  assert.equal(heard.text, "abc");
  assert.deepEqual(heard.datagrams, ["d1", "d3"]);
});

Deno.test("a cut loses what is on the way and tells both ends", async () => {
  const { client, clock, heard, clientEnds, cut } = setUp({ latencyMs: 40 });
  client.push(bytes("lost"));
  await clock.advance(20);
  cut("reset");
  await clock.advance(100);
  assert.equal(heard.text, "");
  assert.deepEqual(heard.ends, [{ why: "lost", says: "reset" }]);
  assert.deepEqual(clientEnds, [{ why: "lost", says: "reset" }]);
  assert.equal(clock.nextDeadlineMs(), null);
});

Deno.test("a machine that vanishes is noticed by the other after the idle time", async () => {
  const { client, server, clock, heard, clientEnds, vanish } = setUp();
  vanish("client", 15_000);
  client.push(bytes("said to nobody"));
  server.push(bytes("hello?"));
  await clock.advance(14_999);
  assert.deepEqual(heard.ends, []);
  await clock.advance(1);
  assert.deepEqual(heard.ends, [{ why: "lost", says: "timed out" }]);
  assert.deepEqual(clientEnds, []);
});

Deno.test("datagrams are lost, doubled and reordered as asked", async () => {
  const { client, clock, heard } = setUp({ datagramLoss: 0.3, datagramDoubling: 0.3, datagramJitterMs: 50 });
  for (let i = 0; i < 1_000; i++) client.datagram(bytes(String(i)));
  await clock.advance(100);
  const kinds = new Set(heard.datagrams);
  assert.ok(kinds.size > 600 && kinds.size < 800, `${kinds.size} of 1000 arrived`);
  assert.ok(heard.datagrams.length > kinds.size * 1.2, "some are doubled");
  assert.notDeepEqual(heard.datagrams, [...heard.datagrams].sort((a, b) => Number(a) - Number(b)));
});
