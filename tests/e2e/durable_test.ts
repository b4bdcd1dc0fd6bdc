/** Whoever has a receipt has its message in the log, whatever happens to the server. */
import assert from "node:assert/strict";
import type { ServerEventPdu, ServerPduOf } from "../../src/protocol/server-pdu.ts";
import { Seeded } from "../fixtures/seeded.ts";
import { isEvent, newDevice, type Reachable, type Way, WAYS, WireClient } from "../fixtures/wire-client.ts";
import { startServer } from "./running-server.ts";

const SEED = 20_261_123;
const KILLS = 5;
const MESSAGES_EACH = 2_500;
const IN_FLIGHT = 64;
const ROOM = "durable";

type Receipt = ServerPduOf<"CHAT_RECEIPT">;

/** Sends 1, 2, 3 … with some in flight, and after a reconnect again what has no receipt yet. */
class Streamer {
  readonly device = newDevice();
  readonly receipts = new Map<number, Receipt>();
  /** What it was shown of the room, over all its connections, by offset. */
  readonly shown = new Map<number, string>();
  resent = 0;
  duplicates = 0;
  onReceipt: () => void = () => {};
  #client: WireClient | null = null;
  #nextSeq = 1;
  #highest = 0;
  readonly #done = Promise.withResolvers<void>();

  constructor(readonly server: Reachable, readonly way: Way) {}

  get done(): Promise<void> {
    return this.#done.promise;
  }

  /** Goes on on a new connection, from the first that has no receipt. */
  async connect(): Promise<void> {
    const { server, way, device } = this;
    const client = await WireClient.enter(server, way, { way, device, rooms: [{ room: ROOM }] });
    this.#client = client;
    client.onPdu = (pdu) => {
      try {
        if (pdu.type === "CHAT_ERROR") throw new Error(`${way} was told ${pdu.failure}: ${pdu.msg}`);
        if (pdu.type === "CHAT_RECEIPT") this.#acknowledged(pdu);
        if (isEvent(pdu)) this.shown.set(pdu.offset ?? 0, JSON.stringify(pdu));
      } catch (error) {
        this.#done.reject(error);
      }
    };
    let first = 1;
    while (this.receipts.has(first)) first++;
    this.#nextSeq = first;
    this.#fill();
  }

  async disconnect(): Promise<void> {
    await this.#client?.drop();
  }

  #acknowledged(receipt: Receipt): void {
    const before = this.receipts.get(receipt.ack);
    if (before !== undefined) {
      assert.deepEqual({ ...receipt, duplicate: true }, { ...before, duplicate: true });
    }
    this.receipts.set(receipt.ack, receipt);
    if (receipt.duplicate === true) this.duplicates++;
    if (this.receipts.size === MESSAGES_EACH) this.#done.resolve();
    this.#fill();
    this.onReceipt();
  }

  #fill(): void {
    while (this.#nextSeq <= MESSAGES_EACH && this.#nextSeq - this.receipts.size <= IN_FLIGHT) {
      const seq = this.#nextSeq++;
      if (seq <= this.#highest) this.resent++;
      this.#highest = Math.max(this.#highest, seq);
      this.#client?.say({ type: "CHAT_MESSAGE", seq, room: ROOM, text: textOf(this.way, seq) });
    }
  }
}

function textOf(way: Way, seq: number): string {
  return `${way} says ${seq}`;
}

Deno.test("what has its receipt survives kill -9, once and in order", async () => {
  const random = new Seeded(SEED);
  await using server = await startServer(["--rate", "1000000"]);
  const streamers = WAYS.map((way) => new Streamer(server, way));
  const all = Promise.all(streamers.map(({ done }) => done));
  const receipts = () => streamers.reduce((sum, streamer) => sum + streamer.receipts.size, 0);

  let epoch: string | undefined;
  for (let kill = 1; kill <= KILLS; kill++) {
    await Promise.all(streamers.map((streamer) => streamer.connect()));
    // Somewhere in the middle of it: that many receipts, and what happens to be under way then.
    const target = receipts() + random.from(1, MESSAGES_EACH * WAYS.length / (KILLS + 2));
    const enough = Promise.withResolvers<void>();
    for (const streamer of streamers) {
      streamer.onReceipt = () => {
        if (receipts() >= target) enough.resolve();
      };
    }
    await Promise.race([enough.promise, all]);
    await server.kill9();
    await Promise.all(streamers.map((streamer) => streamer.disconnect()));
    await server.restart();
  }
  await Promise.all(streamers.map((streamer) => streamer.connect()));
  await all;

  // Not even the last receipts may need a graceful stop.
  await server.kill9();
  await Promise.all(streamers.map((streamer) => streamer.disconnect()));
  await server.restart();
  const reader = await WireClient.enter(server, "reader", { rooms: [] });
  const events = await reader.readAll(ROOM);
  const { head, epoch: epochNow } = await reader.join(ROOM, { offset: 0 });
  await reader.leave();

  assert.deepEqual(events.map(({ offset }) => offset), Array.from(events, (_, index) => index + 1));
  assert.equal(head, MESSAGES_EACH * WAYS.length);
  assert.equal(events.length, head, "everything sent is there, nothing else");
  const byOffset = new Map(events.map((event) => [event.offset, event]));
  for (const { way, receipts, shown, resent, duplicates } of streamers) {
    const own = events.filter(({ sender }) => sender === way);
    assert.deepEqual(own.map(({ seq }) => seq), Array.from({ length: MESSAGES_EACH }, (_, i) => i + 1), way);
    for (const [seq, receipt] of receipts) {
      epoch ??= receipt.epoch;
      const event: ServerEventPdu | undefined = byOffset.get(receipt.offset);
      assert(event?.type === "CHAT_MESSAGE", `${way} ${seq} is where its receipt says`);
      assert.deepEqual([event.seq, event.text, event.ts], [seq, textOf(way, seq), receipt.ts]);
      assert.equal(receipt.epoch, epoch, "the epoch is the same in every receipt");
    }
    // Nobody was shown anything that the log does not have.
    for (const [offset, line] of shown) assert.equal(JSON.stringify(byOffset.get(offset)), line);
    assert.ok(resent > 0, "something was in flight at a kill, or this shows nothing");
    console.log(`seed ${SEED}, ${way}: ${resent} sent again, of which ${duplicates} had been stored`);
  }
  assert.equal(epochNow, epoch, "the epoch is still the same");
});
