/** The SDK against a real server, over each way in. */
import assert from "node:assert/strict";
import { type Client, connect, type RoomEvent } from "../../src/client/mod.ts";
import { addressOf } from "../../src/client/dial/address.ts";
import { ClassicClient } from "../../src/client/classic.ts";
import { browserDial, type BrowserDialers } from "../../src/client/dial/dial-browser.ts";
import { denoDial } from "../../src/client/dial/dial-deno.ts";
import { KnownServers } from "../../src/client/dial/known-servers.ts";
import { fetchLeaf } from "../../src/client/dial/server-leaf.ts";
import { FileStore } from "../../src/client/outbox/store-file.ts";
import { dialWebSocket } from "../../src/transport/websocket/websocket-dial.ts";
import { startServer } from "./running-server.ts";

async function first(client: Client, room: string, count: number): Promise<RoomEvent[]> {
  const events: RoomEvent[] = [];
  for await (const event of client.room(room, { after: 0 })) if (events.push(event) === count) break;
  return events;
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
}

const noWebTransport: BrowserDialers = {
  hasWebTransport: false,
  hasWebSocket: true,
  fetch,
  webTransport: () => Promise.reject(new Error("there is none")),
  webSocket: dialWebSocket,
};

Deno.test("raw QUIC, WebTransport and WebSocket in one room: messages, edits, typing, presence, lists", async () => {
  await using server = await startServer();
  const { url } = server;
  const address = addressOf(url);
  const clients = [
    connect(url, { name: "Ada" }),
    connect(url, { name: "Bea", dial: browserDial(address) }),
    connect(url, { name: "Cyd", dial: browserDial(address, {}, noWebTransport) }),
  ];
  await Promise.all(clients.map((client) => client.live()));
  const kinds = clients.map(({ status: { current } }) => current.state === "live" ? current.kind : "");
  assert.deepEqual(kinds, ["quic", "webtransport", "websocket"]);
  const rooms = clients.map((client) => client.room("lobby"));
  const [ada] = clients;
  const [room] = rooms;
  assert.ok(ada !== undefined && room !== undefined);
  await Promise.all(rooms.flatMap((one, at) => [1, 2, 3].map((n) => one.send(`${at}.${n}`))));
  const { offset } = await room.send("to be edited");
  await room.edit(offset, "edited");
  await room.react(offset, "👍");
  await assert.rejects(room.edit(1_000, "nothing there"), { name: "not-found" });

  const readers = [connect(url, { name: "Dot" }), connect(url, { name: "Eli", dial: browserDial(address) })];
  const [one, other] = await Promise.all(readers.map((reader) => first(reader, "lobby", 12)));
  assert.deepEqual(one, other);
  assert.deepEqual(one?.map((event) => event.offset), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);

  room.setTyping(true);
  await until(() => rooms.slice(1).every(({ typing }) => typing.current.some(({ name }) => name === "Ada")));
  await until(() => (room.members.current.members ?? []).length === 5);
  assert.deepEqual(
    (await ada.rooms()).map(({ room, head, count }) => [room, head, count]),
    [["lobby", 12, 5]],
  );
  assert.deepEqual((await ada.who("lobby")).members.map(({ name }) => name).sort(), [
    "Ada",
    "Bea",
    "Cyd",
    "Dot",
    "Eli",
  ]);
  assert.equal((await room.history({ before: 5, limit: 2 })).events[0]?.offset, 3);
  await Promise.all([...clients, ...readers].map((client) => client.close()));
});

