/** Who was away comes back to exactly what one who stayed has. */
import assert from "node:assert/strict";
import type { ServerEventPdu, ServerPduOf } from "../../src/protocol/server-pdu.ts";
import { projectionOf } from "../fixtures/projection.ts";
import { Seeded } from "../fixtures/seeded.ts";
import { newDevice, type Reachable, type Way, WAYS, WireClient } from "../fixtures/wire-client.ts";
import { startServer } from "./running-server.ts";

const SEED = 7;
const ROOMS = Array.from({ length: 20 }, (_, index) => `room ${index + 1}`);
const SENDERS = 4;
const EVENTS_EACH = 2_600;
/** Of each sender, before the others go away. */
const EVENTS_BEFORE = 200;
const IN_FLIGHT = 64;

interface Place {
  readonly room: string;
  readonly offset: number;
}

/** Says messages, and edits, deletions and reactions of what was said, in all rooms. */
class Talker {
  readonly #own: Place[] = [];
  readonly #messages = new Map<number, string>();
  #seq = 0;

  private constructor(
    readonly client: WireClient,
    readonly random: Seeded,
    /** What all of them said and has a receipt. */
    readonly said: Place[],
  ) {}

  static async enter(server: Reachable, index: number, said: Place[]): Promise<Talker> {
    const rooms = ROOMS.map((room) => ({ room }));
    const client = await WireClient.enter(server, `talker ${index}`, { device: newDevice(), rooms });
    return new Talker(client, new Seeded(SEED + index), said);
  }

