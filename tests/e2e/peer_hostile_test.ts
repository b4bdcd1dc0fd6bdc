/** What strangers and members of bad will do to a peer: refused or contained, named in its journal, and nobody else is
 * disturbed. */
import assert from "node:assert/strict";
import { parseTicket } from "../../src/peer/ticket.ts";
import { HERE } from "../fixtures/hosts.ts";
import { HandAuthor } from "../fixtures/peer-author.ts";
import { Rogue, whyNoPeers } from "../fixtures/rogue.ts";
import { type Person, RunningPeer } from "../fixtures/running-peer.ts";

const whyNot = whyNoPeers();
if (whyNot !== null) console.log(`skipped: peers of bad will: ${whyNot}`);

async function until(isSo: () => boolean, what: string): Promise<void> {
  const untilMs = performance.now() + 10_000;
  while (!isSo()) {
    if (performance.now() > untilMs) throw new Error(`not within 10 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

Deno.test(
  "peers: strangers and members of bad will are contained",
  { ignore: whyNot !== null },
  async (t) => {
    const directory = await Deno.makeTempDir({ prefix: "quicchat-peers-" });
    await using ann = await new RunningPeer(HERE, `${directory}/ann`, ["--no-lan"]).start();
    await using bob = await new RunningPeer(HERE, `${directory}/bob`, ["--no-lan"]).start([ann.ticket]);
    const [atAnn, atBob] = [await ann.person("Ann"), await bob.person("Bob")];
    const { group } = parseTicket(ann.ticket) ?? assert.fail();
    let said = 0;
    /** Ann and Bob talk as if nothing were. */
    const undisturbed = async () => {
      const text = `undisturbed ${++said}`;
      await atAnn.say(text);
      await atBob.hears(text, 5_000);
    };
    const refused = (why: string) =>
      ann.journal("peer-refused").filter((line) => String(line["why"]).startsWith(why));
    const hears = (person: Person, text: string) => person.heard.some((one) => one.text === text);

    await t.step("a wrong secret", async () => {
      await using rogue = await Rogue.open(new Uint8Array(32).fill(11));
      await assert.rejects(
        rogue.connect(ann.ticket, { secrets: [{ generation: 1, secret: "0".repeat(64) }] }),
      );
      await until(() => refused("wrong-secret").length > 0, "it is named");
      await undisturbed();
    });

    await t.step("no proof, a proof of nothing, and garbage", async () => {
      for (
        const [bytes, why] of [
          ["not JSON\n", "garbage: malformed"],
          [`{"type":"PEER_PROOF","key":"${"0".repeat(16)}","proof":"${"0".repeat(64)}"}\n`, "bad-order"],
          ["x".repeat(70_000), "garbage: pdu-too-large"],
          ['{"type":"PEER_RUNS","runs":7}\n', "malformed"],
        ] as const
      ) {
        await using rogue = await Rogue.open(crypto.getRandomValues(new Uint8Array(32)));
        await rogue.connect(ann.ticket, null);
        rogue.bytes(new TextEncoder().encode(bytes));
        await until(() => refused(why).length > 0, why);
        await rogue.until(() => rogue.ended !== null);
      }
      await undisturbed();
    });

    await t.step("an event that is altered, or signed by another", async () => {
      const eve = new HandAuthor(21, undefined, group);
      await using rogue = await Rogue.open(eve.seed);
      await rogue.connect(ann.ticket);
      const [fields, signature] = eve.sign(eve.next());
      rogue.say({ type: "PEER_EVENTS", events: [[fields.with(8, ["not what was signed"]), signature]] });
      await until(() => ann.journal("peer-passes-on-forged").length > 0, "it is named");
      await rogue.until(() => rogue.ended !== null);
      await undisturbed();
      assert.equal(hears(atAnn, "not what was signed"), false);
    });

    await t.step("a gap is asked for, two events in one place end the chain for everybody", async () => {
      const eve = new HandAuthor(22, undefined, group);
      await using rogue = await Rogue.open(eve.seed);
      await rogue.connect(ann.ticket);
      const [first, second, third] = [eve.next(), eve.next(), eve.next()];
      const events = (...these: readonly (typeof first)[]) =>
        rogue.say({ type: "PEER_EVENTS", events: these.map((event) => eve.sign(event)) });
      events(first);
      events(third);
      rogue.say({ type: "PEER_RUNS", runs: [[eve.id, eve.life, 0, 3, "0".repeat(32), null]] });
      const asked = () => rogue.heard.find((pdu) => pdu.type === "PEER_ASK" && pdu.author === eve.id);
      await rogue.until(() => asked() !== undefined);
      assert.equal(hears(atAnn, "message 3"), false);
      const ask = asked();
      assert.ok(ask?.type === "PEER_ASK");
      const signed = [first, second, third].map((event) => eve.sign(event));
      rogue.say({ type: "PEER_EVENTS", events: signed, ends: [ask.author, ask.life, ask.from] });
      await Promise.all([atAnn.hears("message 3"), atBob.hears("message 3")]);
      events({ ...second, body: '{"text":"something else"}' });
      await until(() => ann.journal("peer-contradicts-itself").length > 0, "Ann names it");
      await until(() => bob.journal("peer-contradicts-itself").length > 0, "Bob is told");
      await undisturbed();
      for (const person of [atAnn, atBob]) {
        const shown = (await person.shown()).filter((line) => /message \d|something else/.test(line));
        assert.deepEqual(shown.map((line) => line.slice(25)), ["message 1"], "the rest is withdrawn");
      }
    });

    await t.step("a clock a year ahead is held back, and sets nobody's clock", async () => {
      const eve = new HandAuthor(23, undefined, group);
      await using rogue = await Rogue.open(eve.seed);
      await rogue.connect(ann.ticket);
      const tsMs = Date.now() + 31_536_000_000;
      rogue.say({
        type: "PEER_EVENTS",
        events: [eve.sign(eve.next({ tsMs, body: '{"text":"from next year"}' }))],
      });
      await until(() => ann.journal("peer-clock-ahead").length > 0, "it is named");
      await undisturbed();
      assert.equal(hears(atAnn, "from next year"), false);
      const [last] = (await atAnn.shown()).slice(-1);
      assert.match(last ?? "", /undisturbed/);
    });

    await t.step("10,000 events a second for 5 s", async () => {
      const eve = new HandAuthor(24, undefined, group);
      await using rogue = await Rogue.open(eve.seed);
      const batches = Array.from({ length: 250 }, () => eve.many(200, { tsMs: Date.now() }));
      await rogue.connect(ann.ticket);
      const delays: number[] = [];
      const startMs = performance.now();
      for (const [at, events] of batches.entries()) {
        rogue.say({ type: "PEER_EVENTS", events: events.slice(0, 100) });
        rogue.say({ type: "PEER_EVENTS", events: events.slice(100) });
        const dueMs = startMs + at * 20;
        await new Promise((resolve) => setTimeout(resolve, Math.max(0, dueMs - performance.now())));
        if (at % 25 === 24) {
          const text = `during the flood ${at}`;
          const saidMs = await atAnn.say(text);
          delays.push(await atBob.hears(text, 10_000) - saidMs);
        }
      }
      await until(() => ann.journal("peer-floods").length > 0, "it is named");
      console.log(`during the flood: a message takes ${delays.map((ms) => ms.toFixed(0)).join(", ")} ms`);
      await undisturbed();
    });

    await t.step(
      "a member that was removed stays out, with its key or a new one, and the others go on",
      async () => {
        const eve = new HandAuthor(25, undefined, group);
        await using rogue = await Rogue.open(eve.seed);
        const old = ann.ticket;
        await rogue.connect(old);
        await ann.stop();
        ann.args.push("--remove", eve.id.slice(0, 12));
        await ann.start();
        await until(() => bob.journal("peer-removed").length > 0, "Bob is told");
        const { generation, secret } = parseTicket(old) ?? assert.fail();
        await assert.rejects(rogue.connect(ann.ticket, { secrets: [{ generation, secret }] }));
        await using another = await Rogue.open(new Uint8Array(32).fill(99));
        await assert.rejects(another.connect(ann.ticket, { secrets: [{ generation, secret }] }));
        const again = await ann.person("Ann");
        await again.say("without Eve");
        await atBob.hears("without Eve");
      },
    );
    await Promise.all([ann.stop(), bob.stop()]);
    await Deno.remove(directory, { recursive: true });
  },
);
