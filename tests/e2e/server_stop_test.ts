/** A server that is told to stop says goodbye to everyone and loses nothing. */
import assert from "node:assert/strict";
import { FAILURES } from "../../src/protocol/failures.ts";
import type { Wire } from "../../src/protocol/wire.ts";
import { type Dialing, newDevice, WAYS, WireClient } from "../fixtures/wire-client.ts";
import { startServer } from "./running-server.ts";

const ROOM = "lobby";
const IN_FLIGHT = 32;

const guests: readonly Dialing[] = [
  ...WAYS.map((way) => ({ way, name: way, wire: "quicchat/1" as Wire })),
  { way: "quic", name: "original", wire: "chat/0" },
];

/** Keeps messages in flight until the server says goodbye; gives what was acknowledged, seq to text. */
function stream(client: WireClient): { readonly acknowledged: Map<number, string>; begin(): void } {
  const acknowledged = new Map<number, string>();
  let seq = 0;
  const next = () => {
    seq++;
    client.say({ type: "CHAT_MESSAGE", seq, room: ROOM, text: `${client.name} ${seq}` });
  };
  client.onPdu = (pdu) => {
    if (pdu.type !== "CHAT_RECEIPT") return;
    acknowledged.set(pdu.ack, `${client.name} ${pdu.ack}`);
    next();
  };
  return {
    acknowledged,
    begin() {
      for (let slot = 0; slot < IN_FLIGHT; slot++) next();
    },
  };
}

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  Deno.test(`${signal} in the middle of talk: goodbye to everyone, exit code 0, nothing lost`, async () => {
    const dataDir = await Deno.makeTempDir({ prefix: "quicchat-stop-" });
    try {
      await using server = await startServer(["--rate", "1000000"], { dataDir });
      const clients: WireClient[] = [];
      for (const { name = "", way = "quic", wire = "quicchat/1" } of guests) {
        clients.push(await WireClient.enter(server, name, { way, wire, device: newDevice() }));
      }
      // One who does not speak, one who never said hello, and one who does not read.
      const listener = await WireClient.enter(server, "listener");
      const stranger = await WireClient.dial(server, { name: "stranger", way: "websocket" });
      const sleeper = await WireClient.enter(server, "sleeper");
      sleeper.hold();
      const streams = clients.map((client) => stream(client));
      for (const { begin } of streams) begin();
      await Promise.all(
        streams.map(({ acknowledged }, index) => {
          return clients[index]?.so("20 receipts", () => acknowledged.size >= 20);
        }),
      );

      const startMs = performance.now();
      // Ends with 1 by itself when it takes longer than 4.8 s.
      assert.equal(await server.stop(signal), 0, server.output());
      console.log(`${signal}: stopped in ${(performance.now() - startMs).toFixed(0)} ms`);

      for (const client of [...clients, listener, stranger]) {
        await client.over();
        const [error, bye] = client.heard.slice(-2);
        assert.ok(error?.type === "CHAT_ERROR", `${client.name} heard ${JSON.stringify(error)}`);
        assert.equal(error.code, 503);
        if (client.link.wire === "quicchat/1") assert.equal(error.failure, "going-away");
        assert.ok(bye?.type === "CHAT_BYE");
        assert.equal(bye.reason, FAILURES["going-away"].says);
        assert.deepEqual(client.end, { why: "peer" }, `${client.name}'s link ended in order`);
      }
      sleeper.goOn();
      await sleeper.drop();

      await server.restart();
      const reader = await WireClient.enter(server, "reader", { rooms: [] });
      const texts = (await reader.readAll(ROOM)).map((event) => Reflect.get(event, "text"));
      for (const [index, { acknowledged }] of streams.entries()) {
        const own = texts.filter((text) => text.startsWith(`${clients[index]?.name} `));
        const expected = Array.from(own, (_, i) => `${clients[index]?.name} ${i + 1}`);
        assert.deepEqual(own, expected, "in order, each once");
        for (const text of acknowledged.values()) assert.ok(own.includes(text), `${text} is kept`);
      }
      await reader.leave();
      assert.equal(await server.stop(), 0);
    } finally {
      await Deno.remove(dataDir, { recursive: true });
    }
  });
}
