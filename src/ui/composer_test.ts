import assert from "node:assert/strict";
import { LIMITS } from "../protocol/limits.ts";
import { utf8BytesAtMost } from "../protocol/words.ts";
import { bytesOver } from "./bytes-over.ts";
import { Composer } from "./composer.ts";
import type { MessageView } from "./view.ts";

function message(offset: number, text: string): MessageView {
  return {
    key: `own ${offset}`,
    offset,
    sender: "Ada",
    author: "a",
    mine: true,
    tsMs: 0,
    text,
    edited: false,
    deleted: false,
    first: true,
    mentionsMe: false,
    reply: null,
    reactions: [],
    delivery: "stored",
    seq: null,
    problem: null,
  };
}

/** A composer, and what it asked of its room. */
function written(draft = "", last: MessageView | null = null) {
  const said: unknown[][] = [];
  const drafts: string[] = [];
  const composer = new Composer(draft, {
    nameable: () => ({ people: ["Ada", "Adam", "Ann Lee"], rooms: ["lobby"] }),
    send: (text, replyTo) => said.push(["send", text, replyTo]),
    edit: (offset, text) => said.push(["edit", offset, text]),
    lastOwn: () => last,
    setTyping: (typing) => said.push(["typing", typing]),
    keepDraft: (text) => drafts.push(text),
  });
  const type = (text: string, caret = text.length) => composer.input(text, caret);
  const sent = () => said.filter(([what]) => what !== "typing");
  return { composer, said, drafts, type, sent, view: () => composer.view.current };
}

Deno.test("sends what was written, without blanks around, with emoji for codes; nothing of nothing", () => {
  const { composer, drafts, type, sent, view } = written("a draft");
  assert.equal(view().text, "a draft");
  for (const nothing of ["", "  \n "]) {
    type(nothing);
    assert.equal(composer.submit(), false);
  }
  type("  hello :tada: `:tada:`\n");
  assert.ok(composer.submit());
  assert.deepEqual(sent(), [["send", "hello 🎉 `:tada:`", null]]);
  assert.deepEqual([view().text, drafts.at(-1)], ["", ""]);
});

// The room's word for it is no message at all: it was refused before it had a number, and gone with the field empty.
Deno.test("too long in bytes, as text and as JSON, also by what its codes become; halves of emoji are mended", () => {
  const { composer, type, sent, view } = written();
  type("é".repeat(LIMITS.textBytesMax / 2));
  assert.equal(view().bytesOver, 0);
  type("é".repeat(LIMITS.textBytesMax / 2) + "€");
  assert.equal(view().bytesOver, 3);
  assert.equal(composer.submit(), false);
  assert.ok(view().text.endsWith("€"), "it stands there still");
  // Six bytes in JSON for each.
  const controls = "\u0001".repeat(LIMITS.textJsonBytesMax / 6);
  assert.equal(bytesOver(controls), 2);
  assert.equal(bytesOver(controls.slice(1)), 0);
  // `:sun:` has five bytes, ☀️ six.
  const suns = ":sun:".repeat(3_200);
  type(suns);
  assert.equal(view().bytesOver, 0);
  assert.equal(composer.submit(), false);
  assert.equal(view().bytesOver, 3_200 * 6 - LIMITS.textBytesMax);
  type("half \ud83d");
  assert.ok(composer.submit());
  assert.deepEqual(sent(), [["send", "half \ufffd", null]]);
  for (let n = 0; n < 60; n++) {
    const text = "a€😀\n\u0001".repeat(n * 40);
    assert.equal(
      bytesOver(text) === 0,
      utf8BytesAtMost(text, LIMITS.textBytesMax) &&
        utf8BytesAtMost(JSON.stringify(text), LIMITS.textJsonBytesMax),
    );
  }
});

Deno.test("answers: until sent or called off, the text stays", () => {
  const { composer, type, sent, view } = written();
  type("so");
  composer.beginReply(message(7, "what?"));
  assert.deepEqual([view().text, view().mode.is], ["so", "reply"]);
  assert.ok(composer.cancel());
  assert.deepEqual([view().text, view().mode.is], ["so", "write"]);
  composer.beginReply(message(7, "what?"));
  composer.submit();
  assert.deepEqual(sent(), [["send", "so", 7]]);
  assert.equal(view().mode.is, "write");
});