  /** Says so many events, some in flight, and hears that all are kept. */
  async talk(count: number): Promise<void> {
    const last = this.#seq + count;
    let kept = this.#seq;
    let refused: ServerPduOf<"CHAT_ERROR"> | null = null;
    this.client.onPdu = (pdu) => {
      if (pdu.type === "CHAT_ERROR") refused ??= pdu;
      if (pdu.type !== "CHAT_RECEIPT") return;
      kept++;
      const room = this.#messages.get(pdu.ack);
      if (room !== undefined) {
        const place = { room, offset: pdu.offset ?? 0 };
        this.#own.push(place);
        this.said.push(place);
      }
      if (this.#seq < last) this.#sayNext();
    };
    while (this.#seq < last && this.#seq - kept < IN_FLIGHT) this.#sayNext();
    await this.client.so(`${count} receipts`, () => kept === last || refused !== null);
    assert.equal(refused, null);
  }

  #sayNext(): void {
    const seq = ++this.#seq;
    const { random } = this;
    const chance = random.next();
    const place = random.pick(chance < 0.2 ? this.#own : this.said);
    if (chance < 0.1 && place !== null) {
      const { room, offset: target } = place;
      return this.client.say({ type: "CHAT_EDIT", seq, room, target, text: `edited by ${seq}` });
    }
    if (chance < 0.2 && place !== null) {
      const { room, offset: target } = place;
      return this.client.say({ type: "CHAT_DELETE", seq, room, target });
    }
    if (chance < 0.35 && place !== null) {
      const { room, offset: target } = place;
      const reaction = random.pick(["👍", "❤️"]) ?? "👍";
      const on = random.next() < 0.7;
      return this.client.say({ type: "CHAT_REACT", seq, room, target, reaction, on });
    }
    const room = random.pick(ROOMS) ?? "";
    this.#messages.set(seq, room);
    this.client.say({ type: "CHAT_MESSAGE", seq, room, text: `message ${seq} of ${this.client.name}` });
  }
}

type Heads = ReadonlyMap<string, number>;

/** Waits until the reader, who began after these positions (none: from the first), has every room up to its head. */
async function hasAll(reader: WireClient, heads: Heads, positions: readonly Place[] = []): Promise<void> {
  const began = new Map(positions.map(({ room, offset }) => [room, offset]));
  const missing = new Map([...heads].filter(([room, head]) => head > (began.get(room) ?? 0)));
  let at = 0;
  await reader.so(`all of ${heads.size} rooms`, () => {
    for (; at < reader.heard.length; at++) {
      const pdu = reader.heard[at];
      if (pdu === undefined || !("offset" in pdu) || pdu.room === undefined) continue;
      if (pdu.offset === missing.get(pdu.room)) missing.delete(pdu.room);
    }
    return missing.size === 0;
  });
}

async function headsOf(server: Reachable): Promise<Heads> {
  const client = await WireClient.enter(server, "clerk", { rooms: [] });
  client.say({ type: "CHAT_ROOMS", seq: 5 });
  const { rooms } = await client.hears("CHAT_ROOMS", { ack: 5 });
  await client.leave();
  return new Map(rooms.map(({ room, head }) => [room, head]));
}

Deno.test("one who was away during 10,000 events in 20 rooms comes back to the same", async () => {
  await using server = await startServer(["--rate", "1000000"]);
  const rooms = ROOMS.map((room) => ({ room, offset: 0 }));
  const stayed = await WireClient.enter(server, "stayed", { rooms });
  const said: Place[] = [];
  const talkers = [];
  for (let index = 0; index < SENDERS; index++) talkers.push(await Talker.enter(server, index, said));

  const before = new Map<Way, WireClient>();
  for (const way of WAYS) before.set(way, await WireClient.enter(server, `away by ${way}`, { way, rooms }));
  await Promise.all(talkers.map((talker) => talker.talk(EVENTS_BEFORE)));
  // They go in the middle of talk, having seen what they happen to have seen.
  const talking = Promise.all(talkers.map((talker) => talker.talk(EVENTS_EACH)));
  for (const client of before.values()) {
    const seenBefore = SENDERS * EVENTS_BEFORE / ROOMS.length;
    await client.so("some", () => client.events(ROOMS[0] ?? "").length > seenBefore);
    await client.drop();
  }
  await talking;
  const heads = await headsOf(server);
  assert.equal(
    [...heads.values()].reduce((sum, head) => sum + head, 0),
    SENDERS * (EVENTS_BEFORE + EVENTS_EACH),
  );
  await hasAll(stayed, heads);
  const epoch = stayed.all("CHAT_JOINED")[0]?.epoch;

  const comesBack = async (way: Way, what: string) => {
    const first = before.get(way) ?? stayed;
    const seen = new Map<string, ServerEventPdu[]>(ROOMS.map((room) => [room, first.events(room)]));
    const positions = [...seen].map(([room, events]) => ({ room, epoch, offset: events.length }));
    const startMs = performance.now();
    const back = await WireClient.enter(server, "back", { way, rooms: positions });
    await hasAll(back, heads, positions);
    const tookMs = performance.now() - startMs;

    const resumed = back.all("CHAT_JOINED");
    assert.deepEqual(resumed.map(({ room, after }) => ({ room, offset: after, epoch })), positions);
    assert.ok(resumed.every(({ result }) => result === "complete"));
    let missed = 0;
    for (const room of ROOMS) {
      const whole = [...seen.get(room) ?? [], ...back.events(room)];
      const expected = stayed.events(room);
      assert.deepEqual(whole, expected, `${room}, event by event`);
      assert.deepEqual(expected.map(({ offset }) => offset), Array.from(expected, (_, index) => index + 1));
      assert.deepEqual(projectionOf(whole), projectionOf(expected));
      missed += back.events(room).length;
    }
    await back.leave();
    console.log(`${what}: resumed ${missed} events in ${ROOMS.length} rooms in ${tookMs.toFixed(0)} ms`);
  };
  for (const way of WAYS) await comesBack(way, way);
  await Promise.all([stayed, ...talkers.map(({ client }) => client)].map((client) => client.leave()));
  // Then the server knows nothing but what is on its disk.
  await server.restart();
  await comesBack("quic", "quic, after a restart");
});

Deno.test("a position of another life of the log, or past its end, is told to begin anew", async () => {
  await using server = await startServer();
  const room = "lives";
  const ada = await WireClient.enter(server, "ada", { device: newDevice(), rooms: [{ room }] });
  const { epoch } = await ada.hears("CHAT_JOINED", { room });
  for (let seq = 1; seq <= 30; seq++) await ada.message(room, seq, `text ${seq}`);

  const strange = { room, epoch: "f".repeat(epoch.length), offset: 20 };
  const { after, head, result } = await ada.join(room, { ...strange, last: 10 });
  assert.deepEqual({ after, head, result }, { after: 20, head: 30, result: "reset" });
  const back = await WireClient.enter(server, "back", {
    rooms: [strange, { room: "never seen", epoch, offset: 5 }],
  });
  const answers = [
    await back.hears("CHAT_JOINED", { room }),
    await back.hears("CHAT_JOINED", { room: "never seen" }),
  ];
  assert.deepEqual(answers.map(({ after, result }) => [after, result]), [[0, "reset"], [0, "reset"]]);
  const same = await ada.join(room, { epoch, offset: 12 });
  assert.deepEqual([same.after, same.result], [12, "complete"]);
  const further = await ada.join(room, { epoch, offset: 12, last: 5 });
  assert.deepEqual([further.after, further.result], [25, "reset"], "more was missed than is wanted");
  await Promise.all([ada.leave(), back.leave()]);
});

Deno.test("after a restored copy nobody goes on from a position that the log has lost", async () => {
  const dataDir = await Deno.makeTempDir({ prefix: "quicchat-restored-" });
  try {
    await using server = await startServer([], { dataDir });
    const room = "restored";
    const device = newDevice();
    const ada = await WireClient.enter(server, "ada", { device, rooms: [{ room }] });
    const { epoch } = await ada.hears("CHAT_JOINED", { room });
    for (const seq of [1, 2]) await ada.message(room, seq, `kept ${seq}`);
    await server.stop();
    await Deno.copyFile(`${dataDir}/log.sqlite`, `${dataDir}/copy`);
    await server.restart();
    const again = await WireClient.enter(server, "ada", { device, rooms: [{ room, epoch, offset: 2 }] });
    assert.equal(
      (await again.hears("CHAT_JOINED", { room })).result,
      "complete",
      "a restart is the same life",
    );
    for (const seq of [3, 4]) await again.message(room, seq, `lost ${seq}`);
    await server.stop();
    await Deno.rename(`${dataDir}/copy`, `${dataDir}/log.sqlite`);
    await server.restart();

    const back = await WireClient.enter(server, "ada", { device, rooms: [{ room, epoch, offset: 2 }] });
    const joined = await back.hears("CHAT_JOINED", { room });
    assert.equal(joined.result, "reset");
    assert.notEqual(joined.epoch, epoch);
    const texts = (await back.readAll(room)).map((event) => Reflect.get(event, "text"));
    assert.deepEqual(texts, ["kept 1", "kept 2"]);
    await back.leave();
    await server.stop();
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
});
