/** Twenty real peers, all connected to all, who talk at once. At full size: npm run bench -- peers. */
import assert from "node:assert/strict";
import { PeerGroup, shown, until } from "../fixtures/peer-group.ts";
import { whyNoPeers } from "../fixtures/rogue.ts";

const whyNot = whyNoPeers();
if (whyNot !== null) console.log(`skipped: twenty peers: ${whyNot}`);

const PEERS = 20;
const EACH = 100;
const MB = 1_048_576;

Deno.test("peers: twenty who talk at once show the same messages in the same order, each once", {
  ignore: whyNot !== null,
}, async () => {
  const startMs = performance.now();
  await using group = await PeerGroup.of(PEERS, PEERS * EACH);
  // From here on the timelines follow.
  for (const { room } of group.seats) room.timeline;
  await group.isWhole(60_000);
  const wholeMs = performance.now();
  await group.talk(EACH);
  await group.have(PEERS * EACH, 60_000);
  const doneMs = performance.now();
  const whole = (texts: readonly string[]) => texts.length === PEERS * EACH;
  await until("all show all", 20_000, () => group.seats.every((seat) => whole(shown(seat))));
  const resident = group.seats.map(({ peer }) => peer.memoryBytes() / MB);
  console.log(
    `${PEERS} peers: all connected after ${((wholeMs - startMs) / 1_000).toFixed(1)} s, ${
      PEERS * EACH
    } messages at all ${((doneMs - wholeMs) / 1_000).toFixed(1)} s after the first; resident ${
      Math.min(...resident).toFixed(0)
    } to ${Math.max(...resident).toFixed(0)} MB`,
  );
  const [first = [], ...others] = group.seats.map(shown);
  assert.equal(new Set(first).size, PEERS * EACH);
  for (const other of others) assert.deepEqual(other, first);
});
