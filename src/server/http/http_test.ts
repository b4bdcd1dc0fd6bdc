import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { LIMITS } from "../../protocol/limits.ts";
import { discoveryOf } from "./discovery.ts";
import { CHAT_PATH, handleHttp, type HttpDeps } from "./http.ts";
import type { Caller } from "./web-backend.ts";

const connection = { messageEnded() {}, hangUp() {} };
const here: Caller = { ...connection, remote: "127.0.0.1:50000", loopback: true, secure: false };
const elsewhere: Caller = { ...connection, remote: "192.168.7.30:50000", loopback: false, secure: true };

const upgraded = new Response("upgraded", { status: 200 });
const deps: HttpDeps = {
  rules: { loopbackOnly: true },
  refusal: () => null,
  discovery: () => discoveryOf({ version: "0.1.0", open: true, hashes: ["ab", "cd"], keyHash: "k" }),
  metrics: () => Promise.resolve("# metrics\n"),
  metricsForAll: false,
  peers: null,
  page: null,
  upgrade: () => upgraded,
};

interface Asking {
  readonly method?: string;
  readonly host?: string;
  readonly caller?: Caller;
  readonly headers?: Record<string, string>;
  readonly deps?: Partial<HttpDeps>;
}

async function ask(path: string, asking: Asking = {}): Promise<Response> {
  const { method = "GET", host = "localhost:4433", caller = here, headers = {} } = asking;
  const request = new Request(`http://${host}${path}`, { method, headers });
  return await handleHttp(request, caller, { ...deps, ...asking.deps });
}

Deno.test("health: ok, or why not in one line", async () => {
  const well = await ask("/healthz");
  assert.deepEqual([well.status, await well.text()], [200, "ok\n"]);
  const ill = await ask("/healthz", { deps: { refusal: () => "the disk\nis full" } });
  assert.deepEqual([ill.status, await ill.text()], [503, "the disk is full\n"]);
});

Deno.test("metrics are for this machine unless allowed", async () => {
  const own = await ask("/metrics");
  assert.equal(own.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  assert.equal(await own.text(), "# metrics\n");
  const shared = { rules: { loopbackOnly: false } };
  assert.equal((await ask("/metrics", { caller: elsewhere, deps: shared })).status, 403);
  assert.equal(
    (await ask("/metrics", { caller: elsewhere, deps: { ...shared, metricsForAll: true } })).status,
    200,
  );
});

Deno.test("discovery: protocols, hashes of now and next, key, limits", async () => {
  const answer = await ask("/.well-known/quicchat");
  assert.equal(answer.headers.get("content-type"), "application/json");
  assert.deepEqual(await answer.json(), {
    version: "0.1.0",
    protocols: ["quicchat/1", "chat/0"],
    open: true,
    certificateHashes: [{ algorithm: "sha-256", value: "ab" }, { algorithm: "sha-256", value: "cd" }],
    keyHash: "k",
    limits: LIMITS,
  });
  const closed = discoveryOf({ version: "0.1.0", open: false, hashes: [], keyHash: "k" });
  assert.deepEqual(closed.protocols, ["quicchat/1"]);
});

Deno.test("the page: no script, its style allowed by hash, its address escaped", async () => {
  const answer = await ask("/", { host: "127.0.0.1:4433" });
  const html = await answer.text();
  assert.match(html, /npx quicchat chat --url "http:\/\/127\.0\.0\.1:4433"/);
  assert.doesNotMatch(html, /<script/);
  const style = /<style>([^]*)<\/style>/.exec(html)?.[1] ?? "";
  const hash = createHash("sha256").update(style).digest("base64");
  const policy = answer.headers.get("content-security-policy") ?? "";
  assert.ok(policy.includes(`style-src 'sha256-${hash}'`));
  assert.match(policy, /^default-src 'none'; .*frame-ancestors 'none'/);
  assert.doesNotMatch(policy, /unsafe/);
  const closed = { discovery: () => discoveryOf({ version: "", open: false, hashes: [], keyHash: "" }) };
  assert.match(await (await ask("/", { deps: closed })).text(), /#invite=…/);
});

Deno.test("a page from localhost may open WebTransport at 127.0.0.1, where the server listens", async () => {
  const file = { bytes: new Uint8Array(1), gzip: null, type: "text/html", etag: '"1"', cacheControl: "" };
  const policyFor = async (host: string) => {
    const answer = await ask("/", { host, deps: { page: new Map([["/", file]]) } });
    return /connect-src ([^;]*)/.exec(answer.headers.get("content-security-policy") ?? "")?.[1];
  };
  assert.equal(await policyFor("localhost:4433"), "'self' https://localhost:4433 https://127.0.0.1:4433");
  assert.equal(await policyFor("127.0.0.1:4433"), "'self' https://127.0.0.1:4433");
  assert.equal(await policyFor("[::1]:4433"), "'self' https://[::1]:4433");
});

Deno.test("every answer carries the safe headers", async () => {
  for (const path of ["/", "/healthz", "/metrics", "/.well-known/quicchat", CHAT_PATH, "/nothing"]) {
    const { headers } = await ask(path);
    assert.match(headers.get("content-security-policy") ?? "", /default-src 'none'/, path);
    assert.equal(headers.get("x-content-type-options"), "nosniff", path);
    assert.equal(headers.get("referrer-policy"), "no-referrer", path);
    assert.equal(headers.get("strict-transport-security"), null, path);
  }
});

Deno.test("a WebSocket is opened for our own page and for programs", async () => {
  const upgrade = { upgrade: "WebSocket", connection: "Upgrade" };
  for (const headers of [upgrade, { ...upgrade, origin: "http://localhost:4433" }]) {
    assert.equal(await ask(CHAT_PATH, { headers }), upgraded);
  }
  for (const origin of ["https://evil.example", "http://localhost:8080", "null"]) {
    assert.equal((await ask(CHAT_PATH, { headers: { ...upgrade, origin } })).status, 403, origin);
  }
  assert.equal((await ask(CHAT_PATH)).status, 426);
});

Deno.test("another site's name for loopback is refused, whatever it asks", async () => {
  for (const path of ["/", "/metrics", "/.well-known/quicchat", "/nothing"]) {
    assert.equal((await ask(path, { host: "rebound.example:4433" })).status, 421, path);
  }
  const headers = { upgrade: "websocket", origin: "http://rebound.example:4433" };
  assert.equal((await ask(CHAT_PATH, { host: "rebound.example:4433", headers })).status, 421);
});

Deno.test("other paths and methods", async () => {
  for (
    const path of [
      "/../etc/passwd",
      "/%2e%2e/x",
      "//healthz",
      "/healthz/",
      "/constructor",
      "/quicchat/2",
      "/HEALTHZ",
    ]
  ) {
    assert.equal((await ask(path)).status, 404, path);
  }
  for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) {
    const answer = await ask("/healthz", { method });
    assert.deepEqual([answer.status, answer.headers.get("allow")], [405, "GET, HEAD"]);
  }
  assert.equal((await ask("/healthz?x=1", { method: "HEAD" })).status, 200);
});

Deno.test("a peer's members are told to this machine's page only, and where there is no group nothing is", async () => {
  assert.equal(await (await ask("/peers")).json(), null);
  const peers = () => [{ id: "a".repeat(64), author: "b".repeat(24), name: "Ann", path: null }];
  const told = await ask("/peers", { deps: { ...deps, peers } });
  assert.deepEqual(await told.json(), peers());
  const shared = { ...deps, peers, rules: { loopbackOnly: false } };
  assert.equal((await ask("/peers", { caller: elsewhere, deps: shared })).status, 403);
});
