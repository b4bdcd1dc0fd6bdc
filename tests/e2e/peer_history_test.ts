/** A group of twenty with a long history: how fast a newcomer catches up, and what it takes in memory. */
import assert from "node:assert/strict";
import { Client, connect } from "../../src/client/mod.ts";
import { parseTicket } from "../../src/peer/ticket.ts";
import { HERE } from "../fixtures/hosts.ts";
import { HandAuthor } from "../fixtures/peer-author.ts";
import { Rogue, whyNoPeers } from "../fixtures/rogue.ts";
import { RunningPeer } from "../fixtures/running-peer.ts";

const whyNot = whyNoPeers();
if (whyNot !== null) console.log(`skipped: a long history: ${whyNot}`);

const MEMBERS = 19;
/** Of all of them together. The bar speaks of 100,000: QUICCHAT_PEER_EVENTS=100000. */
const EVENTS = Number(Deno.env.get("QUICCHAT_PEER_EVENTS") ?? 11_400);
const MB = 1_048_576;

async function headOf(client: Client): Promise<number> {
  return (await client.rooms()).find(({ room }) => room === "lobby")?.head ?? 0;
}

async function untilHead(client: Client, head: number): Promise<void> {
  const untilMs = performance.now() + 300_000;
  while (await headOf(client) < head) {
    if (performance.now() > untilMs) {
      throw new Error(`only ${await headOf(client)} of ${head} came within 300 s`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

Deno.test(
  `peers: a newcomer catches up with ${EVENTS} events of 19 members`,
  { ignore: whyNot !== null },
  async () => {
    const directory = await Deno.makeTempDir({ prefix: "quicchat-peers-" });
    await using ann = await new RunningPeer(HERE, `${directory}/ann`, ["--no-lan"]).start();
    const { group } = parseTicket(ann.ticket) ?? assert.fail();
    const atAnn = connect(ann.url, { name: "Ann" });
    const each = Math.floor(EVENTS / MEMBERS);
    const rogues: Rogue[] = [];
    // Yesterday's: everybody said something in turn.
    const startMs = Date.now() - 86_400_000;
    for (let number = 1; number <= MEMBERS; number++) {
      const author = new HandAuthor(number, undefined, group);
      const rogue = await Rogue.open(author.seed);
      rogues.push(rogue);
      await rogue.connect(ann.ticket);
      for (let at = 0; at < each; at += 100) {
        const events = Array.from({ length: Math.min(100, each - at) }, (_, more) =>
          author.sign(author.next({
            tsMs: startMs + (at + more) * MEMBERS * 10 + number,
            body: JSON.stringify({
              text: `member ${number} says something of ordinary length, ${at + more}`,
            }),
          })));
        rogue.say({ type: "PEER_EVENTS", events });
      }
    }
    await untilHead(atAnn, each * MEMBERS);
    const annBytes = ann.memoryBytes();

    const joinMs = performance.now();
    // A port that stays over a start again: one that is free now.
    const free = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const bobPort = String(free.addr.port);
    free.close();
    await using bob = await new RunningPeer(HERE, `${directory}/bob`, ["--no-lan", "--port", bobPort]).start([
      ann.ticket,
    ]);
    const atBob = connect(bob.url, { name: "Bob" });
    const servedMs = performance.now();
    await untilHead(atBob, Math.min(each, 500) * MEMBERS);
    const recentMs = performance.now();
    await untilHead(atBob, each * MEMBERS);
    const doneMs = performance.now();
    const perSecond = each * MEMBERS / ((doneMs - servedMs) / 1000);
    console.log(
      `${each * MEMBERS} events: the recent ones in ${
        ((recentMs - joinMs) / 1000).toFixed(1)
      } s from the start, all at ${perSecond.toFixed(0)} a second, ${
        (each * MEMBERS / bob.cpuSeconds()).toFixed(0)
      } for each second of processor; resident: ${
        (annBytes / MB).toFixed(0)
      } MB with ${MEMBERS} neighbours, the newcomer ${(bob.memoryBytes() / MB).toFixed(0)} MB`,
    );
    assert.ok(perSecond > 1_000, "the bar is 5,000, with room for a busy machine");
    assert.ok(annBytes < 250 * MB && bob.memoryBytes() < 250 * MB, "the bar is 200 MB, with room");

    // The older half came after the newer: once all is there, the log is made anew in the order of time.
    const anewMs = performance.now();
    for (;;) {
      if (bob.journal("log-is-made-anew").length > 0) break;
      assert.ok(performance.now() - anewMs < 60_000, "the log is made anew");
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    const stoppedMs = performance.now();
    await untilHead(atBob, each * MEMBERS);
    console.log(`the log was made anew in ${((performance.now() - stoppedMs) / 1000).toFixed(1)} s`);
    const { events } = await atBob.room("lobby", { last: 50 }).history({ limit: 50 });
    const times = events.map(({ ts }) => ts);
    assert.deepEqual(times, times.toSorted((a, b) => a - b));
    assert.ok(
      Math.abs((times.at(-1) ?? 0) * 1000 - startMs - each * MEMBERS * 10) < 1_000,
      "the newest is the last",
    );
    await Promise.all([atAnn.close(), atBob.close(), ...rogues.map((rogue) => rogue[Symbol.asyncDispose]())]);
    await Promise.all([ann.stop(), bob.stop()]);
    await Deno.remove(directory, { recursive: true });
  },
);
