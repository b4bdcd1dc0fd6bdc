/** Found by the simulation: a reader that joined between two flushes saw a member whose leaving, gathered with
 * his coming, was no news to anybody; so it saw him for good. */
import assert from "node:assert/strict";
import { Presence } from "./presence.ts";

const decoder = new TextDecoder();
const ANN = "a".repeat(24);
const BOB = "b".repeat(24);

interface Told {
  readonly count: number;
  readonly members?: readonly { readonly author: string }[];
  readonly came?: readonly { readonly author: string }[];
  readonly went?: readonly { readonly author: string }[];
}

function setUp() {
  const presence = new Presence("lobby", (pdu) => new TextEncoder().encode(JSON.stringify(pdu)));
  const since = (seen: number): Told => JSON.parse(decoder.decode(presence.since(seen, 0)));
  presence.enter(ANN, "Ann");
  presence.flush(0);
  return { presence, since };
}

Deno.test("presence: who was told early of a member is told that he went", () => {
  const { presence, since } = setUp();
  presence.enter(BOB, "Bob");
  assert.deepEqual(since(-1).members?.map(({ author }) => author), [ANN, BOB]);
  presence.leave(BOB);
  assert.ok(presence.changed);
  const seen = presence.version;
  presence.flush(0);
  assert.deepEqual(since(seen).went?.map(({ author }) => author), [BOB]);
  assert.equal(since(seen).count, 1);
});

Deno.test("presence: who was told early that a member is gone is told that he is back", () => {
  const { presence, since } = setUp();
  presence.enter(BOB, "Bob");
  presence.flush(0);
  presence.leave(BOB);
  assert.deepEqual(since(-1).members?.map(({ author }) => author), [ANN]);
  presence.enter(BOB, "Bob");
  const seen = presence.version;
  presence.flush(0);
  assert.deepEqual(since(seen).came?.map(({ author }) => author), [BOB]);
});

Deno.test("presence: gone and back within one flush is no news to those who were told nothing between", () => {
  const { presence } = setUp();
  presence.leave(ANN);
  presence.enter(ANN, "Ann");
  assert.equal(presence.changed, false);
});
