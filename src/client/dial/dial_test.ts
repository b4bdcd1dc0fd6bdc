import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { VirtualClock } from "../../transport/clock.ts";
import type { Link } from "../../transport/link.ts";
import { memoryPair } from "../../transport/memory-link.ts";
import { type Address, addressOf } from "./address.ts";
import { BACKOFF, Backoff } from "./backoff.ts";
import { browserDial, type BrowserDialers } from "./dial-browser.ts";
import { denoDial, type DenoDialers, type DenoDialOptions } from "./dial-deno.ts";
import { DialRace } from "./dial-race.ts";
import { KnownServers } from "./known-servers.ts";
import { seeded, within } from "../../../tests/fixtures/scripted-server.ts";

const HASH = "A".repeat(43);
const OTHER_HASH = `${"B".repeat(42)}A`;

function linkOn(clock: VirtualClock): Link {
  return memoryPair({ clock, random: seeded(1) }).client;
}

const never = () => new AbortController().signal;
const attempt = () => ({ signal: never(), attempt: 1 });

Deno.test("addresses: servers, invites, raw QUIC, IPv6; nonsense says what to do and keeps the token secret", () => {
  const pick = ({ scheme, hostname, port, origin }: Address) => [scheme, hostname, port, origin];
  const cases: [string, unknown[]][] = [
    ["http://localhost:4433", ["http", "localhost", 4433, "http://localhost:4433"]],
    ["https://chat.example", ["https", "chat.example", 443, "https://chat.example"]],
    ["https://[::1]:4433/", ["https", "::1", 4433, "https://[::1]:4433"]],
    ["quic://10.0.0.7", ["quic", "10.0.0.7", 4433, "quic://10.0.0.7:4433"]],
    ["quic://[fe80::1]:443", ["quic", "fe80::1", 443, "quic://[fe80::1]:443"]],
  ];
  for (const [url, wanted] of cases) assert.deepEqual(pick(addressOf(url)), wanted);
  const invited = addressOf(`https://10.0.0.7:4433/#invite=s3cret&key=${HASH}`);
  assert.deepEqual([invited.token, invited.keyHash], ["s3cret", HASH]);
  assert.throws(() => addressOf("https://10.0.0.7:4433/#invite=s3cret%&key=x"), (thrown) => {
    assert.ok(thrown instanceof Error && thrown.name === "bad-address" && !thrown.message.includes("s3cret"));
    return true;
  });
  assert.throws(() => addressOf("ftp://x"), { name: "bad-address" });
});

Deno.test("backoff: doubles up to its cap, anywhere below it, anew after a connection that lived", () => {
  const backoff = new Backoff();
  const ceilings = Array.from({ length: 9 }, () => backoff.next(1));
  assert.deepEqual(ceilings, [250, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000]);
  assert.equal(backoff.next(0), 0);
  assert.equal(backoff.next(0, 700), 700, "what the server asks for");
  backoff.ended(BACKOFF.livedMs - 1);
  assert.equal(backoff.next(0.5), 7_500);
  backoff.ended(BACKOFF.livedMs);
  assert.equal(backoff.attempt, 1);
  assert.equal(backoff.next(0.5), 125);
});

