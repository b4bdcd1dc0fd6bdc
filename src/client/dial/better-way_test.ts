import assert from "node:assert/strict";
import type { Link } from "../../transport/link.ts";
import { clientOf, offsets, reader } from "../../../tests/fixtures/scripted-client.ts";
import { ScriptedServer, within } from "../../../tests/fixtures/scripted-server.ts";
import { BETTER_WAY } from "./better-way.ts";
import type { Dial, Network } from "./dial.ts";
import { ChatFailure } from "../failure.ts";

/** Dials like a browser whose UDP is blocked while `isBlocked`; notes when the better way was tried. */
class Ways {
  readonly server = new ScriptedServer();
  readonly triedAtMs: number[] = [];
  isBlocked = true;
  readonly dial: Dial = async ({ onlyBetter = false }) => {
    if (onlyBetter) this.triedAtMs.push(this.server.clock.nowMs());
    if (onlyBetter && this.isBlocked) throw new Error("UDP does not get through");
    return as(this.isBlocked ? "websocket" : "webtransport", await this.server.dial());
  };
}

function as(kind: Link["kind"], link: Link): Link {
  return Object.defineProperty(link, "kind", { value: kind });
}

Deno.test("from a fallback the better way is tried with pauses that double, and taken without losing or doubling", async () => {
  const ways = new Ways();
  const { server } = ways;
  const client = clientOf(server, { dial: ways.dial, random: () => 0.999 });
  const room = client.room("lobby", { after: 0 });
  const events = reader(room);
  await within(server.clock, room.send("one"));
  await server.clock.advance(BETTER_WAY.firstMs * 3.5);
  assert.deepEqual(ways.triedAtMs.map((atMs) => Math.round(atMs / BETTER_WAY.firstMs)), [1, 3]);
  assert.equal(server.sessions.length, 1, "what does not work disturbs nothing");

  await server.clock.advance(BETTER_WAY.firstMs * 6.95 - server.clock.nowMs());
  ways.isBlocked = false;
  // No answer comes over the old way any more: its receipt must come over the new one.
  server.intercept = (pdu, session) => pdu.type === "CHAT_MESSAGE" && session === server.sessions[0];
  const said = room.send("two");
  server.post("lobby", { text: "from Bea" });
  await within(server.clock, said);
  assert.equal(ways.triedAtMs.length, 3);
  await server.clock.advance(1_000);
  const status = client.status.current;
  assert.equal(status.state === "live" && status.kind, "webtransport");
  assert.deepEqual(server.texts("lobby"), ["one", "from Bea", "two"]);
  assert.deepEqual(offsets(events), [1, 2, 3]);
  assert.equal(server.sessions[0]?.of("CHAT_BYE").length, 1, "the old way is left with a goodbye");
  await server.clock.advance(BETTER_WAY.mostMs);
  assert.equal(server.sessions.length, 2, "from the better way nothing else is looked for");
  await client.close();
});

Deno.test("a better way that breaks soon after is tried less often; one that held, as at first", async () => {
  const ways = new Ways();
  const { server } = ways;
  const client = clientOf(server, { dial: ways.dial, random: () => 0.999 });
  await within(server.clock, client.live());
  /** How long the fallback was stayed with before the better way was tried. */
  const pause = async () => {
    ways.isBlocked = false;
    const fromMs = server.clock.nowMs();
    const tries = ways.triedAtMs.length;
    while (ways.triedAtMs.length === tries) await server.clock.advance(100);
    await server.clock.advance(1_000);
    return Math.round(((ways.triedAtMs.at(-1) ?? 0) - fromMs) / BETTER_WAY.firstMs);
  };
  const breakIt = async () => {
    ways.isBlocked = true;
    server.session.pair.cut("by the test");
    await server.clock.advance(1_000);
  };
  assert.equal(await pause(), 1);
  await breakIt();
  assert.equal(await pause(), 2);
  await server.clock.advance(BETTER_WAY.heldMs);
  await breakIt();
  assert.equal(await pause(), 1);
  await client.close();
});

Deno.test("a new network is a good moment to try; a platform without a better way is not asked again", async () => {
  const ways = new Ways();
  const { server } = ways;
  let changed = () => {};
  const network: Network = { online: true, subscribe: (f) => (changed = f, () => {}) };
  let isUnsupported = false;
  const dial: Dial = (attempt) =>
    isUnsupported && attempt.onlyBetter
      ? (ways.triedAtMs.push(0), Promise.reject(ChatFailure.local("unsupported")))
      : ways.dial(attempt);
  const client = clientOf(server, { dial, network });
  await within(server.clock, client.live());
  changed();
  await server.clock.advance(1);
  assert.equal(ways.triedAtMs.length, 1);
  isUnsupported = true;
  await server.clock.advance(BETTER_WAY.mostMs * 10);
  assert.equal(ways.triedAtMs.length, 2);
  await client.close();
});
