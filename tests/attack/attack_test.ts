/** Every attack in short, a few at a time, on one server. `npm run attack -- --size long` is the whole of it;
 * its figures are in docs/security.md. */
import assert from "node:assert/strict";
import { startServer } from "../e2e/running-server.ts";
import { WAYS, WireClient } from "../fixtures/wire-client.ts";
import { residentMb } from "../fixtures/memory.ts";
import { type AttackName, ATTACKS, isAttack } from "./attacks.ts";
import { forceOf } from "./forces.ts";
import { complaintsOf, linesOf, type Report, Siege } from "./siege.ts";

/** Others use this machine too, and attackers and honest clients share its processors with the server: a bound for
 * "nobody is kept waiting for long", not a measurement. */
const P99_MS_MAX = 3_000;
/** Of all of it together. V8 and the allocator keep what they once had, and a peer that does not read holds 13 MB (docs/security.md). */
const GROWTH_MB_MAX = 500;

const NAMES: readonly AttackName[] = Object.keys(ATTACKS).filter(isAttack);
/** The bar of the flood of handshakes is for a fresh server. */
const FIRST: AttackName = "initial flood";
/** At once: each starts a process, and the tests have little time. */
const GROUP = 5;

function groups(): AttackName[][] {
  const rest = NAMES.filter((name) => name !== FIRST);
  const all: AttackName[][] = [[FIRST]];
  for (let at = 0; at < rest.length; at += GROUP) all.push(rest.slice(at, at + GROUP));
  return all;
}

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
  for (const names of groups()) {
    const report = await siege.attack(
      names.map((attack) => ({ attack, force: forceOf(attack, "short", 1) })),
    );
    console.log(linesOf(report));
    assert(report.waits.p99Ms < P99_MS_MAX, `${names}: the two waited ${report.waits.p99Ms} ms`);
    assert.deepEqual(complaintsOf(server.output(), NAMES), []);
    reports.push(report);
  }
  const after = await siege.calm();
  console.log(`after: p50 ${after.p50Ms.toFixed(1)}, p99 ${after.p99Ms.toFixed(0)} ms`);
  await siege.end();
  assert.equal(server.pid, pid);
  const flood = reports[0];
  assert(flood !== undefined && flood.peakMb < 250, `${flood?.peakMb} MB in a flood of handshakes`);
  for (const way of ["quic", "any"] as const) {
    const tried = reports.reduce((sum, { newcomers }) => sum + newcomers[way].tried, 0);
    const came = reports.reduce((sum, { newcomers }) => sum + newcomers[way].in, 0);
    assert(tried > 0 && came / tried > 0.9, `${came} of ${tried} newcomers got in by ${way}`);
  }
  const grownMb = residentMb(pid) - startMb;
  console.log(`the server grew by ${grownMb.toFixed(0)} MB`);
  assert(grownMb < GROWTH_MB_MAX);
  for (const way of WAYS) await (await WireClient.enter(server, "late", { way })).leave();
  assert.equal(await server.stop(), 0);
}
