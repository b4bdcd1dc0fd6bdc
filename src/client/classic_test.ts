import assert from "node:assert/strict";
import { VirtualClock } from "../transport/clock.ts";
import { type MemoryPair, memoryPair } from "../transport/memory-link.ts";
import { decoderOf, encodePdu } from "../protocol/wire.ts";
import { ClassicClient } from "./classic.ts";
import { seeded, within } from "./scripted-server.ts";

type Pdu = Record<string, unknown>;

/** An original server of sorts: hands every PDU to the test. */
function classicServer(answer: (pdu: Pdu, say: (pdu: Pdu) => void) => void) {
  const clock = new VirtualClock();
  const pair: MemoryPair = memoryPair({
    clock,
    random: seeded(5),
    wire: "chat/0",
    latencyMs: 2,
    limits: { queueBytesMax: 1e9, stuckMs: 1e9 },
  });
  const heard: Pdu[] = [];
  const decoder = decoderOf("chat/0");
  const say = (pdu: Pdu) => pair.server.push(encodePdu({ seq: 0, ts: 0, ...pdu }, "chat/0"));
  pair.server.open({
    bytes(chunk) {
      for (const one of decoder.push(chunk)) {
        assert.ok("value" in one);
        const pdu = { ...(one.value as Pdu) };
        heard.push(pdu);
        answer(pdu, say);
      }
    },
    datagram() {},
    closed() {},
  });
  const client = new ClassicClient(pair.client, { name: "Ada", clock, wallMs: () => 1_500 });
  return { clock, pair, heard, say, client };
}

const receipts = (pdu: Pdu, say: (pdu: Pdu) => void) => {
  if (pdu.type === "CHAT_HELLO") say({ type: "CHAT_WELCOME", seq: 1, server: "QUICCHAT-server" });
  if (pdu.type === "CHAT_MESSAGE") say({ type: "CHAT_RECEIPT", seq: pdu.seq, ack: pdu.seq });
};

Deno.test("chat/0: greets, says, gets receipts, reads, says goodbye, with the original's fields", async () => {
  const { clock, heard, say, client } = classicServer(receipts);
  await within(clock, client.welcome);
  const read: unknown[] = [];
  const reading = (async () => {
    for await (const pdu of client) read.push(pdu.type);
  })();
  client.setTyping(true);
  await within(clock, Promise.all([client.send("one"), client.send("two")]));
  say({ type: "CHAT_MESSAGE", sender: "Bea", text: "hi" });
  say({ type: "CHAT_SOMETHING_NEW" });
  say({ type: "CHAT_TYPING", who: "Bea", status: true });
  await clock.advance(50);
  client.close("enough");
  await within(clock, reading);
  await clock.advance(50);
  assert.deepEqual(read, ["CHAT_RECEIPT", "CHAT_RECEIPT", "CHAT_MESSAGE", "CHAT_TYPING"]);
  assert.deepEqual(heard, [
    { type: "CHAT_HELLO", seq: 0, ts: 1.5, name: "Ada" },
    { type: "CHAT_TYPING", seq: 0, ts: 1.5, who: "Ada", status: true },
    { type: "CHAT_MESSAGE", seq: 1, ts: 1.5, sender: "Ada", text: "one" },
    { type: "CHAT_MESSAGE", seq: 2, ts: 1.5, sender: "Ada", text: "two" },
    { type: "CHAT_BYE", seq: 0, ts: 1.5, reason: "enough" },
  ]);
});

Deno.test("chat/0: said again each second, three times, then its user is told", async () => {
  const { clock, heard, client } = classicServer(() => {});
  const sent = client.send("anybody?");
  const told = assert.rejects(sent, { name: "no-receipt" });
  await clock.advance(3_900);
  assert.equal(heard.filter((pdu) => pdu.type === "CHAT_MESSAGE").length, 4);
  await clock.advance(200);
  await told;
  assert.ok(heard.every((pdu) => pdu.seq === 1 || pdu.type === "CHAT_HELLO"));
});

Deno.test("chat/0: 409 for a resent message means that it is known; for a first one it means nothing", async () => {
  let times = 0;
  const { clock, say, client } = classicServer((pdu, say) => {
    if (pdu.type === "CHAT_MESSAGE" && ++times === 2) {
      say({ type: "CHAT_ERROR", code: 409, msg: "duplicate" });
    }
  });
  const sent = client.send("once");
  await clock.advance(500);
  say({ type: "CHAT_ERROR", code: 409, msg: "duplicate" });
  await clock.advance(100);
  assert.equal(times, 1);
  await within(clock, sent);
  assert.equal(times, 2);
});

Deno.test("chat/0: another error, or a lost connection, ends everything with its reason", async () => {
  const { clock, say, client } = classicServer(() => {});
  const sent = client.send("x");
  say({ type: "CHAT_ERROR", code: 400, msg: "HELLO first" });
  await assert.rejects(within(clock, sent), { code: 400, message: "HELLO first" });
  await assert.rejects(client.welcome, { code: 400 });
  const other = classicServer(() => {});
  const iterator = other.client[Symbol.asyncIterator]();
  other.pair.cut("gone");
  await assert.rejects(within(other.clock, iterator.next()), { name: "lost", message: /gone/ });
  await assert.rejects(other.client.send("y"), { name: "lost" });
});

Deno.test("chat/0: a reader that stops holds the server back", async () => {
  const { clock, pair, say, client } = classicServer(receipts);
  const iterator = client[Symbol.asyncIterator]();
  for (let n = 1; n <= 5_000; n++) {
    say({ type: "CHAT_MESSAGE", seq: n, sender: "Bea", text: "x".repeat(400) });
  }
  await clock.advance(12_000);
  assert.ok(pair.server.queuedBytes > 0);
  let seen = 0;
  while (seen < 5_000) {
    const next = await within(clock, iterator.next());
    assert.ok(!next.done);
    if (next.value.type === "CHAT_MESSAGE") seen = next.value.seq === seen + 1 ? seen + 1 : NaN;
  }
  assert.equal(seen, 5_000);
});
