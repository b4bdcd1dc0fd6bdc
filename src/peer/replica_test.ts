import assert from "node:assert/strict";
import { HandAuthor } from "../../tests/fixtures/peer-author.ts";
import { Replica } from "./replica.ts";

const HASH = "0".repeat(32);

/** A replica that has nothing, and two neighbours who both have what Ann and Cyd said. */
function between() {
  const [ann, cyd] = [new HandAuthor(1), new HandAuthor(2)];
  const replica = new Replica("me", [], []);
  for (const id of ["one", "other"]) {
    replica.linked(id, 0);
    const runs = [ann, cyd].map((by) =>
      [by.id, by.life, 0, 9, HASH, null] as [string, string, 0, 9, string, null]
    );
    replica.heard(id, { type: "PEER_RUNS", runs }, 0);
  }
  /** Whom it asks for Ann's. */
  const asked = () =>
    replica.effects().flatMap((effect) =>
      effect.do === "say" && effect.pdu.type === "PEER_ASK" && effect.pdu.author === ann.id ? [effect.to] : []
    );
  const [event] = cyd.many(1);
  assert.ok(event !== undefined);
  const gives = (nowMs: number) => replica.heard("one", { type: "PEER_EVENTS", events: [event] }, nowMs);
  return { replica, asked, gives };
}

Deno.test("replica: a neighbour that gives nothing for 15 s is not waited for", () => {
  const { replica, asked } = between();
  assert.deepEqual(asked(), ["one"]);
  replica.tick(14_900);
  assert.deepEqual(asked(), []);
  replica.tick(15_000);
  assert.equal(asked().length, 1, "it asks again");
});

Deno.test("replica: one that gives other things meanwhile is waited for, and not for ever", () => {
  const { replica, asked, gives } = between();
  asked();
  for (let nowMs = 1_000; nowMs < 60_000; nowMs += 1_000) {
    gives(nowMs);
    replica.tick(nowMs);
    assert.deepEqual(asked(), [], `at ${nowMs} ms what is on its way is asked of nobody else`);
  }
  gives(60_000);
  replica.tick(60_000);
  assert.equal(asked().length, 1);
});
