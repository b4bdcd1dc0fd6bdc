/** Peers on machines of their own, on one network without internet: `quicchat peer` as a user starts it. */
import assert from "node:assert/strict";
import { BehindNat, LocalNetwork, whyNoHosts } from "../fixtures/hosts.ts";
import { peerTests } from "../fixtures/peer-tests.ts";
import { RunningPeer } from "../fixtures/running-peer.ts";

const whyNot = await whyNoHosts();
if (whyNot !== null) console.log(`skipped: peers on machines of their own: ${whyNot}`);

const test = peerTests(whyNot);

const median = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;

test("a ticket leads to the first message within 2 s, and messages take milliseconds", async (directory) => {
  await using network = await LocalNetwork.of(2);
  const [one, other] = network.hosts;
  assert.ok(one !== undefined && other !== undefined);
  await using ann = await new RunningPeer(one, `${directory}/ann`).start();
  const atAnn = await ann.person("Ann");
  await atAnn.say("first");
  const startMs = performance.timeOrigin + performance.now();
  await using bob = await new RunningPeer(other, `${directory}/bob`).start([ann.ticket]);
  const servedMs = performance.timeOrigin + performance.now();
  const atBob = await bob.person("Bob");
  const firstMs = await atBob.hears("first");
  const joinedMs = Number(Date.parse(String(bob.journal("peer-joined")[0]?.["ts"])));
  const delays: number[] = [];
  for (let at = 1; at <= 50; at++) {
    const saidMs = await atAnn.say(`tick ${at}`);
    delays.push(await atBob.hears(`tick ${at}`) - saidMs);
  }
  console.log(
    `from starting with the ticket: served ${(servedMs - startMs).toFixed(0)} ms, connected ${
      (joinedMs - startMs).toFixed(0)
    } ms, first message at a person ${
      (firstMs - startMs).toFixed(0)
    } ms (with its program's start); message p50 ${median(delays).toFixed(2)} ms`,
  );
  assert.ok(joinedMs - startMs < 2_000);
  assert.ok(median(delays) < 50, "the bar is 5 ms, with room for a busy machine");
  assert.deepEqual(await atAnn.shown(), await atBob.shown());
});

test("two that were apart and wrote 5,000 messages each are in step within 10 s", async (directory) => {
  await using network = await LocalNetwork.of(2);
  const [one, other] = network.hosts;
  assert.ok(one !== undefined && other !== undefined);
  await using ann = await new RunningPeer(one, `${directory}/ann`, ["--rate", "100000"]).start();
  await using bob = await new RunningPeer(other, `${directory}/bob`, ["--rate", "100000"]).start([
    ann.ticket,
  ]);
  const [atAnn, atBob] = [await ann.person("Ann"), await bob.person("Bob")];
  await atAnn.say("together");
  await atBob.hears("together");
  await other.plug(false);
  await Promise.all([atAnn.sayMany(5_000, "a"), atBob.sayMany(5_000, "b")]);
  assert.equal(atBob.heard.some(({ text }) => text === "a1"), false);
  await other.plug(true);
  const startMs = performance.now();
  await Promise.all([atAnn.hearsCount(10_001, 60_000), atBob.hearsCount(10_001, 60_000)]);
  const tookMs = performance.now() - startMs;
  const firstMs = (atBob.heard.find(({ text }) => text === "a1")?.atMs ?? NaN) - performance.timeOrigin -
    startMs;
  console.log(
    `10,000 messages apart: in step ${
      (tookMs / 1000).toFixed(1)
    } s after the cable, the first of them after ${(firstMs / 1000).toFixed(1)} s`,
  );
  assert.ok(tookMs < 30_000, "the bar is 10 s, with room for a busy machine");
  assert.deepEqual(await atAnn.shown(), await atBob.shown());
});

test("the first peer gone for good: the rest go on, and a newcomer joins by anybody's ticket", async (directory) => {
  await using network = await LocalNetwork.of(4);
  const [first, second, third, fourth] = network.hosts;
  assert.ok(first !== undefined && second !== undefined && third !== undefined && fourth !== undefined);
  const ann = await new RunningPeer(first, `${directory}/ann`).start();
  await using bob = await new RunningPeer(second, `${directory}/bob`, ["--no-lan"]).start([ann.ticket]);
  await using cyd = await new RunningPeer(third, `${directory}/cyd`, ["--no-lan"]).start([ann.ticket]);
  const [atBob, atCyd] = [await bob.person("Bob"), await cyd.person("Cyd")];
  const atAnn = await ann.person("Ann");
  await atAnn.say("from the first");
  await Promise.all([atBob.hears("from the first"), atCyd.hears("from the first")]);
  await ann.stop("SIGKILL");
  await first.plug(false);
  await atBob.say("still here");
  await atCyd.hears("still here");
  await using dot = await new RunningPeer(fourth, `${directory}/dot`, ["--no-lan"]).start([cyd.ticket]);
  const atDot = await dot.person("Dot");
  await Promise.all([atDot.hears("from the first"), atDot.hears("still here")]);
  await atDot.say("hello");
  await Promise.all([atBob.hears("hello"), atCyd.hears("hello")]);
  const shown = await Promise.all([atBob, atCyd, atDot].map((person) => person.shown()));
  assert.deepEqual(shown[0], shown[1]);
  assert.deepEqual(shown[0], shown[2]);
});

test("on one network members find each other though every address that they remember is wrong", async (directory) => {
  await using network = await LocalNetwork.of(2);
  const [one, other] = network.hosts;
  assert.ok(one !== undefined && other !== undefined);
  const ann = await new RunningPeer(one, `${directory}/ann`).start();
  const bob = await new RunningPeer(other, `${directory}/bob`).start([ann.ticket]);
  const before = await bob.person("Bob");
  await before.until(({ members }) => members?.length === 1, "Bob is in");
  for (let tries = 0; ann.journal("peer-joined").length === 0; tries++) {
    assert.ok(tries < 100, "they meet");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await Promise.all([ann.stop(), bob.stop()]);
  await Promise.all([one.moveTo(101), other.moveTo(102)]);
  await Promise.all([ann.start(), bob.start()]);
  const startMs = performance.now();
  const [atAnn, atBob] = [await ann.person("Ann"), await bob.person("Bob")];
  await atAnn.say("found you");
  await atBob.hears("found you", 60_000);
  console.log(`found by mDNS within ${((performance.now() - startMs) / 1000).toFixed(1)} s of both being up`);
  await Promise.all([ann.stop(), bob.stop()]);
});

test("one behind a router that translates addresses reaches one that is not, directly and with no relay", async (directory) => {
  await using nat = await BehindNat.make();
  await using ann = await new RunningPeer(nat.outside, `${directory}/ann`).start();
  await using bob = await new RunningPeer(nat.inside, `${directory}/bob`).start([ann.ticket]);
  const [atAnn, atBob] = [await ann.person("Ann"), await bob.person("Bob")];
  await atBob.say("from inside");
  await atAnn.hears("from inside");
  await atAnn.say("from outside");
  await atBob.hears("from outside");
});
