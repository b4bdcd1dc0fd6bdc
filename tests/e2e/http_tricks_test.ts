/** Requests that are meant to be misunderstood, said byte by byte to the real server. */
import assert from "node:assert/strict";
import { type RunningServer, startServer } from "./running-server.ts";

/** Without a word for so long the answer is over: the connection is kept for the next request. */
const QUIET_MS = 300;

/** Everything that comes back; "" where the server hangs up without a word. */
async function say({ port }: RunningServer, words: string): Promise<string> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const bytes = Uint8Array.from(words, (char) => char.charCodeAt(0));
  let answer = "";
  let timer = setTimeout(() => connection.close(), 5_000);
  try {
    for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
    const buffer = new Uint8Array(65_536);
    for (let length; (length = await connection.read(buffer)) !== null;) {
      answer += String.fromCharCode(...buffer.subarray(0, length));
      clearTimeout(timer);
      timer = setTimeout(() => connection.close(), QUIET_MS);
    }
    clearTimeout(timer);
    connection.close();
  } catch {
    clearTimeout(timer); // reset, or closed by the timer
  }
  return answer;
}

const statuses = (answer: string) =>
  [...answer.matchAll(/HTTP\/1\.[01] (\d{3}) /g)].map(([, status]) => Number(status));

Deno.test("requests that say two things are refused, and what follows them is not heard", async () => {
  await using server = await startServer();
  const host = `Host: 127.0.0.1:${server.port}\r\n`;
  const smuggled = `GET /metrics HTTP/1.1\r\n${host}\r\n`;
  const post = (headers: string, body: string) => `POST /healthz HTTP/1.1\r\n${host}${headers}\r\n${body}`;
  const cases: readonly [what: string, words: string][] = [
    ["both lengths", post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", `0\r\n\r\n${smuggled}`)],
    ["two lengths", post("Content-Length: 5\r\nContent-Length: 6\r\n", `abcde${smuggled}`)],
    ["a signed length", post("Content-Length: +5\r\n", `abcde${smuggled}`)],
    ["an odd coding", post("Transfer-Encoding: xchunked\r\n", `0\r\n\r\n${smuggled}`)],
    ["a bad chunk", post("Transfer-Encoding: chunked\r\n", `zz\r\n${smuggled}`)],
    ["a chunk without end", post("Transfer-Encoding: chunked\r\n", `fffffffffffffffff\r\n${smuggled}`)],
    ["two hosts", `GET / HTTP/1.1\r\n${host}Host: evil.example\r\n\r\n${smuggled}`],
    ["a space before the colon", `GET / HTTP/1.1\r\nHost : x\r\n\r\n${smuggled}`],
    ["a folded line", `GET / HTTP/1.1\r\n${host}X: a\r\n b\r\n\r\n${smuggled}`],
    ["NUL in the path", `GET /\0 HTTP/1.1\r\n${host}\r\n${smuggled}`],
    ["NUL in a header", `GET / HTTP/1.1\r\n${host}X: a\0b\r\n\r\n${smuggled}`],
    ["a control in the method", `G\x01T / HTTP/1.1\r\n${host}\r\n${smuggled}`],
    ["a path of 70,000 characters", `GET /${"a".repeat(70_000)} HTTP/1.1\r\n${host}\r\n${smuggled}`],
    ["a header of 1 MB", `GET / HTTP/1.1\r\n${host}X: ${"a".repeat(1_000_000)}\r\n\r\n${smuggled}`],
    ["10,000 headers", `GET / HTTP/1.1\r\n${host}${"X: a\r\n".repeat(10_000)}\r\n${smuggled}`],
  ];
  for (const [what, words] of cases) {
    const answer = await say(server, words);
    assert(
      statuses(answer).every((status) => status >= 400 && status < 500),
      `${what}: ${answer.slice(0, 200)}`,
    );
    assert.doesNotMatch(answer, /quicchat_sessions/, what);
  }
  assert.deepEqual(statuses(await say(server, `GET /healthz HTTP/1.1\r\n${host}\r\n`)), [200]);
});

Deno.test("no path leads to a file that is not the page's", async () => {
  await using server = await startServer();
  const paths = [
    "/../../etc/passwd",
    "/..%2f..%2fetc/passwd",
    "/%2e%2e/%2e%2e/etc/passwd",
    "/assets/../../../log.sqlite",
  ];
  const more = [
    "/%00",
    "/\\..\\..\\etc\\passwd",
    "//etc/passwd",
    "/.//..//etc/passwd",
    "/assets/..;/token",
    "/log.sqlite",
    "/token",
  ];
  for (const path of [...paths, ...more]) {
    const answer = await say(server, `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\n\r\n`);
    assert.deepEqual(statuses(answer), [404], path);
  }
});

Deno.test("a page of another site opens no WebSocket, and its own name for this machine no door", async () => {
  await using server = await startServer();
  const own = `127.0.0.1:${server.port}`;
  const ask = (host: string, origin: string) =>
    say(
      server,
      `GET /quicchat/1 HTTP/1.1\r\nHost: ${host}\r\nOrigin: ${origin}\r\nConnection: upgrade\r\nUpgrade: websocket\r\n` +
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    );
  for (
    const origin of [
      "https://evil.example",
      "null",
      `http://${own}.evil.example`,
      `http://evil.example@${own}`,
    ]
  ) {
    assert.deepEqual(statuses(await ask(own, origin)), [403], origin);
  }
  for (const host of ["evil.example", `evil.example:${server.port}`, "127.0.0.1.evil.example"]) {
    assert.deepEqual(statuses(await ask(host, `http://${host}`)), [421], host);
    assert.deepEqual(statuses(await say(server, `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`)), [421], host);
  }
  const answer = await ask(own, `http://${own}`);
  assert.deepEqual(statuses(answer), [101]);
  // What is packed could grow without bound when it is unpacked: it is not offered.
  assert.doesNotMatch(answer, /sec-websocket-extensions/i);
});
