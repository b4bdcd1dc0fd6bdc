/** Every attack in short, one after the other, on one server. `npm run attack -- --size long` is the whole of it;
 * its figures are in docs/security.md. */
import assert from "node:assert/strict";
import { startServer } from "../e2e/running-server.ts";
import { WAYS, WireClient } from "../fixtures/wire-client.ts";
import { residentMb } from "../fixtures/memory.ts";
import { type AttackName, ATTACKS, isAttack } from "./attacks.ts";
import { forceOf } from "./forces.ts";
import { complaintsOf, lineOf, type Report, Siege } from "./siege.ts";

/** Others use this machine too, and attackers and honest clients share its processors with the server: a bound for
 * "nobody is kept waiting for long", not a measurement. */
const P99_MS_MAX = 3_000;
/** Of all of it together. V8 and the allocator keep what they once had, and a peer that does not read holds 13 MB (docs/security.md). */
const GROWTH_MB_MAX = 500;

const NAMES: readonly AttackName[] = Object.keys(ATTACKS).filter(isAttack);
/** The bar of the flood of handshakes is for a fresh server. */
const FIRST: AttackName = "initial flood";

const skip = Deno.build.os === "linux" ? "" : " (skipped: needs Linux, where 127.0.0.2 is this machine too)";

Deno.test({ name: `a server withstands every attack${skip}`, ignore: skip !== "", fn: withstandsAll });

async function withstandsAll(): Promise<void> {
  await using server = await startServer();
  const { pid } = server;
  const siege = await Siege.begin(server);
  const before = await siege.calm();
  const startMb = residentMb(pid);
  console.log(`before: p50 ${before.p50Ms.toFixed(1)}, p99 ${before.p99Ms.toFixed(0)} ms`);
  const reports: Report[] = [];
  for (const name of [FIRST, ...NAMES.filter((name) => name !== FIRST)]) {
    const report = await siege.attack(name, forceOf(name, "short", 1));
    console.log(lineOf(report));
    assert(report.waits.p99Ms < P99_MS_MAX, `${name}: the two waited ${report.waits.p99Ms} ms`);
    assert.deepEqual(complaintsOf(server.output(), "empty datagrams"), []);
    reports.push(report);
  }
  const after = await siege.calm();
  console.log(`after: p50 ${after.p50Ms.toFixed(1)}, p99 ${after.p99Ms.toFixed(0)} ms`);
  await siege.end();
  assert.equal(server.pid, pid);
  const flood = reports.find(({ attack }) => attack === FIRST);
  assert(flood !== undefined && flood.peakMb < 250, `${flood?.peakMb} MB in a flood of handshakes`);
  for (const way of ["quic", "any"] as const) {
    const tried = reports.reduce((sum, { newcomers }) => sum + newcomers[way].tried, 0);
    const came = reports.reduce((sum, { newcomers }) => sum + newcomers[way].in, 0);
    assert(tried > NAMES.length && came / tried > 0.9, `${came} of ${tried} newcomers got in by ${way}`);
  }
  const grownMb = residentMb(pid) - startMb;
  console.log(`the server grew by ${grownMb.toFixed(0)} MB`);
  assert(grownMb < GROWTH_MB_MAX);
  for (const way of WAYS) await (await WireClient.enter(server, "late", { way })).leave();
  assert.equal(await server.stop(), 0);
}
