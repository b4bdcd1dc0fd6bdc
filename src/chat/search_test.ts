import assert from "node:assert/strict";
import { Stage } from "../../tests/fixtures/stage.ts";
import type { Found, SearchQuery } from "../log/search.ts";
import { LIMITS } from "../protocol/limits.ts";

const search = (seq: number, more: object = {}) => ({ type: "CHAT_SEARCH", seq, query: "tea", ...more });

function found(id: number, more: Partial<Found> = {}): Found {
  return {
    id,
    room: "a",
    offset: id,
    tsMs: 5_000,
    sender: "Ann",
    author: "a".repeat(24),
    text: `tea ${id}`,
    ...more,
  };
}

/** A stage with Ann in rooms a and b, and what was searched for. */
function staged() {
  const stage = new Stage();
  const asked: SearchQuery[] = [];
  const results: Found[] = [];
  stage.finds = (query) => {
    asked.push(query);
    return { found: results, next: null, isBehind: false };
  };
  const ann = stage.enter("Ann", { rooms: [{ room: "a" }, { room: "b" }] });
  return { stage, ann, asked, results, answers: () => stage.heard(ann, "CHAT_FOUND") };
}

Deno.test("search: looks in the rooms that one is in, whatever is asked for", () => {
  const { stage, ann, asked } = staged();
  stage.enter("Bob", { rooms: [{ room: "secret" }] });
  stage.say(ann, search(1));
  stage.say(ann, search(2, { rooms: ["b", "secret", "nowhere"], before: 9, limit: 3 }));
  stage.say(ann, search(3, { rooms: [] }));
  assert.deepEqual(asked, [
    { text: "tea", rooms: ["a", "b"], before: null, limit: 20 },
    { text: "tea", rooms: ["b"], before: 9, limit: 3 },
    { text: "tea", rooms: [], before: null, limit: 20 },
  ]);
});

Deno.test("search: before the greeting, or malformed, it is none", () => {
  const { stage, ann, asked } = staged();
  const early = stage.open();
  stage.say(early, search(1));
  assert.deepEqual(stage.errors(early), ["bad-order"]);
  for (
    const wrong of [{ query: "" }, { query: "x".repeat(201) }, { query: 7 }, { limit: 51 }, { limit: 0 }]
  ) {
    stage.say(ann, search(2, wrong));
  }
  assert.deepEqual([stage.errors(ann), asked], [Array(5).fill("invalid"), []]);
});

Deno.test("search: the answer says who said what, where and when", () => {
  const { stage, ann, results, answers } = staged();
  results.push(found(7, { room: "b", offset: 3 }));
  stage.say(ann, search(1));
  assert.deepEqual(answers(), [{
    type: "CHAT_FOUND",
    seq: 0,
    ts: stage.nowMs / 1000,
    ack: 1,
    found: [{ room: "b", offset: 3, ts: 5, sender: "Ann", author: "a".repeat(24), text: "tea 7" }],
  }]);
});

Deno.test("search: says where looking goes on, and that the search is behind", () => {
  const { stage, ann, answers } = staged();
  stage.finds = () => ({ found: [], next: 4_000, isBehind: true });
  stage.say(ann, search(1));
  const [answer] = answers();
  assert.deepEqual([answer?.found, answer?.next, answer?.behind], [[], 4_000, true]);
});

Deno.test("search: what is found in a room that was left meanwhile is not told", () => {
  const { stage, ann, results, answers } = staged();
  results.push(found(9), found(8, { room: "b" }), found(7));
  stage.isPrompt = false;
  stage.say(ann, search(1));
  stage.say(ann, { type: "CHAT_LEAVE", seq: 2, room: "a" });
  stage.answer();
  assert.deepEqual(answers()[0]?.found.map(({ text }) => text), ["tea 8"]);
});

Deno.test("search: an answer fits one PDU, and what did not fit comes with the next", () => {
  const { stage, ann, results, answers } = staged();
  // Six bytes of JSON for each character.
  for (let id = 100; id > 50; id--) results.push(found(id, { text: "\u0001".repeat(242) }));
  stage.say(ann, search(1, { limit: 50 }));
  const [answer] = answers();
  const count = answer?.found.length ?? 0;
  assert.ok(count > 30 && count < 50, `${count}`);
  assert.equal(answer?.next, 100 - count + 1);
  assert.ok(new TextEncoder().encode(JSON.stringify(answer)).length < LIMITS.pduBytesMax);
});

Deno.test("search: a ninth while eight are unanswered is too fast, and so is the eleventh of a second", () => {
  const { stage, ann, answers } = staged();
  stage.isPrompt = false;
  for (let seq = 1; seq <= 9; seq++) stage.say(ann, search(seq));
  assert.deepEqual(stage.heard(ann, "CHAT_ERROR").map(({ ack, failure }) => [ack, failure]), [[
    9,
    "too-fast",
  ]]);
  for (let n = 0; n < 8; n++) stage.answer();
  assert.equal(answers().length, 8);
  stage.isPrompt = true;
  // The tokens of a rested session, then what comes back.
  for (let seq = 10; seq <= 100; seq++) stage.say(ann, search(seq));
  const before = answers().length;
  stage.pass(1_000);
  for (let seq = 101; seq <= 120; seq++) stage.say(ann, search(seq));
  assert.equal(answers().length - before, 10);
});

Deno.test("search: one that can't be carried out is refused for now, and asked again when there is an answer", () => {
  const { stage, ann, answers } = staged();
  stage.isPrompt = false;
  stage.say(ann, search(1));
  stage.answer(true);
  const [refused] = stage.heard(ann, "CHAT_ERROR");
  assert.deepEqual([refused?.failure, refused?.ack, refused?.retryMs], ["not-read", 1, 1_000]);
  stage.say(ann, search(1));
  stage.answer();
  assert.equal(answers().length, 1);
});

Deno.test("search: whoever is gone when the answer comes is told nothing", () => {
  const { stage, ann, answers } = staged();
  stage.isPrompt = false;
  stage.say(ann, search(1));
  stage.leave(ann);
  stage.answer();
  assert.deepEqual(answers(), []);
});
