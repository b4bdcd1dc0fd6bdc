import assert from "node:assert/strict";
import { GROUP, HandAuthor } from "../../tests/fixtures/peer-author.ts";
import { keptEvent, readEvent, type SignedEvent, textOf } from "./signed-event.ts";
import { Checker } from "./signing.ts";

Deno.test("an event's bytes and signature stay what docs/peer-to-peer.md shows", () => {
  const ann = new HandAuthor(1);
  const [fields, signature] = ann.sign(ann.next());
  assert.equal(
    JSON.stringify(fields),
    '["8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c","1111111111111111",1,1790000000001,' +
      '"CHAT_MESSAGE","lobby","Hand",null,["message 1"],""]',
  );
  // Ed25519 is deterministic (RFC 8032).
  assert.equal(
    signature,
    "OLL3i1x14FYUIfXHQDJ_LBKpiP7w75Ssu2P9HRAk0If7EK8k6NxsFjEIe_3pekHdJvYd04a3Um22rMAGJ82QCg",
  );
});

Deno.test("what is read is what was written, of each kind", () => {
  const ann = new HandAuthor(1);
  const target = { author: ann.id, life: ann.life, seq: 1 };
  for (
    const rest of [
      {},
      { target },
      { type: "CHAT_EDIT", target, body: '{"text":"é 漢字 👩‍👩‍👧 \\u0000"}' },
      { type: "CHAT_DELETE", target, body: "{}" },
      { type: "CHAT_REACT", target, body: '{"reaction":"👍","on":false}' },
      { type: "CHAT_TOPIC", body: '{"text":""}' },
    ] as const
  ) {
    const event = ann.next(rest);
    assert.deepEqual(readEvent(JSON.parse(textOf(event))), event);
    assert.deepEqual(keptEvent(JSON.parse(textOf(event))), event);
  }
});

Deno.test("fields that no author could have made are refused", () => {
  const ann = new HandAuthor(1);
  const good = JSON.parse(textOf(ann.next())) as unknown[];
  const wrong: [number, unknown][] = [
    [0, "AB".repeat(32)],
    [1, "1".repeat(15)],
    [2, 0],
    [2, 1.5],
    [3, -1],
    [3, 9e15],
    [4, "CHAT_HELLO"],
    [4, "toString"],
    [4, "CHAT_EDIT"],
    [5, "a\nb"],
    [6, ""],
    [7, [ann.id, ann.life, 0]],
    [7, 1],
    [8, ["x".repeat(20_000)]],
    [8, []],
    [8, [7]],
    [9, "f".repeat(32)],
  ];
  for (const [at, value] of wrong) {
    const fields = good.with(at, value);
    assert.equal(readEvent(fields), null, JSON.stringify(fields).slice(0, 200));
  }
  assert.equal(readEvent([...good, 1]), null);
  assert.notEqual(readEvent(good), null);
});

Deno.test("a signature holds for its author, its bytes and its group alone", async () => {
  const ann = new HandAuthor(1);
  const bob = new HandAuthor(2);
  const event = ann.next();
  const [fields, signature] = ann.sign(event);
  const altered = fields.with(8, ["something else"]);
  const elsewhere = new HandAuthor(1, ann.life, "cd".repeat(16)).sign(event);
  const judged = await new Checker(GROUP).check([
    [fields, signature],
    [altered, signature],
    [fields, bob.sign(event)[1]],
    elsewhere,
    [fields, "short"],
    [["nonsense"], signature],
  ] as SignedEvent[]);
  assert.deepEqual(judged.map((one) => typeof one === "string" ? one : "right"), [
    "right",
    "forged",
    "forged",
    "forged",
    "malformed",
    "malformed",
  ]);
});

Deno.test("a proof is two different events of one place, both signed", async () => {
  const ann = new HandAuthor(1);
  const one = ann.next();
  const other = { ...one, body: '{"text":"the other"}' };
  const checker = new Checker(GROUP);
  assert.notEqual(await checker.checkProof([ann.sign(one), ann.sign(other)]), null);
  assert.equal(await checker.checkProof([ann.sign(one), ann.sign(one)]), null);
  assert.equal(
    await checker.checkProof([ann.sign(one), ann.sign({ ...other, seq: 2, before: "a".repeat(32) })]),
    null,
  );
  assert.equal(await checker.checkProof([ann.sign(one), new HandAuthor(2).sign(other)]), null);
});