Deno.test("the race: a head start for the better way, a shorter one after it failed, the loser called off", async () => {
  const clock = new VirtualClock();
  const race = new DialRace(clock);
  const began: string[] = [];
  const calledOff: string[] = [];
  const way = (name: string, afterMs: number, fails = false) => (signal: AbortSignal) => {
    signal.addEventListener("abort", () => calledOff.push(`${name} at ${clock.nowMs()}`));
    began.push(`${name}@${clock.nowMs()}`);
    return new Promise<Link>((resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason));
      clock.after(afterMs, () => fails ? reject(new Error(`${name} failed`)) : resolve(linkOn(clock)));
    });
  };
  await within(clock, race.run(way("udp", 2_499), way("tcp", 10), never()));
  await within(clock, race.run(way("udp", 1e9), way("tcp", 10), never()));
  assert.deepEqual(calledOff, ["udp at 5009"], "of the second race; in the first there was no other yet");
  const afterwards = clock.nowMs();
  await within(clock, race.run(way("udp", 1e9), way("tcp", 10), never()));
  await within(clock, race.run(way("udp", 100), way("tcp", 10), never()));
  const cured = clock.nowMs();
  await within(clock, race.run(way("udp", 5, true), way("tcp", 10), never()));
  assert.deepEqual(began, [
    "udp@0",
    "udp@2499",
    "tcp@4999",
    `udp@${afterwards}`,
    `tcp@${afterwards + 300}`,
    `udp@${afterwards + 310}`,
    `udp@${cured}`,
    `tcp@${cured + 5}`,
  ]);
  await assert.rejects(
    within(clock, race.run(way("udp", 5, true), way("tcp", 9, true), never())),
    /udp failed; and tcp failed/,
  );
  const abort = new AbortController();
  const called = race.run(way("udp", 1e9), way("tcp", 1e9), abort.signal);
  abort.abort(new Error("enough"));
  await assert.rejects(called, /enough/);
});

Deno.test("a browser asks for the hashes each time, and does without WebTransport or UDP", async () => {
  const clock = new VirtualClock();
  const asked: string[] = [];
  const dialled: unknown[] = [];
  const dialers: BrowserDialers = {
    hasWebTransport: true,
    hasWebSocket: true,
    fetch(url) {
      asked.push(url);
      const value = (asked.length % 2 === 1 ? "ab" : "cd").repeat(32);
      return Promise.resolve(Response.json({ certificateHashes: [{ algorithm: "sha-256", value }] }));
    },
    webTransport(url, options) {
      dialled.push([String(url), options?.certificateHashes?.[0]?.[31]]);
      return Promise.resolve(linkOn(clock));
    },
    webSocket(url) {
      dialled.push([String(url)]);
      return Promise.resolve(linkOn(clock));
    },
  };
  const address = addressOf("http://localhost:4433");
  const dial = browserDial(address, { clock }, dialers);
  await within(clock, dial(attempt()));
  await within(clock, dial(attempt()));
  await within(clock, browserDial(address, { clock }, { ...dialers, hasWebTransport: false })(attempt()));
  const down = () => Promise.resolve(new Response("", { status: 502 }));
  await within(clock, browserDial(address, { clock }, { ...dialers, fetch: down })(attempt()));
  assert.deepEqual(asked, Array(2).fill("http://localhost:4433/.well-known/quicchat"));
  assert.deepEqual(dialled, [
    ["https://127.0.0.1:4433/quicchat/1", 0xab],
    ["https://127.0.0.1:4433/quicchat/1", 0xcd],
    ["http://localhost:4433/quicchat/1"],
    ["http://localhost:4433/quicchat/1"],
  ]);
  await assert.rejects(browserDial(addressOf("quic://x"), { clock }, dialers)(attempt()), {
    name: "bad-address",
  });
});

Deno.test("a browser's WebTransport goes where the discovery says, and to localhost by its address if pinned", async () => {
  const clock = new VirtualClock();
  const dialledWith = async (url: string, discovery: object) => {
    let dialled = "";
    const dialers: BrowserDialers = {
      hasWebTransport: true,
      hasWebSocket: true,
      fetch: () => Promise.resolve(Response.json(discovery)),
      webTransport(url) {
        dialled = String(url);
        return Promise.resolve(linkOn(clock));
      },
      webSocket: () => Promise.reject(new Error("not wanted")),
    };
    await within(clock, browserDial(addressOf(url), { clock }, dialers)(attempt()));
    return dialled;
  };
  const pinned = { certificateHashes: [{ algorithm: "sha-256", value: "ab".repeat(32) }] };
  // Chromium takes localhost for ::1 first, where a server on 127.0.0.1 does not listen on UDP.
  assert.equal(await dialledWith("http://chat.localhost:1", pinned), "https://127.0.0.1:1/quicchat/1");
  assert.equal(await dialledWith("http://[::1]:1", pinned), "https://[::1]:1/quicchat/1");
  // A certificate that is vouched for is vouched for by its name.
  assert.equal(await dialledWith("https://localhost:1", {}), "https://localhost:1/quicchat/1");
  const elsewhere = { ...pinned, webTransport: "https://chat.example:4433/quicchat/1" };
  assert.equal(await dialledWith("http://127.0.0.1:1", elsewhere), elsewhere.webTransport);
});

