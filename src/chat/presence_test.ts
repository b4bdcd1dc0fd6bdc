/** Found by the simulation: a reader that joined between two flushes saw a member whose leaving, gathered with
 * his coming, was no news to anybody; so it saw him for good. */
import assert from "node:assert/strict";
import { LIMITS } from "../protocol/limits.ts";
import type { Member } from "../protocol/server-pdu.ts";
import { Presence } from "./presence.ts";

const decoder = new TextDecoder();
const ANN = "a".repeat(24);
const BOB = "b".repeat(24);

interface Told {
  readonly count: number;
  readonly members?: readonly Member[];
  readonly came?: readonly Member[];
  readonly went?: readonly Member[];
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

Deno.test("presence: a reader that saw the version before gets the difference, any other everybody", () => {
  const { presence, since } = setUp();
  presence.enter(BOB, "Bob");
  presence.leave(ANN);
  assert.equal(presence.changed, true);
  presence.flush(2_500);
  assert.equal(presence.changed, false);
  const bob = [{ name: "Bob", author: BOB }];
  const head = { type: "CHAT_PRESENCE", seq: 0, ts: 2.5, room: "lobby", count: 1 };
  assert.deepEqual(since(1), { ...head, came: bob, went: [{ name: "Ann", author: ANN }] });
  assert.deepEqual(since(0).members, bob);
  assert.deepEqual(since(-1), { ...head, ts: 0, members: bob });
  assert.deepEqual([since(-1).came, since(-1).went], [undefined, undefined]);
  presence.flush(3_000);
  assert.deepEqual([since(2).came, since(2).went], [[], []], "told once");
});

Deno.test("presence: who is told everybody is told those of now, not of the last time that somebody asked", () => {
  const { presence, since } = setUp();
  assert.equal(since(-1).members?.length, 1);
  presence.enter(BOB, "Bob");
  assert.deepEqual(since(-1).members?.map(({ name }) => name), ["Ann", "Bob"]);
  presence.leave(BOB);
  assert.deepEqual(since(-1).members?.map(({ name }) => name), ["Ann"]);
});

Deno.test("presence: several sessions of one author are one member, until the last is gone", () => {
  const { presence } = setUp();
  presence.enter(ANN, "Ann");
  presence.leave(ANN);
  assert.deepEqual([presence.count, presence.changed], [1, false]);
  presence.leave(ANN);
  assert.deepEqual([presence.count, presence.changed], [0, true]);
  presence.leave(ANN);
  assert.equal(presence.count, 0);
});

Deno.test("presence: came and gone within one flush is no news; gone and back under another name is", () => {
  const { presence, since } = setUp();
  presence.enter(BOB, "Bob");
  presence.leave(BOB);
  assert.equal(presence.changed, false);
  const fresh = new Presence("lobby", () => new Uint8Array());
  fresh.enter(BOB, "Bob");
  fresh.leave(BOB);
  assert.equal(fresh.changed, false, "nor in a room where nobody was");
  presence.leave(ANN);
  presence.enter(ANN, "Anna");
  assert.equal(presence.changed, true);
  presence.flush(0);
  assert.deepEqual(since(1).came, [{ name: "Anna", author: ANN }]);
});

Deno.test("presence: of a crowd, or of a crowd's coming and going, only the count is told", () => {
  const { presence, since } = setUp();
  const most = LIMITS.memberListMax;
  for (let at = 2; at <= most; at++) presence.enter(`${at}`, `n${at}`);
  presence.flush(0);
  assert.equal(since(1).came?.length, most - 1);
  assert.equal(since(-1).members?.length, most);
  presence.enter("one more", "One");
  presence.flush(0);
  assert.deepEqual([since(2).came, since(2).went, since(2).count], [undefined, undefined, most + 1]);
  assert.equal(since(-1).members, undefined);
  assert.equal(presence.members().length, most);

  for (const [changes, told] of [[most, most - 1], [most + 1, undefined]] as const) {
    const { presence, since } = setUp();
    for (let at = 2; at <= most; at++) presence.enter(`${at}`, `n${at}`);
    presence.flush(0);
    for (let at = 2; at <= most; at++) presence.leave(`${at}`);
    for (let at = most; at <= changes; at++) presence.enter(`new ${at}`, "New");
    presence.flush(0);
    assert.equal(since(2).went?.length, told, `${changes} came and went`);
  }
});
