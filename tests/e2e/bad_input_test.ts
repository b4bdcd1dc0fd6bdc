/** Whatever one peer says, it gets the failure that the table names, and nobody else notices. */
import assert from "node:assert/strict";
import { type FailureName, FAILURES } from "../../src/protocol/failures.ts";
import { LIMITS } from "../../src/protocol/limits.ts";
import type { ServerPduOf } from "../../src/protocol/server-pdu.ts";
import { type BadWords, goldenBadWords, RUDE_WORDS } from "../fixtures/bad-words.ts";
import { HonestPair } from "../fixtures/honest-pair.ts";
import { residentMb } from "../fixtures/memory.ts";
import { Seeded } from "../fixtures/seeded.ts";
import { type Dialing, newDevice, type Reachable, WAYS, WireClient } from "../fixtures/wire-client.ts";
import { type RunningServer, startServer } from "./running-server.ts";

/** Over all that follows: buffers, garbage, V8's slack. A leak of what is sent here would be several times it. */
const GROWTH_MB_MAX = 150;

/** A server, and two honest people on it, for the time of some mischief. */
async function whileTalking(mischief: (server: RunningServer) => Promise<void>): Promise<void> {
  await using server = await startServer();
  const { pid } = server;
  const pair = await HonestPair.begin(server);
  await pair.stillTalks();
  const beforeMb = residentMb(pid);
  await mischief(server);
  await pair.stillTalks();
  const grownMb = residentMb(pid) - beforeMb;
  const { rounds, slowestMs } = await pair.end();
  console.log(
    `${rounds} questions answered meanwhile, the slowest in ${slowestMs.toFixed(0)} ms; ` +
      `the server grew by ${grownMb.toFixed(0)} MB`,
  );
  assert.ok(grownMb < GROWTH_MB_MAX);
  assert.equal(server.pid, pid);
  assert.doesNotMatch(server.output(), /escaped-|session-failed|rules-failed|effect-/);
}

/** What the client was told to be wrong, and that the session then ended, or goes on, as the table says. */
async function assertRefused(client: WireClient, failure: FailureName, closes: boolean, ack?: number) {
  const error = await client.hears("CHAT_ERROR", {}, 0);
  assert.equal(error.code, FAILURES[failure].code, error.msg);
  assert.ok(error.msg.startsWith(FAILURES[failure].says), error.msg);
  if (client.link.wire === "quicchat/1") assert.equal(error.failure, failure);
  if (ack !== undefined && client.link.wire === "quicchat/1") assert.equal(error.ack, ack);
  if (!closes) return await assertGoesOn(client);
  await client.hears("CHAT_BYE");
  await client.over();
  assert.deepEqual(client.heard.slice(-2).map(({ type }) => type), ["CHAT_ERROR", "CHAT_BYE"]);
}

async function assertGoesOn(client: WireClient): Promise<void> {
  const from = client.heard.length;
  if (client.link.wire === "quicchat/1") {
    client.say({ type: "CHAT_PING", seq: 4_711 });
    await client.hears("CHAT_PONG", { ack: 4_711 }, from);
  } else {
    client.say({ type: "CHAT_MESSAGE", seq: 4_711, sender: client.name, text: "still here" });
    await client.hears("CHAT_RECEIPT", { ack: 4_711 }, from);
  }
  await client.leave();
}

async function say(server: Reachable, words: BadWords, dialing: Dialing): Promise<void> {
  const client = words.after === "hello"
    ? await WireClient.enter(server, "rude", { ...dialing, device: newDevice() })
    : await WireClient.dial(server, { ...dialing, name: "rude" });
  try {
    client.sayBytes(words.bytes);
    if (words.failure === null) return await assertGoesOn(client);
    // Before HELLO there is no session to go on with.
    const closes = FAILURES[words.failure].closes || words.after === "nothing";
    await assertRefused(client, words.failure, closes, words.ack);
  } catch (error) {
    const { way, wire } = dialing;
    throw new Error(`${words.what}, after ${words.after}, by ${way} on ${wire}`, { cause: error });
  }
}

const ours = WAYS.map((way) => ({ way, wire: "quicchat/1" as const }));
const everyWay: readonly Dialing[] = [...ours, { way: "quic", wire: "chat/0" }];

Deno.test("every kind of bad words, on both wires and every way in", async () => {
  await whileTalking(async (server) => {
    // Someone else's message, to be meddled with.
    const other = await WireClient.enter(server, "other");
    await other.message("lobby", 1, "mine");
    await other.leave();
    for (const words of [...await goldenBadWords(), ...RUDE_WORDS]) {
      const ways = everyWay.filter(({ wire }) => wire !== undefined && words.wires.includes(wire));
      await Promise.all(ways.map((dialing) => say(server, words, dialing)));
    }
  });
});

