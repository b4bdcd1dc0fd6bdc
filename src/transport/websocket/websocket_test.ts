import assert from "node:assert/strict";
import type { Link, LinkEnd } from "../link.ts";
import { realClock } from "../clock.ts";
import type { LinkTuning } from "../stream-link.ts";
import { StuckWatch } from "../stuck-watch.ts";
import { acceptWebSocket } from "./websocket-accept.ts";
import { dialWebSocket } from "./websocket-dial.ts";

async function until(what: string, isSo: () => boolean): Promise<void> {
  const deadline = performance.now() + 15_000;
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

async function serving(
  run: (url: string, link: Promise<Link>) => Promise<void>,
  tuning: LinkTuning = {},
  connection: { readonly messageEnded?: () => void; readonly hangUp?: () => void } = {},
): Promise<void> {
  const accepted = Promise.withResolvers<Link>();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    const { response, link } = acceptWebSocket(request, { remote: "test", tuning, ...connection });
    accepted.resolve(link);
    return response;
  });
  try {
    await run(`ws://127.0.0.1:${server.addr.port}/quicchat/1`, accepted.promise);
  } finally {
    await server.shutdown();
  }
}

function closed(socket: WebSocket): Promise<void> {
  return new Promise((resolve) => socket.addEventListener("close", () => resolve(), { once: true }));
}

Deno.test("frames of text and of bytes are one stream", async () => {
  await serving(async (url, accepted) => {
    const socket = new WebSocket(url, ["other", "quicchat.1"]);
    await new Promise((resolve) => socket.addEventListener("open", resolve, { once: true }));
    assert.equal(socket.protocol, "quicchat.1");
    socket.send('{"text":"gr');
    socket.send(new TextEncoder().encode("ü"));
    socket.send('n"}\n');
    const link = await accepted;
    let heard = "";
    let end: LinkEnd | null = null;
    const decoder = new TextDecoder();
    link.open({
      bytes: (chunk) => void (heard += decoder.decode(chunk, { stream: true })),
      datagram() {},
      closed: (why) => void (end = why),
    });
    await until("the line", () => heard === '{"text":"grün"}\n');
    const gone = closed(socket);
    socket.close();
    await gone;
    await until("the end", () => end !== null);
    assert.deepEqual(end, { why: "peer" });
  });
});

Deno.test("one that offers no subprotocol is served too", async () => {
  await serving(async (url, accepted) => {
    const socket = new WebSocket(url);
    await new Promise((resolve) => socket.addEventListener("open", resolve, { once: true }));
    assert.equal(socket.protocol, "");
    const gone = closed(socket);
    (await accepted).close();
    await gone;
  });
});

Deno.test("a peer that goes on sending while its bytes wait is cut off, not stored", async () => {
  await serving(async (url, accepted) => {
    const socket = new WebSocket(url);
    const gone = closed(socket);
    await new Promise((resolve) => socket.addEventListener("open", resolve, { once: true }));
    const link = await accepted;
    const ends: LinkEnd[] = [];
    let heard = 0;
    link.open({
      bytes: (chunk) => {
        heard += chunk.length;
        return new Promise(() => {});
      },
      datagram() {},
      closed: (end) => void ends.push(end),
    });
    for (let i = 0; i < 100; i++) socket.send(new Uint8Array(65_536));
    await until("the end", () => ends.length > 0);
    assert.equal(heard, 65_536);
    assert.match(JSON.stringify(ends), /"lost".*faster than they were read/);
    await gone;
  });
});

Deno.test("a peer whose socket takes no more is given little, and ends as stuck", async () => {
  await serving(async (url, accepted) => {
    const { hostname, port, pathname } = new URL(url);
    const conn = await Deno.connect({ hostname, port: Number(port) });
    await conn.write(new TextEncoder().encode(
      `GET ${pathname} HTTP/1.1\r\nHost: ${hostname}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
    ));
    // From here on it reads nothing.
    const link = await accepted;
    const ends: LinkEnd[] = [];
    link.open({ bytes() {}, datagram() {}, closed: (end) => void ends.push(end) });
    let given = 0;
    link.setSource((bytesMax) => {
      given += bytesMax;
      return new Uint8Array(bytesMax);
    });
    await until("the end", () => ends.length > 0);
    assert.deepEqual(ends, [{ why: "stuck" }]);
    // The kernel's buffers on loopback hold some megabytes; without a bound this would be all of memory.
    assert.ok(given < 50_000_000, `${given} bytes given`);
    conn.close();
  }, { limits: { stuckMs: 100 }, watch: new StuckWatch(realClock, 20) });
});

Deno.test("a peer that is still sending hears the last words, and the closing", async () => {
  await serving(async (url, accepted) => {
    const socket = new WebSocket(url);
    socket.binaryType = "arraybuffer";
    let heard = 0;
    socket.addEventListener("message", ({ data }) => void (heard += data.byteLength));
    const gone = new Promise<CloseEvent>((resolve) => socket.addEventListener("close", resolve));
    await new Promise((resolve) => socket.addEventListener("open", resolve, { once: true }));
    const link = await accepted;
    let isFirst = true;
    link.open({
      bytes: () => {
        if (isFirst) link.push(new Uint8Array(150_000));
        isFirst = false;
        link.close();
      },
      datagram() {},
      closed() {},
    });
    for (let i = 0; i < 3; i++) socket.send(new Uint8Array(131_072));
    const { code, wasClean } = await gone;
    assert.deepEqual([heard, code, wasClean], [150_000, 1000, true]);
  });
});

Deno.test("dialling nobody, or someone who speaks no WebSocket, rejects", async () => {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () => new Response("no"));
  const url = `http://127.0.0.1:${server.addr.port}/`;
  await assert.rejects(dialWebSocket(url), /no WebSocket to ws:\/\/127/);
  await server.shutdown();
  await assert.rejects(dialWebSocket(url), /no WebSocket to ws:\/\/127/);
});

Deno.test("dialling can be given up", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const controller = new AbortController();
  const dialling = dialWebSocket(`ws://127.0.0.1:${listener.addr.port}/`, { signal: controller.signal });
  // It takes the connection and says nothing.
  const conn = await listener.accept();
  controller.abort(new Error("enough"));
  await assert.rejects(dialling, /enough/);
  conn.close();
  listener.close();
  await assert.rejects(dialWebSocket("ws://127.0.0.1:1/", { signal: controller.signal }), /enough/);
  await new Promise((resolve) => setTimeout(resolve, 20));
});

Deno.test("the connection below is told of each whole message, and ended soon after the link", async () => {
  let messages = 0;
  let isHungUp = false;
  const connection = { messageEnded: () => void messages++, hangUp: () => void (isHungUp = true) };
  await serving(
    async (url, accepted) => {
      const socket = new WebSocket(url);
      await new Promise((resolve) => socket.addEventListener("open", resolve, { once: true }));
      socket.send("one");
      socket.send("two");
      const link = await accepted;
      link.open({ bytes() {}, datagram() {}, closed() {} });
      await until("two messages", () => messages === 2);
      const gone = closed(socket);
      link.close();
      await gone;
      await until("the end below", () => isHungUp);
    },
    {},
    connection,
  );
});
