/** Peers behind routers that translate addresses, with a real relay: direct where the routers allow it, else relayed. */
import assert from "node:assert/strict";
import { LocalNetwork, whyNoHosts } from "../fixtures/hosts.ts";
import { whyNoPeers } from "../fixtures/rogue.ts";
import { peerTests } from "../fixtures/peer-tests.ts";
import { RunningPeer } from "../fixtures/running-peer.ts";
import { RunningRelay, whyNoRelay } from "../fixtures/running-relay.ts";
import { TwoNats } from "../fixtures/two-nats.ts";
import { browserProgram, openBrowser, Person as PageReader } from "./people-at-the-page.ts";

const whyNot = whyNoPeers() ?? await whyNoHosts() ?? await whyNoRelay();
if (whyNot !== null) console.log(`skipped: peers behind routers: ${whyNot}`);

const test = peerTests(whyNot);

/** A page at a peer, in a browser on the peer's machine. */
async function pageAt(peer: RunningPeer, directory: string) {
  assert("program" in browserProgram);
  const starter = `${directory}/chromium`;
  const command = `exec ip netns exec ${peer.host.name} ${browserProgram.program} "$@"`;
  await Deno.writeTextFile(starter, `#!/bin/sh\n${command}\n`, { mode: 0o755 });
  const browser = await openBrowser(starter);
  const reader = await PageReader.in(browser, peer.url, "Reader");
  await reader.connection.click();
  return {
    says: (how: string) =>
      reader.page.locator(".people-list li", { hasText: "Bob" }).getByText(how).waitFor(),
    [Symbol.asyncDispose]: () => browser.close(),
  };
}

test("two behind routers talk by a relay, and directly once a third tells them where they are seen", async (directory) => {
  await using nats = await TwoNats.of(["keeps", "keeps"]);
  const [one, other] = nats.inside;
  assert.ok(one !== undefined && other !== undefined);
  await using relay = await RunningRelay.at(nats.open);
  const args = ["--relay", relay.url];
  await using ann = await new RunningPeer(one, `${directory}/ann`, args).start();

  // Whoever asked for no relay uses none, though the ticket names one.
  await using shy = await new RunningPeer(other, `${directory}/bob`).start([ann.ticket]);
  assert.match(
    shy.printed.join(""),
    /relay +none: .*the ticket's maker is also at --relay http:\/\/203\.0\.113\.10:3340/,
  );
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  assert.equal(ann.journal("peer-joined").length, 0);
  await shy.stop();

  await using bob = await new RunningPeer(other, `${directory}/bob`, args).start([ann.ticket]);
  const [atAnn, atBob] = [await ann.person("Ann"), await bob.person("Bob")];
  await atBob.say("by the relay");
  await atAnn.hears("by the relay");
  await Promise.all([atAnn.reaches("Bob", "relayed"), atBob.reaches("Ann", "relayed")]);
  await using page = "missing" in browserProgram ? null : await pageAt(ann, directory);
  await page?.says("by a relay");

  await using cyd = await new RunningPeer(nats.open, `${directory}/cyd`, args).start([ann.ticket]);
  const cydMs = performance.now();
  await Promise.all([atAnn.reaches("Bob", "direct"), atBob.reaches("Ann", "direct")]);
  console.log(`direct ${(performance.now() - cydMs).toFixed(0)} ms after the third was up`);
  await page?.says("direct");

  // From now on nobody else is needed.
  await Promise.all([relay[Symbol.asyncDispose](), cyd.stop()]);
  await atAnn.say("with nobody between");
  await atBob.hears("with nobody between");
});

test("two behind routers that give every connection another port stay relayed, also after the relay started again", async (directory) => {
  await using nats = await TwoNats.of(["mixes", "mixes"]);
  const [one, other] = nats.inside;
  assert.ok(one !== undefined && other !== undefined);
  await using relay = await RunningRelay.at(nats.open);
  const args = ["--relay", relay.url];
  await using ann = await new RunningPeer(one, `${directory}/ann`, args).start();
  await using bob = await new RunningPeer(other, `${directory}/bob`, args).start([ann.ticket]);
  await using cyd = await new RunningPeer(nats.open, `${directory}/cyd`, args).start([ann.ticket]);
  const [atAnn, atBob] = [await ann.person("Ann"), await bob.person("Bob")];
  await atBob.say("through two routers");
  await atAnn.hears("through two routers");
  for (let tries = 0; ann.journal("peer-seen-at").length === 0; tries++) {
    assert.ok(tries < 100, "the third tells where it sees them");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  // Time in which the others above have become direct.
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  await Promise.all([atAnn.reaches("Bob", "relayed"), atBob.reaches("Ann", "relayed")]);

  // Or it would pass on what they say.
  await cyd.stop();
  await relay[Symbol.asyncDispose]();
  await using _again = await RunningRelay.at(nats.open);
  const againMs = performance.now();
  await atAnn.say("by the relay again");
  await atBob.hears("by the relay again", 60_000);
  console.log(`${(performance.now() - againMs).toFixed(0)} ms after the relay started again`);
});

test("on one network a relay is not needed: not when it is there, nor when it is not", async (directory) => {
  await using network = await LocalNetwork.of(3);
  const [one, other, third] = network.hosts;
  assert.ok(one !== undefined && other !== undefined && third !== undefined);
  await using relay = await RunningRelay.at(third);
  const args = ["--relay", relay.url];
  await using ann = await new RunningPeer(one, `${directory}/ann`, args).start();
  await using bob = await new RunningPeer(other, `${directory}/bob`, args).start([ann.ticket]);
  let [atAnn, atBob] = [await ann.person("Ann"), await bob.person("Bob")];
  await atBob.say("with one there");
  await atAnn.hears("with one there");
  await Promise.all([atAnn.reaches("Bob", "direct"), atBob.reaches("Ann", "direct")]);
  await relay[Symbol.asyncDispose]();
  await atBob.say("it went");
  await atAnn.hears("it went");
  await Promise.all([ann.stop(), bob.stop()]);
  await Promise.all([ann.start(), bob.start()]);
  const startMs = performance.now();
  [atAnn, atBob] = [await ann.person("Ann"), await bob.person("Bob")];
  await atBob.say("without it");
  await atAnn.hears("without it");
  assert.ok(performance.now() - startMs < 10_000, "nobody waits for the relay");
  await Promise.all([ann.stop(), bob.stop()]);
});
