/** Peers on machines of their own that talk, lose each other, are killed and come back, for real. The bar is eight for
 * ten minutes: QUICCHAT_PEER_CHAOS=8x600 deno test -A tests/e2e/peer_chaos_test.ts */
import assert from "node:assert/strict";
import { LocalNetwork, whyNoHosts } from "../fixtures/hosts.ts";
import { whyNoPeers } from "../fixtures/rogue.ts";
import { type Person, RunningPeer } from "../fixtures/running-peer.ts";
import { Seeded } from "../fixtures/seeded.ts";

const whyNot = await whyNoHosts() ?? whyNoPeers();
if (whyNot !== null) console.log(`skipped: peers in trouble: ${whyNot}`);

const [COUNT = 4, SECONDS = 15] = (Deno.env.get("QUICCHAT_PEER_CHAOS") ?? "4x15").split("x").map(Number);
/** Links come back, peers dial again after at most a minute. */
const HEAL_MS = 120_000;

interface Place {
  readonly peer: RunningPeer;
  readonly host: LocalNetwork["hosts"][number];
  person: Person | null;
  isPlugged: boolean;
}

Deno.test(
  `peers: ${COUNT} of them in trouble for ${SECONDS} s show the same in the end, all that was stored, once`,
  {
    ignore: whyNot !== null,
  },
  async () => {
    const seed = Date.now() % 1_000_000;
    console.log(`seed ${seed}`);
    const chance = new Seeded(seed);
    const directory = await Deno.makeTempDir({ prefix: "quicchat-peers-" });
    await using network = await LocalNetwork.of(COUNT);
    const places: Place[] = [];
    const stored = new Set<string>();
    let said = 0;
    let crashes = 0;

    async function enter(place: Place): Promise<void> {
      place.person = await place.peer.person(`Person ${places.indexOf(place) + 1}`);
    }
    for (const [at, host] of network.hosts.entries()) {
      const place: Place = {
        peer: new RunningPeer(host, `${directory}/${at}`),
        host,
        person: null,
        isPlugged: true,
      };
      places.push(place);
      await place.peer.start(at === 0 ? [] : [places[0]?.peer.ticket ?? ""]);
      await enter(place);
    }
    /** Says something; whoever is killed meanwhile may not have stored it. */
    function say(place: Place): void {
      const text = `message ${++said} of ${places.indexOf(place) + 1}`;
      place.person?.say(text).then(() => stored.add(text), () => {});
    }

    const endMs = performance.now() + SECONDS * 1_000;
    while (performance.now() < endMs) {
      const place = chance.pick(places) ?? assert.fail();
      const roll = chance.next();
      if (roll < 0.85) say(place);
      else if (roll < 0.95) {
        place.isPlugged = !place.isPlugged;
        await place.host.plug(place.isPlugged);
      } else if (place.person !== null) {
        crashes++;
        place.person = null;
        await place.peer.stop("SIGKILL");
      } else {
        await place.peer.start();
        await enter(place);
      }
      await new Promise((resolve) => setTimeout(resolve, chance.from(0, 150)));
    }
    for (const place of places) {
      if (!place.isPlugged) await place.host.plug(true);
      if (place.person === null) {
        await place.peer.start();
        await enter(place);
      }
    }
    const healMs = performance.now();
    let shown: (readonly string[])[] = [];
    for (;;) {
      shown = await Promise.all(places.map(({ person }) => person?.shown() ?? []));
      const isSame = shown.every((lines) => JSON.stringify(lines) === JSON.stringify(shown[0]));
      const texts = new Set(shown[0]?.map((line) => line.slice(25)));
      if (isSame && [...stored].every((text) => texts.has(text))) break;
      if (performance.now() - healMs > HEAL_MS) break;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    const [first = []] = shown;
    const texts = first.map((line) => line.slice(25));
    console.log(
      `${said} said, ${stored.size} stored, ${crashes} kills; the same everywhere ${
        ((performance.now() - healMs) / 1000).toFixed(1)
      } s after healing`,
    );
    assert.equal(new Set(texts).size, texts.length, "each once");
    assert.deepEqual([...stored].filter((text) => !texts.includes(text)), [], "nothing stored is lost");
    for (const lines of shown) assert.deepEqual(lines, first, "the same order everywhere");
    await Promise.all(places.map(({ peer }) => peer.stop()));
    await Deno.remove(directory, { recursive: true });
  },
);