Deno.test("changes one's own: what was being written, and answered, comes back after it", () => {
  const { composer, drafts, type, sent, view } = written("", message(3, "last"));
  type("half a thought");
  composer.beginReply(message(7, "what?"));
  composer.beginEdit(message(2, "before"));
  assert.deepEqual([view().text, view().mode.is], ["before", "edit"]);
  const kept = drafts.length;
  type("after");
  assert.equal(drafts.length, kept, "an edit is no draft");
  composer.beginEdit(message(4, "another"));
  type("");
  assert.equal(composer.submit(), false, "nothing is no text");
  type("another one");
  assert.ok(composer.submit());
  assert.deepEqual(sent(), [["edit", 4, "another one"]]);
  assert.deepEqual([view().text, view().mode.is], ["half a thought", "reply"]);
  assert.ok(composer.editLast());
  assert.ok(composer.submit());
  assert.equal(sent().length, 1, "what is as it was is not said again");
  composer.beginEdit(message(2, "before"));
  composer.beginReply(message(9, "and this?"));
  assert.deepEqual([view().text, view().mode.is], ["half a thought", "reply"]);
  composer.dropEdit();
  assert.equal(view().mode.is, "reply", "no edit to drop");
});

Deno.test("nothing of one's own to change; and nothing to call off", () => {
  const { composer } = written();
  assert.equal(composer.editLast(), false);
  assert.equal(composer.cancel(), false);
});

Deno.test("Escape goes out of the innermost: suggestions, then the edit, then the answer", () => {
  const { composer, type, view } = written();
  composer.beginReply(message(7, "what?"));
  composer.beginEdit(message(2, "before"));
  type("@ad");
  assert.equal(view().completion?.items.length, 2);
  assert.ok(composer.cancel());
  assert.deepEqual([view().completion, view().mode.is, view().text], [null, "edit", "@ad"]);
  assert.ok(composer.cancel());
  assert.equal(view().mode.is, "reply");
  assert.ok(composer.cancel());
  assert.equal(composer.cancel(), false);
});

Deno.test("suggestions: around the clock, by number, and no second blank in the middle of a text", () => {
  const { composer, type, view } = written();
  assert.equal(composer.complete(), null);
  composer.moveCompletion(1);
  type("hi @ad and all", 6);
  assert.equal(view().completion?.selected, 0);
  composer.moveCompletion(-1);
  assert.equal(view().completion?.selected, 1);
  composer.moveCompletion(1);
  composer.moveCompletion(1);
  assert.deepEqual(composer.complete(), { text: "hi @Adam and all", caret: 9 });
  assert.deepEqual([view().text, view().completion], ["hi @Adam and all", null]);
  type("#lo");
  assert.deepEqual(composer.complete(0), { text: "#lobby ", caret: 7 });
  assert.equal(composer.complete(5), null);
  type("x :tad y", 6);
  assert.deepEqual(composer.complete(0), { text: "x 🎉 y", caret: 5 });
  // The caret moves: other suggestions, and the text is the same.
  type("@ad or @ann", 3);
  const { text } = view();
  type("@ad or @ann", 11);
  assert.deepEqual([view().text, view().completion?.items.map(({ label }) => label)], [text, ["Ann Lee"]]);
  const before = view();
  type("@ad or @ann", 11);
  assert.equal(view(), before, "nothing changed");
});

Deno.test("an emoji is put where the caret is, or at the nearest end", () => {
  const { composer, type, view, drafts } = written();
  type("hello");
  assert.deepEqual(composer.insert("🎉", 2), { text: "he🎉llo", caret: 4 });
  assert.deepEqual(composer.insert("!", 99), { text: "he🎉llo!", caret: 8 });
  assert.deepEqual(composer.insert("¡", -3), { text: "¡he🎉llo!", caret: 1 });
  assert.deepEqual([view().text, drafts.at(-1)], ["¡he🎉llo!", "¡he🎉llo!"]);
});

Deno.test("typing is told with each key, and its end with the last one gone, or the edit left", () => {
  const { composer, type, said } = written();
  type("h");
  type("h", 0);
  type("he");
  type(" ");
  composer.beginEdit(message(2, "before"));
  type("before!");
  composer.cancel();
  assert.deepEqual(said, [true, true, false, true, false].map((typing) => ["typing", typing]));
});

Deno.test("what could not be kept comes back before what was written since, also behind an edit", () => {
  const { composer, type, drafts, view } = written();
  const problem = { name: "outbox", detail: "full" };
  composer.giveBack("lost", problem);
  assert.deepEqual([view().text, view().problem], ["lost", problem]);
  type("lost and more");
  assert.equal(view().problem, null);
  composer.beginEdit(message(2, "before"));
  composer.giveBack("another", problem);
  assert.deepEqual([view().text, view().problem, drafts.at(-1)], [
    "before",
    problem,
    "another\nlost and more",
  ]);
  composer.cancel();
  assert.equal(view().text, "another\nlost and more");
});
