import assert from "node:assert/strict";
import { WebBackend } from "./web-backend.ts";

Deno.test("who comes by the back door, from this machine and past the public port, is refused", async () => {
  let asked = 0;
  const backend = new WebBackend({
    certificate: null,
    handler: () => {
      asked++;
      return new Response("secret");
    },
    onTrouble: () => {},
  });
  const answer = await fetch(`http://127.0.0.1:${backend.port}/`);
  assert.equal(answer.status, 403);
  assert.doesNotMatch(await answer.text(), /secret/);
  assert.equal(asked, 0);
  await backend.shutdown();
});

// Mechanism: every byte that trickles in counts as a sign of life, so that idle times alone let anybody hold all
// connections of the TCP port for good ("slowloris"), by plain HTTP and by TLS.
Deno.test("a visitor that comes to nothing is let go, however alive it is; a WebSocket stays", async () => {
  const handler = (request: Request) =>
    request.headers.has("upgrade") ? Deno.upgradeWebSocket(request).response : new Response("hello");
  const backend = new WebBackend({ certificate: null, handler, onTrouble: () => {} });
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  let nowMs = 0;
  const timing = { clock: () => nowMs, idleMs: 1e9, requestMs: 100, answerMs: 1_000 };
  const caller = { remote: "", loopback: true, secure: false };
  const visit = async (words: string) => {
    const [visitor, client] = await Promise.all([
      Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port }),
      listener.accept(),
    ]);
    const splice = await backend.take(client, new TextEncoder().encode(words), caller, timing);
    return { visitor, splice };
  };
  const heads = "GET / HTTP/1.1\r\nHost: localhost\r\n";
  const slow = await visit("GET / HTTP/1.1\r\nX: ");
  const quick = await visit(`${heads}\r\n`);
  const chat = await visit(
    `${heads}Connection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n` +
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
  );
  for (const { visitor } of [quick, chat]) await visitor.read(new Uint8Array(1));
  const isOver = async ({ splice }: typeof slow) =>
    await Promise.race([
      splice.done.then(() => true),
      new Promise<false>((resolve) => setTimeout(resolve, 20, false)),
    ]);
  const all = async () => [await isOver(slow), await isOver(quick), await isOver(chat)];
  await slow.visitor.write(new TextEncoder().encode("x"));
  nowMs = 100;
  backend.sweep(nowMs);
  assert.deepEqual(await all(), [false, false, false]);
  nowMs = 101;
  backend.sweep(nowMs);
  assert.deepEqual(await all(), [true, false, false]);
  nowMs = 1_001;
  backend.sweep(nowMs);
  assert.deepEqual(await all(), [true, true, false]);
  backend.closeVisits();
  await chat.splice.done;
  for (const { visitor } of [slow, quick, chat]) visitor.close();
  listener.close();
  await backend.shutdown();
});