Deno.test("silence before HELLO, whole or in the middle of a PDU", async () => {
  await whileTalking(async (server) => {
    const starts = ["\n", '{"type":"CHAT_HELLO","na', ""];
    const clients = [];
    for (const dialing of everyWay) {
      for (const start of starts) {
        // A server does not hear of a QUIC stream before its first byte.
        if (start === "" && dialing.way !== "websocket") continue;
        const client = await WireClient.dial(server, { ...dialing, name: `silent ${JSON.stringify(start)}` });
        if (start !== "") client.sayBytes(start);
        clients.push(client);
      }
    }
    const noStream = await WireClient.dial(server, { name: "no stream" });
    await Promise.all(clients.map((client) => assertRefused(client, "hello-timeout", true)));
    assert.deepEqual((await noStream.over()).why, "peer");
    assert.deepEqual(noStream.heard, []);
  });
});

Deno.test("half a PDU and gone: its sender leaves the room, nothing else", async () => {
  await whileTalking(async (server) => {
    const room = "doorway";
    const watcher = await WireClient.enter(server, "watcher", { rooms: [{ room }] });
    for (const { way } of ours) {
      const client = await WireClient.enter(server, `gone by ${way}`, { way, rooms: [{ room }] });
      await watcher.until(`${client.name} come`, 0, (pdu) => {
        return pdu.type === "CHAT_PRESENCE" && pdu.came?.some(({ name }) => name === client.name)
          ? pdu
          : undefined;
      });
      client.sayBytes('{"type":"CHAT_MESSAGE","seq":1,"ts":1,"room":"doorway","text":"unfin');
      await client.drop();
      await watcher.until(`${client.name} gone`, 0, (pdu) => {
        return pdu.type === "CHAT_PRESENCE" && pdu.went?.some(({ name }) => name === client.name)
          ? pdu
          : undefined;
      });
    }
    assert.deepEqual(await watcher.readAll(room), []);
    await watcher.leave();
  });
});

/** Says 1 to `count` at once, and again from what was refused as soon as that may succeed; gives how many were. */
async function insist(client: WireClient, room: string, count: number): Promise<number> {
  let refusals = 0;
  for (let first = 1;;) {
    const from = client.heard.length;
    for (let seq = first; seq <= count; seq++) {
      client.say({ type: "CHAT_MESSAGE", seq, room, text: `${client.name} ${seq}` });
    }
    await client.answer(count, from);
    const refused = client.heard.slice(from).filter((pdu): pdu is ServerPduOf<"CHAT_ERROR"> =>
      pdu.type === "CHAT_ERROR"
    );
    const [earliest] = refused;
    if (earliest === undefined) return refusals;
    refusals += refused.length;
    const { ack = 0, retryMs = 0 } = earliest;
    assert.ok(retryMs > 0);
    assert.ok(refused.every(({ failure, code }) => failure === "too-fast" && code === 429));
    // Everything after it is refused alike, or the order would be lost.
    assert.deepEqual(refused.map(({ ack }) => ack), Array.from(refused, (_, i) => ack + i));
    first = ack;
    // For the whole rest: at `retryMs` there is room for one.
    await new Promise((resolve) => setTimeout(resolve, retryMs + refused.length * 10));
  }
}

Deno.test("too fast: refused with when to try again, and then everything in order", async () => {
  await whileTalking(async (server) => {
    const room = "hurry";
    const count = 900;
    const clients = await Promise.all(
      ours.map(({ way }) => WireClient.enter(server, `hasty ${way}`, { way, rooms: [{ room }] })),
    );
    const refusals = await Promise.all(clients.map((client) => insist(client, room, count)));
    assert.ok(refusals.every((number) => number > 0), "all were too fast");
    const texts = (await clients[0]?.readAll(room) ?? []).map((event) => Reflect.get(event, "text"));
    for (const { name } of clients) {
      const own = texts.filter((text) => text.startsWith(`${name} `));
      assert.deepEqual(own, Array.from({ length: count }, (_, i) => `${name} ${i + 1}`));
    }
    await Promise.all(clients.map((client) => client.leave()));
  });
});

Deno.test("flooding: whoever does not slow down is sent away", async () => {
  await whileTalking(async (server) => {
    const floods = [
      { type: "CHAT_MESSAGE", text: "flood" },
      { type: "CHAT_DANCE" },
      { type: "CHAT_WHO", room: "lobby" },
      { type: "CHAT_MESSAGE", text: 5 },
    ];
    for (const dialing of everyWay) {
      for (const flood of dialing.wire === "chat/0" ? floods.slice(0, 2) : floods) {
        const client = await WireClient.enter(server, "flood", dialing);
        // In one piece: a link of chat/0 would pause after each.
        const words = Array.from(
          { length: 5_000 },
          (_, i) => JSON.stringify({ ...flood, seq: i + 1, ts: 1 }),
        );
        client.sayBytes(words.join("\n") + "\n");
        await client.over();
        // Its answers take a chat/0 peer a millisecond each, for which nobody waits.
        if (dialing.wire === "chat/0") continue;
        const [error, bye] = client.heard.slice(-2);
        assert.ok(
          error?.type === "CHAT_ERROR" && bye?.type === "CHAT_BYE",
          JSON.stringify([dialing, error, bye]),
        );
        assert.deepEqual([error.code, error.failure], [429, "flooding"]);
      }
    }
  });
});

