/**
 * `npm run bench -- peers`: a group of real peers on this machine, each connected to all the others, with a long history.
 * All but one talk at once until the messages are there; the last joins then and catches up. What each takes of memory
 * is printed, all of them together and none of their launchers.
 *
 *     npm run bench -- peers [--peers 20] [--messages 100000]
 *
 * Of more than 10,000 messages each the rest comes slowly: peers bound what one author makes them keep.
 */
import { parseArgs } from "node:util";
import { headOf, PeerGroup } from "../../tests/fixtures/peer-group.ts";
import { whyNoPeers } from "../../tests/fixtures/rogue.ts";
import { RunningPeer } from "../../tests/fixtures/running-peer.ts";

const USAGE = "npm run bench -- peers [--peers N, 3 to 48] [--messages N, at most 1,000,000]";
const flags = asked();
const talkers = flags.peers - 1;
const each = Math.ceil(flags.messages / talkers);
const all = each * talkers;
const MB = 1_048_576;
/** For all of it to be everywhere: two cores carry each message to twenty. */
const PATIENCE_MS = 3_600_000;

/** It takes minutes: how far it is. */
const PROGRESS_MS = 60_000;

const whyNot = whyNoPeers();
if (whyNot !== null) {
  console.log(`no peers: ${whyNot}`);
  Deno.exit(1);
}

function asked(): { readonly peers: number; readonly messages: number } {
  try {
    const { values } = parseArgs({
      options: { peers: { type: "string", default: "20" }, messages: { type: "string", default: "100000" } },
    });
    const [peers, messages] = [Number(values.peers), Number(values.messages)];
    const isWhole = Number.isSafeInteger(peers) && Number.isSafeInteger(messages);
    if (isWhole && peers >= 3 && peers <= 48 && messages >= 1 && messages <= 1_000_000) {
      return { peers, messages };
    }
  } catch {
    // A flag that there is not.
  }
  console.error(USAGE);
  Deno.exit(2);
}

const seconds = (fromMs: number) => ((performance.now() - fromMs) / 1_000).toFixed(1);
const megabytes = (peer: RunningPeer) => (peer.memoryBytes() / MB).toFixed(0);

await using group = await PeerGroup.of(talkers, 1);
await group.isWhole(PATIENCE_MS);
console.log(
  `${talkers} peers, all connected; resident, MB: ${
    group.seats.map(({ peer }) => megabytes(peer)).join(" ")
  }`,
);

const talkMs = performance.now();
let peaks: number[] = [];
const watch = setInterval(() => {
  peaks = group.seats.map(({ peer }, at) => Math.max(peaks[at] ?? 0, peer.memoryBytes() / MB));
}, 500);
await group.talk(each);
console.log(`${all} messages stored by those who said them: ${seconds(talkMs)} s`);
const progress = setInterval(async () => {
  const heads = await Promise.all(group.seats.map(({ client }) => headOf(client)));
  console.log(
    `after ${seconds(talkMs)} s each has ${Math.min(...heads)} or more, and took ${
      Math.max(...peaks).toFixed(0)
    } MB or less`,
  );
}, PROGRESS_MS);
await group.have(all, PATIENCE_MS);
clearInterval(progress);
const cpu = group.seats.reduce((sum, { peer }) => sum + peer.cpuSeconds(), 0);
console.log(
  `everywhere: ${seconds(talkMs)} s; processor ${
    (cpu / all / talkers * 1_000).toFixed(3)
  } ms for each message at each peer`,
);

const joinMs = performance.now();
const newcomer = await group.join();
const servedMs = performance.now();
await group.have(all, PATIENCE_MS, [newcomer]);
const tookS = (performance.now() - servedMs) / 1_000;
console.log(
  `a newcomer has all ${seconds(joinMs)} s after its start, ${(all / tookS).toFixed(0)} a second, ${
    (all / newcomer.peer.cpuSeconds()).toFixed(0)
  } for each second of processor`,
);
clearInterval(watch);
console.log(`resident at the end, MB: ${group.seats.map(({ peer }) => megabytes(peer)).join(" ")}`);
console.log(`at most, MB: ${peaks.map((peak) => peak.toFixed(0)).join(" ")}`);