Deno.test("a server that is killed in the middle: every message once, in order, from the same outbox", async () => {
  await using server = await startServer();
  const directory = await Deno.makeTempDir({ prefix: "quicchat-outbox-" });
  try {
    const client = connect(server.url, { name: "Ada", store: new FileStore(directory) });
    const room = client.room("lobby");
    const texts = Array.from({ length: 600 }, (_, n) => `m${n}`);
    const sent: Promise<unknown>[] = [];
    const restarts: Promise<void>[] = [];
    for (const [n, text] of texts.entries()) {
      sent.push(room.send(text));
      if (n % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 2));
      if (n === 200 || n === 400) restarts.push(server.kill9(), server.restart());
    }
    await Promise.all([...sent, ...restarts]);
    const reader = connect(server.url, { name: "Bea" });
    const events = await first(reader, "lobby", texts.length);
    assert.deepEqual(events.map((event) => event.type === "CHAT_MESSAGE" ? event.text : ""), texts);
    await Promise.all([client.close(), reader.close()]);
    const store = new FileStore(directory);
    assert.deepEqual((await store.load()).entries, []);
    await store.close();
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

// Mechanism: Deno's node:tls resumes a session that nobody verified and calls it authorised. The client then left
// pinning for the system's roots, and every reconnect by quic:// or https:// to a self-signed server failed.
Deno.test("trust: a server that nobody vouches for is no other at the second meeting", async () => {
  await using server = await startServer();
  const signal = new AbortController().signal;
  for (let meeting = 1; meeting <= 4; meeting++) {
    const { vouched } = await fetchLeaf("127.0.0.1", server.port, signal);
    assert.equal(vouched, false, `meeting ${meeting}`);
    const client = connect(`quic://127.0.0.1:${server.port}`, { name: "Ada" });
    await client.live();
    await client.close();
  }
});

Deno.test("trust: a pinned key, first use, and a changed key that is refused", async () => {
  await using server = await startServer();
  const path = await Deno.makeTempFile({ prefix: "quicchat-known-" });
  const signal = new AbortController().signal;
  const leaf = await fetchLeaf("127.0.0.1", server.port, signal);
  assert.equal(leaf.vouched, false);
  const https = `https://127.0.0.1:${server.port}`;
  const go = async (url: string, options: Parameters<typeof denoDial>[1]) => {
    const client = connect(url, { name: "Ada", dial: denoDial(addressOf(url), options) });
    try {
      await client.live();
    } finally {
      await client.close();
    }
  };
  await go(`${https}/#key=${leaf.keyHash}`, {});
  await go(https, { keyHash: leaf.keyHash });
  await assert.rejects(go(`${https}/#key=${"A".repeat(43)}`, {}), { name: "key-changed" });
  const knownServers = new KnownServers(path);
  await go(https, { knownServers });
  assert.equal(await knownServers.keyHashOf(`127.0.0.1:${server.port}`), leaf.keyHash);
  await go(`quic://127.0.0.1:${server.port}`, { knownServers });
  await knownServers.remember(`127.0.0.1:${server.port}`, "A".repeat(43));
  await assert.rejects(go(https, { knownServers: new KnownServers(path) }), {
    name: "key-changed",
    message: /remove the lines .* from .*quicchat-known/,
  });
  await Deno.remove(path);
});

Deno.test("UDP blocked: a WebSocket after a moment, with the same trust", async () => {
  await using server = await startServer();
  const { port } = server;
  // What TCP alone passes: a port of its own, with no UDP behind it.
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const pass = (async () => {
    for await (const near of listener) {
      const far = await Deno.connect({ hostname: "127.0.0.1", port });
      // Either end may go at any time.
      near.readable.pipeTo(far.writable).catch(() => {});
      far.readable.pipeTo(near.writable).catch(() => {});
    }
  })();
  const client = connect(`https://localhost:${listener.addr.port}`, { name: "Ada" });
  await client.room("lobby").send("over TCP");
  const { current } = client.status;
  assert.equal(current.state === "live" ? current.kind : "", "websocket");
  await client.close();
  listener.close();
  await pass;
});

Deno.test("the original's wire against our server", async () => {
  await using server = await startServer();
  const address = addressOf(`quic://127.0.0.1:${server.port}`);
  const dial = denoDial(address, { wire: "chat/0" });
  const link = () => dial({ signal: new AbortController().signal, attempt: 1 });
  const ada = new ClassicClient(await link(), { name: "Ada" });
  const bea = new ClassicClient(await link(), { name: "Bea" });
  await Promise.all([ada.welcome, bea.welcome]);
  const heard: string[] = [];
  const reading = (async () => {
    for await (const pdu of bea) if (pdu.type === "CHAT_MESSAGE" && heard.push(pdu.text) === 50) break;
  })();
  await Promise.all(Array.from({ length: 50 }, (_, n) => ada.send(`m${n}`)));
  await reading;
  assert.deepEqual(heard, Array.from({ length: 50 }, (_, n) => `m${n}`));
  ada.close();
  bea.close();
});