Deno.test("one room more than a session may be in", async () => {
  await whileTalking(async (server) => {
    for (const { way } of ours) {
      const client = await WireClient.enter(server, "everywhere", { way, rooms: [] });
      for (let seq = 1; seq <= LIMITS.roomsPerSessionMax + 1; seq++) {
        client.say({ type: "CHAT_JOIN", seq, room: `room ${seq}` });
      }
      // Each room is looked up in the log first.
      await client.hears("CHAT_JOINED", { room: `room ${LIMITS.roomsPerSessionMax}` });
      assert.equal(client.all("CHAT_JOINED").length, LIMITS.roomsPerSessionMax);
      await assertRefused(client, "too-many-rooms", false, LIMITS.roomsPerSessionMax + 1);
    }
  });
});

Deno.test("without the invite's token nobody gets in, by any way", async () => {
  await using server = await startServer(["--token", "abcdefghijklmnopqrstuv"]);
  for (const { way } of ours) {
    for (const token of [undefined, "", "abcdefghijklmnopqrstuw", "a"]) {
      const client = await WireClient.dial(server, { way, name: "stranger" });
      client.say({ type: "CHAT_HELLO", name: "stranger", ...(token === undefined ? {} : { token }) });
      await assertRefused(client, "unauthorised", true);
    }
    const friend = await WireClient.dial(server, { way, name: "friend" });
    friend.say({ type: "CHAT_HELLO", name: "friend", token: "abcdefghijklmnopqrstuv" });
    await friend.hears("CHAT_WELCOME");
    await friend.leave();
  }
  // The original's wire has no word for a token.
  await assert.rejects(WireClient.dial(server, { wire: "chat/0" }));
});

Deno.test("garbage in datagrams, on the UDP port and on the TCP port", async () => {
  await whileTalking(async (server) => {
    const random = new Seeded(11);
    const noise = (length: number) => Uint8Array.from({ length }, () => random.from(0, 255));
    for (const way of ["quic", "webtransport"] as const) {
      const client = await WireClient.enter(server, "noisy", { way });
      for (
        const words of [
          "{}",
          "[]",
          "x",
          "\n",
          '{"type":"CHAT_TYPING"}',
          '{"type":"CHAT_MESSAGE","seq":1,"ts":1,"text":"hi"}',
        ]
      ) {
        client.link.datagram(new TextEncoder().encode(words));
      }
      for (let i = 0; i < 200; i++) client.link.datagram(noise(random.from(1, LIMITS.datagramBytesMax)));
      await assertGoesOn(client);
      assert.deepEqual(client.all("CHAT_ERROR"), []);
    }
    const socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
    const to = { transport: "udp", hostname: "127.0.0.1", port: server.port } as const;
    for (let i = 0; i < 2_000; i++) {
      const packet = noise(random.from(1, 1_400));
      // Half of them look like QUIC's first packets of some version.
      if (i % 2 === 0) {
        packet.set([0xc0 | random.from(0, 63), 0, 0, 0, random.from(0, 2)].slice(0, packet.length));
      }
      await socket.send(packet, to);
    }
    socket.close();
    for (let i = 0; i < 50; i++) {
      const conn = await Deno.connect({ hostname: "127.0.0.1", port: server.port });
      const words = noise(random.from(1, 5_000));
      if (i % 2 === 0) words[0] = 0x16;
      // Whether it listens to the end is the server's choice.
      await conn.write(words).catch(() => {});
      conn.close();
    }
    assert.equal((await fetch(`http://127.0.0.1:${server.port}/healthz`)).status, 200);
    // Everything above was heard before this is answered.
    await (await WireClient.enter(server, "late")).leave();
  });
});

Deno.test("300 unfinished PDUs of almost the longest size at once", async () => {
  await whileTalking(async (server) => {
    const clients = [];
    const start = `{"type":"CHAT_MESSAGE","seq":1,"ts":1,"text":"${"x".repeat(65_000)}`;
    for (let index = 0; index < 300; index++) {
      const client = await WireClient.enter(server, `half ${index}`, { rooms: [] });
      client.sayBytes(start);
      clients.push(client);
    }
    for (const client of clients) client.sayBytes("x".repeat(1_000));
    await Promise.all(clients.map((client) => assertRefused(client, "pdu-too-large", true)));
  });
});
