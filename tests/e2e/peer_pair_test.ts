/** Two peers on this machine: all that people can do reaches the other, through crashes as well. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { HERE, ROOT } from "../fixtures/hosts.ts";
import { whyNoPeers } from "../fixtures/rogue.ts";
import { type Person, RunningPeer } from "../fixtures/running-peer.ts";

const whyNot = whyNoPeers();
if (whyNot !== null) console.log(`skipped: a pair of peers: ${whyNot}`);

async function showsAlike(one: Person, other: Person, lines: readonly string[]): Promise<void> {
  const untilMs = performance.now() + 10_000;
  for (;;) {
    const [here, there] = [await one.shown(), await other.shown()];
    const texts = here.map((line) => line.slice(25));
    if (JSON.stringify(here) === JSON.stringify(there) && JSON.stringify(texts) === JSON.stringify(lines)) {
      return;
    }
    if (performance.now() > untilMs) assert.deepEqual([here, there], [lines, lines]);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

Deno.test("peers: edits, reactions, topics, presence and typing, and what was said before a crash", {
  ignore: whyNot !== null,
}, async () => {
  const directory = await Deno.makeTempDir({ prefix: "quicchat-peers-" });
  await using ann = await new RunningPeer(HERE, `${directory}/ann`, ["--no-lan"]).start();
  await using bob = await new RunningPeer(HERE, `${directory}/bob`, ["--no-lan"]).start([ann.ticket]);
  const [atAnn, atBob] = [await ann.person("Ann"), await bob.person("Bob")];
  for (const person of [atAnn, atBob]) {
    await person.until(({ members }) => members?.join() === "Ann,Bob", "both are here");
  }
  await atAnn.say("one");
  await atBob.hears("one");
  await atBob.say("two");
  await atAnn.hears("two");
  atAnn.order({ typing: true });
  await atBob.until(({ typists }) => typists?.join() === "Ann", "Ann types");
  atAnn.order({ edit: "one", to: "one, edited" });
  atBob.order({ react: "one", with: "+" });
  atBob.order({ topic: "ours" });
  await atAnn.until(({ topic }) => topic === "ours", "the topic comes");
  await showsAlike(atAnn, atBob, ["one, edited +1", "two"]);

  // What each has is told within a moment.
  for (let tries = 1;; tries++) {
    const [{ name, path }] = await (await fetch(`${ann.url}/peers`)).json();
    assert.deepEqual([name, path.isRelayed], ["Bob", false]);
    if (path.behind + path.ahead === 0) break;
    assert.ok(tries < 50, `still ${path.behind} behind and ${path.ahead} ahead`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }

  // Ann says something with nobody there to hear it, and her machine loses its power.
  await bob.stop("SIGKILL");
  await atAnn.until(({ members }) => members?.join() === "Ann", "Bob went");
  await atAnn.say("while Bob was away");
  await ann.stop("SIGKILL");
  await Promise.all([ann.start(), bob.start()]);
  const [annAgain, bobAgain] = [await ann.person("Ann"), await bob.person("Bob")];
  await bobAgain.hears("while Bob was away");
  await bobAgain.say("back");
  await annAgain.hears("back");
  await showsAlike(annAgain, bobAgain, ["one, edited +1", "two", "while Bob was away", "back"]);
  await Promise.all([ann.stop(), bob.stop()]);
  await Deno.remove(directory, { recursive: true });
});

Deno.test("peers: a second start on a running peer's directory removes and mutes without stopping it", {
  ignore: whyNot !== null,
}, async () => {
  const directory = await Deno.makeTempDir({ prefix: "quicchat-peers-" });
  await using ann = await new RunningPeer(HERE, `${directory}/ann`, ["--no-lan"]).start();
  await using bob = await new RunningPeer(HERE, `${directory}/bob`, ["--no-lan"]).start([ann.ticket]);
  await using eve = await new RunningPeer(HERE, `${directory}/eve`, ["--no-lan"]).start([ann.ticket]);
  const [atAnn, atBob, atEve] = [await ann.person("Ann"), await bob.person("Bob"), await eve.person("Eve")];
  await atEve.say("shown");
  await Promise.all([atAnn.hears("shown"), atBob.hears("shown")]);
  const [{ peer: id }] = eve.journal("peering") as [{ peer: string }];
  const tell = async (...words: string[]) => {
    const args = [
      join(ROOT, "bin", "quicchat.mjs"),
      "peer",
      "--data",
      ann.directory,
      "--port",
      "0",
      ...words,
    ];
    const { code, stdout, stderr } = await HERE.command("node", args, { stdout: "piped", stderr: "piped" })
      .output();
    return { code, says: new TextDecoder().decode(code === 0 ? stdout : stderr) };
  };
  const mistyped = await tell("--remove", "ffffffffffff");
  assert.notEqual(mistyped.code, 0);
  assert.match(
    mistyped.says,
    /no member's key begins with ffffffffffff: the members are [0-9a-f]{12}, [0-9a-f]{12}/,
  );
  const muted = await tell("--mute", id.slice(0, 12));
  assert.equal(muted.code, 0);
  assert.match(muted.says, /shows nothing new of [0-9a-f]{12}/);
  await atEve.say("not shown to Ann");
  await atBob.hears("not shown to Ann");
  const removed = await tell("--remove", id.slice(0, 12));
  assert.equal(removed.code, 0);
  assert.match(removed.says, /keeps [0-9a-f]{12} out/);
  for (let tries = 0; bob.journal("peer-removed").length === 0; tries++) {
    assert.ok(tries < 100, "Bob is told");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await atEve.say("not heard by anybody");
  await atBob.say("without Eve");
  await atAnn.hears("without Eve");
  assert.deepEqual((await atAnn.shown()).map((line) => line.slice(25)), ["shown", "without Eve"]);
  assert.deepEqual((await atBob.shown()).map((line) => line.slice(25)), [
    "shown",
    "not shown to Ann",
    "without Eve",
  ]);
  await Promise.all([ann.stop(), bob.stop(), eve.stop()]);
  await Deno.remove(directory, { recursive: true });
});
