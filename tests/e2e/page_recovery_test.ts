/** What happens to a page's server and network, and that the page comes through it by itself: no reload, nothing
 * lost, nothing doubled, and the indicator says what is true. */
import assert from "node:assert/strict";
import process from "node:process";
import { connect } from "../../src/client/mod.ts";
import { blockableNetwork } from "../fixtures/blockable-network.ts";
import { browserProgram, openBrowser, Person } from "./people-at-the-page.ts";
import { startServer } from "./running-server.ts";

/** Back after a server's restart: the backoff's ceiling is 15 s, and the machine is shared. */
const BACK_MS = 40_000;
/** From a fallback the better way is tried after 15, then 30 s at most. */
const BETTER_MS = 70_000;

/** The server takes a client for gone after 15 s of silence. Five minutes are no other than this. */
const ASLEEP_MS = 18_000;

/** Stops every process of the browsers that this test started, as a laptop's lid does; returns what wakes them. */
function fallAsleep(): () => void {
  const groups = [...Deno.readDirSync("/proc")].flatMap(({ name }) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const stat = Deno.readTextFileSync(`/proc/${name}/stat`);
      // proc_pid_stat(5): pid (command) state ppid pgrp.
      const [, parent, group] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return Number(parent) === Deno.pid && stat.includes("(chrom") ? [Number(group)] : [];
    } catch {
      return []; // It just ended.
    }
  });
  assert.ok(groups.length > 0 && !groups.includes(Deno.pid), "the browser has a group of its own");
  for (const group of groups) process.kill(-group, "SIGSTOP");
  return () => groups.forEach((group) => process.kill(-group, "SIGCONT"));
}

Deno.test({
  name: "the page recovers by itself",
  ignore: "missing" in browserProgram,
  async fn(t) {
    await using server = await startServer();
    await using network = blockableNetwork(server.port);
    await using browser = await openBrowser();
    const url = `http://127.0.0.1:${network.port}`;
    const ann = await Person.in(browser, url, "Ann");
    const bob = await Person.in(browser, server.url, "Bob");
    const said: string[] = [];
    const say = async (who: Person, text: string) => {
      said.push(text);
      await who.say(text);
    };
    /** All that was said is at both, once and in one order. */
    const agree = async () => {
      for (const one of [ann, bob]) {
        const untilMs = Date.now() + BACK_MS;
        let seen = await one.texts();
        // One's own is seen before what others said meanwhile has come.
        while (seen.join("\n") !== said.join("\n") && Date.now() < untilMs) {
          await new Promise((next) => setTimeout(next, 200));
          seen = await one.texts();
        }
        assert.deepEqual(seen, said);
      }
    };
    let loads = 0;
    ann.page.on("load", () => loads++);
    await say(ann, "before");
    await agree();

    await t.step("a restart", async () => {
      await server.restart();
      await say(ann, "said at once");
      await ann.isConnected(undefined, BACK_MS);
      await bob.isConnected(undefined, BACK_MS);
      await agree();
    });

    await t.step("kill -9, with messages written meanwhile", async () => {
      await server.kill9();
      // Who writes notices sooner than who is silent: no receipt comes.
      await say(ann, "into the dark");
      await ann.isConnected(/Reconnecting/);
      await ann.message("into the dark").locator(".delivery.queued").waitFor();
      await server.restart();
      await ann.isConnected(undefined, BACK_MS);
      await ann.isStored("into the dark");
      await bob.isConnected(undefined, BACK_MS);
      await agree();
    });

    await t.step("UDP blocked half-way: over a WebSocket, and back to QUIC", async () => {
      network.set("no-udp");
      await say(ann, "as UDP went");
      await ann.isConnected(/WebSocket · [\d.]+ ms/, BACK_MS);
      await ann.isStored("as UDP went");
      await say(bob, "over TCP");
      await agree();
      network.set("open");
      const talk = (async () => {
        for (let n = 1; n <= 20; n++) {
          await say(ann, `on the way back ${n}`);
          await new Promise((next) => setTimeout(next, 500));
        }
      })();
      await ann.isConnected(undefined, BETTER_MS);
      await talk;
      await agree();
    });

    await t.step("no network at all, for a while", async () => {
      network.set("down");
      await say(bob, "while Ann was away");
      await say(ann, "from the dark");
      await ann.isConnected(/Reconnecting/, BACK_MS);
      network.set("open");
      await ann.isConnected(undefined, BACK_MS);
      await ann.isStored("from the dark");
      await agree();
    });
    await t.step("asleep for longer than the server waits", async () => {
      const wake = fallAsleep();
      try {
        const eve = connect(server.url, { name: "Eve" });
        await eve.room("lobby").send("while they slept");
        said.push("while they slept");
        await new Promise((morning) => setTimeout(morning, ASLEEP_MS));
        assert.equal((await eve.who("lobby")).count, 1, "the server misses who sleeps");
        await eve.close();
        await eve.goodbye;
      } finally {
        wake();
      }
      await say(ann, "good morning");
      await agree();
      await ann.isStored("good morning");
      await ann.isConnected(undefined, BACK_MS);
    });
    assert.equal(loads, 0, "the page was not loaded again");
    ann.assertUntroubled();
    bob.assertUntroubled();
  },
});
