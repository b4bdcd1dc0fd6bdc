import assert from "node:assert/strict";
import { Greeting, type GreetingParts, keyIdOf } from "./greeting.ts";

const ANN = "a".repeat(64);
const BOB = "b".repeat(64);
const EVE = "e".repeat(64);
const SECRET = { generation: 1, secret: "5".repeat(64) };
const NEWER = { generation: 2, secret: "6".repeat(64) };

function greeting(rest: Partial<GreetingParts>): Greeting {
  return new Greeting({
    me: ANN,
    other: BOB,
    isDialler: true,
    group: "0".repeat(32),
    secrets: [SECRET],
    nonce: "1".repeat(64),
    ...rest,
  });
}

const asBob = (rest: Partial<GreetingParts> = {}) =>
  greeting({ me: BOB, other: ANN, isDialler: false, nonce: "2".repeat(64), ...rest });

/** Runs both to their ends; what each found. */
function meet(dialler: Greeting, acceptor: Greeting): string[] {
  const found = ["nothing", "nothing"];
  let saying: Parameters<Greeting["heard"]>[0] | null = dialler.hello();
  for (let turn = 1; saying !== null; turn++) {
    const hearer: number = turn % 2;
    const step: ReturnType<Greeting["heard"]> = (hearer === 1 ? acceptor : dialler).heard(saying);
    if ("refused" in step) return found.with(hearer, step.refused);
    if (step.proven !== null) found[hearer] = `proven ${step.proven.generation}`;
    saying = step.say;
  }
  return found;
}

Deno.test("greeting: two who hold the secret prove it to each other, by the newest that both hold", () => {
  assert.deepEqual(meet(greeting({}), asBob()), ["proven 1", "proven 1"]);
  const both = [NEWER, SECRET];
  assert.deepEqual(meet(greeting({ secrets: both }), asBob({ secrets: both })), ["proven 2", "proven 2"]);
  assert.deepEqual(meet(greeting({ secrets: both }), asBob()), ["proven 1", "proven 1"]);
});

Deno.test("greeting: another group, another secret, another version and a word out of turn are refused", () => {
  assert.deepEqual(meet(greeting({ group: "f".repeat(32) }), asBob()), ["nothing", "another-group"]);
  assert.deepEqual(meet(greeting({ secrets: [NEWER] }), asBob()), ["nothing", "wrong-secret"]);
  assert.deepEqual(asBob().heard({ ...greeting({}).hello(), version: 2 }), { refused: "another-version" });
  assert.deepEqual(asBob().heard({ type: "PEER_PROOF", key: "0".repeat(16), proof: "0".repeat(64) }), {
    refused: "bad-order",
  });
});

Deno.test("greeting: a proof that was overheard is worth nothing on another connection, for another key, or sent back", () => {
  const ann = greeting({});
  const bob = asBob();
  const answer = bob.heard(ann.hello());
  assert.ok("say" in answer && answer.say !== null);
  const proving = ann.heard(answer.say);
  assert.ok("say" in proving && proving.say?.type === "PEER_PROOF");
  const proof = proving.say;

  const later = asBob({ nonce: "3".repeat(64) });
  later.heard(ann.hello());
  assert.deepEqual(later.heard(proof), { refused: "wrong-proof" }, "the nonce is another");
  const byEve = asBob({ other: EVE });
  byEve.heard(ann.hello());
  assert.deepEqual(byEve.heard(proof), { refused: "wrong-proof" }, "the key is another");
  const reflected = greeting({});
  reflected.heard(answer.say);
  assert.deepEqual(reflected.heard(proof), { refused: "wrong-proof" }, "the role is another");
  const claimed = asBob();
  claimed.heard(ann.hello());
  assert.deepEqual(claimed.heard({ ...proof, key: keyIdOf(NEWER) }), { refused: "wrong-proof" });
  const right = asBob();
  right.heard(ann.hello());
  assert.ok("proven" in right.heard(proof));
});
