/** The TCP port, with requests that are almost HTTP. */
import assert from "node:assert/strict";
import { makeCertificate, makeKey } from "../../src/server/certificate/certificate.ts";
import { discoveryOf } from "../../src/server/http/discovery.ts";
import { handleHttp } from "../../src/server/http/http.ts";
import { openTcpPort } from "../../src/server/http/tcp-port.ts";
import type { Seeded } from "../fixtures/seeded.ts";

/** No answer in this time: it waits for more. */
const ANSWER_MS = 2_000;

export interface FuzzedPort {
  /** One request; gives 1. */
  ask(random: Seeded): Promise<number>;
  close(): Promise<void>;
}

/** A server for its own machine, of which only the HTTP side is there. */
export async function openFuzzedPort(): Promise<FuzzedPort> {
  const troubles: string[] = [];
  const certificate = await makeCertificate({
    key: await makeKey(),
    names: ["localhost"],
    notBeforeMs: Date.now() - 1_000,
    days: 1,
  });
  const tcp = openTcpPort({
    hostname: "127.0.0.1",
    port: 0,
    certificate,
    onTrouble: (event, says) => troubles.push(`${event}: ${says}`),
    handler: (request, caller) =>
      handleHttp(request, caller, {
        rules: { loopbackOnly: true },
        refusal: () => null,
        discovery: () => discoveryOf({ version: "0", open: true, hashes: [], keyHash: "k" }),
        metrics: () => Promise.resolve("# metrics\n"),
        metricsForAll: false,
        peers: null,
        page: null,
        upgrade: () => new Response("would be a WebSocket", { status: 299 }),
      }),
  });
  return {
    async ask(random) {
      const request = fuzzedRequest(random, tcp.port);
      judge(request, await answerTo(tcp.port, request.bytes));
      assert.deepEqual(troubles, []);
      return 1;
    },
    close: () => tcp.close(0),
  };
}

interface FuzzedRequest {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Whether it is as it was made: no byte was changed. */
  readonly isWhole: boolean;
  readonly host: string;
  readonly origin: string;
}

const ODD = [
  "\0",
  "%00",
  "..",
  "%2e%2e",
  "..%2f",
  "\\",
  "//",
  "/",
  "?",
  "#",
  "\r",
  "\n",
  "\t",
  " ",
  "\xff",
  "x".repeat(5_000),
  ":",
  "@",
  "%",
];

function fuzzedRequest(random: Seeded, port: number): FuzzedRequest {
  const own = `127.0.0.1:${port}`;
  const host = random.pick([
    own,
    own,
    `localhost:${port}`,
    "evil.example",
    `${own}@evil.example`,
    "[::1",
    "",
    "127.0.0.1.evil.example",
  ]) ?? own;
  const origin = random.pick([
    "",
    `http://${own}`,
    "https://evil.example",
    "null",
    `http://${own}.evil.example`,
    `http://${own}/`,
  ]) ?? "";
  let path =
    random.pick(["/", "/healthz", "/metrics", "/quicchat/1", "/.well-known/quicchat", "/assets/main.js"]) ??
      "/";
  for (let odd = random.from(0, 3); odd > 0; odd--) {
    const at = random.from(0, path.length);
    path = path.slice(0, at) + (random.pick(ODD) ?? "") + path.slice(at);
  }
  const lines = [
    `${random.pick(["GET", "GET", "GET", "HEAD", "POST", "OPTIONS", "CONNECT", "GE T", "\x01"])} ${path} ${
      random.pick(["HTTP/1.1", "HTTP/1.1", "HTTP/1.0", "HTTP/2.0", "HTTP/9"])
    }`,
    `Host: ${host}`,
    ...(origin === "" ? [] : [`Origin: ${origin}`]),
    ...(random.next() < 0.5 ? ["Connection: upgrade", "Upgrade: websocket"] : []),
    ...(random.next() < 0.2
      ? [`Content-Length: ${random.pick(["0", "5", "-1", "+5", "99999999999999999999", "5, 5"])}`]
      : []),
    ...(random.next() < 0.2
      ? [`Transfer-Encoding: ${random.pick(["chunked", "identity", "chunked, chunked", "\x0bchunked"])}`]
      : []),
    ...(random.next() < 0.1 ? ["X-Odd: " + (random.pick(ODD) ?? "")] : []),
    ...(random.next() < 0.05 ? Array.from({ length: 200 }, () => "X: y") : []),
  ];
  const bytes = Uint8Array.from(`${lines.join("\r\n")}\r\n\r\n`, (char) => char.charCodeAt(0));
  const isWhole = random.next() < 0.6;
  if (!isWhole) {
    for (let i = random.from(1, 5); i > 0; i--) {
      bytes[random.from(0, bytes.length - 1)] = random.from(0, 255);
    }
  }
  return { bytes, isWhole, host, origin };
}

async function answerTo(port: number, bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const timer = setTimeout(() => connection.close(), ANSWER_MS);
  try {
    await connection.write(bytes);
    await connection.closeWrite();
    return await new Response(connection.readable).text();
  } catch {
    return ""; // hung up on
  } finally {
    clearTimeout(timer);
  }
}

function judge({ isWhole, host, origin }: FuzzedRequest, answer: string): void {
  if (answer === "") return;
  const status = Number(/^HTTP\/1\.[01] (\d{3}) /.exec(answer)?.[1] ?? NaN);
  // HTTP/2 was begun: its own frames.
  if (Number.isNaN(status)) return;
  assert(status < 500, `${status} for what a stranger may send`);
  if (!isWhole) return;
  const isOurs = /^(127\.0\.0\.1|localhost)(:\d+)?$/.test(host);
  if (status < 300 && host !== "") assert(isOurs, `${status} for the host ${host}`);
  if (status === 299) {
    assert(origin === "" || origin === `http://${host}`, `a WebSocket for ${origin} at ${host}`);
  }
}