/** Dials with a server that shows a certificate with this key; returns what was trusted. */
async function trusting(
  url: string,
  options: DenoDialOptions,
  shown: { keyHash: string; vouched?: boolean } | null,
): Promise<unknown> {
  const clock = new VirtualClock();
  const certificateHash = new Uint8Array(32);
  let trusted: unknown = null;
  const dialers: DenoDialers = {
    leaf: () =>
      shown === null ? Promise.reject(new Error("no TLS there")) : Promise.resolve({
        pem: "PEM",
        certificateHash,
        keyHash: shown.keyHash,
        vouched: shown.vouched ?? false,
      }),
    quic({ certificateHashes, caCerts }) {
      trusted = certificateHashes !== undefined ? "hash" : caCerts ?? "roots";
      return Promise.resolve(linkOn(clock));
    },
    webSocket: () => Promise.reject(new Error("not wanted")),
  };
  await within(clock, denoDial(addressOf(url), { clock, ...options }, dialers)(attempt()));
  return trusted;
}

Deno.test("whom to trust: a pinned key above all, then the system's roots, then the first meeting", async () => {
  const key = { keyHash: HASH };
  const refused = { name: "key-changed" };
  assert.equal(await trusting(`https://x:1/#key=${HASH}`, {}, key), "hash");
  await assert.rejects(trusting(`https://x:1/#key=${OTHER_HASH}`, {}, { ...key, vouched: true }), refused);
  await assert.rejects(trusting("https://x:1", { keyHash: OTHER_HASH }, key), refused);
  assert.equal(await trusting("https://x:1", {}, { ...key, vouched: true }), "roots");
  assert.deepEqual(await trusting("https://x:1", { caPem: "CA" }, null), ["CA"]);
  assert.equal(await trusting("https://x:1", { insecure: true }, null), "roots");
  await assert.rejects(trusting("https://x:1", {}, null), /no TLS there/);
  await assert.rejects(trusting("quic://x:1", { wire: "chat/0" }, null), /--ca.*--insecure/);
  const knownServers = new KnownServers(null);
  assert.equal(await trusting("https://x:1", { knownServers }, key), "hash");
  assert.equal(await trusting("quic://x:1", { knownServers }, key), "hash");
  await assert.rejects(trusting("https://x:1", { knownServers }, { keyHash: OTHER_HASH }), refused);
  await assert.rejects(trusting("http://x:1", { knownServers }, { keyHash: OTHER_HASH }), refused);
  assert.equal(await trusting("https://x:2", { knownServers }, { keyHash: OTHER_HASH }), "hash");
  assert.equal(await trusting("http://localhost:1", { knownServers }, { keyHash: OTHER_HASH }), "hash");
  assert.equal(await knownServers.keyHashOf("localhost:1"), null, "nobody sits between a machine and itself");
});

Deno.test("known servers: a private file that people may edit", async () => {
  const directory = await mkdtemp(join(tmpdir(), "quicchat-known-"));
  try {
    const path = join(directory, "deep", "known-servers");
    const known = new KnownServers(path);
    assert.equal(await known.keyHashOf("x:1"), null);
    await known.remember("x:1", HASH);
    await known.remember("[::1]:2", OTHER_HASH);
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    await writeFile(
      path,
      `# mine\n  x:1   ${OTHER_HASH}  \nx:1 rubbish\n${await readFile(path, "utf8")}x:3 ${HASH}`,
    );
    await known.remember("x:4", HASH);
    const again = new KnownServers(path);
    const found = await Promise.all(
      ["x:1", "[::1]:2", "x:3", "x:4", "x:5"].map((one) => again.keyHashOf(one)),
    );
    assert.deepEqual(found, [HASH, OTHER_HASH, HASH, HASH, null]);
    assert.ok(again.changed("x:1").includes(path));
  } finally {
    await rm(directory, { recursive: true });
  }
});
