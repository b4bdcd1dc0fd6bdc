import assert from "node:assert/strict";
import { ChatFailure } from "../../client/mod.ts";
import { problemOf } from "../problem.ts";
import { languageOf, problemText } from "./choose.ts";
import { de } from "./de.ts";
import { en, type Words } from "./en.ts";

Deno.test("the language: the chosen one, else the first of the browser's that there is, else English", () => {
  assert.equal(languageOf("de", ["en"]), "de");
  assert.equal(languageOf("system", ["fr-FR", "de-AT", "en"]), "de");
  assert.equal(languageOf("system", ["EN-gb", "de"]), "en");
  assert.equal(languageOf("system", ["fr", "deu"]), "en");
  assert.equal(languageOf("system", []), "en");
});

Deno.test("a problem in words: ours, else the server's sentence, else that something went wrong", () => {
  assert.equal(problemText(problemOf(ChatFailure.of("busy")), de), de.problems.busy);
  assert.equal(problemText({ name: "newer-than-this", detail: "Says the server." }, de), "Says the server.");
  assert.equal(problemText({ name: "toString", detail: "" }, en), en.problemElse);
  assert.deepEqual(problemOf(new TypeError("odd")), { name: "internal", detail: "odd" });
  assert.deepEqual(problemOf("odd"), { name: "internal", detail: "odd" });
});

/** Every leaf of a dictionary, with its path. */
function leaves(words: object, path = ""): [string, unknown][] {
  return Object.entries(words).flatMap(([key, value]): [string, unknown][] =>
    typeof value === "object" && value !== null ? leaves(value, `${path}${key}.`) : [[`${path}${key}`, value]]
  );
}

Deno.test("nothing is left empty, and what takes a number or a name says it", () => {
  for (const words of [en, de] satisfies Words[]) {
    for (const [path, value] of leaves(words)) {
      if (typeof value === "string") assert.notEqual(value.trim(), "", `${words.code} ${path}`);
    }
    assert.match(words.rooms.unread("200+"), /200\+/);
    assert.match(words.topic.set("Bea", "tea"), /Bea.*tea/);
    assert.doesNotMatch(words.topic.set("Bea", ""), /:/);
    assert.match(words.connection.milliseconds(1.25), /^1[.,]3 ms$/);
    assert.match(words.connection.milliseconds(41.7), /^42 ms$/);
    assert.notEqual(words.connection.reconnecting(0), words.connection.reconnecting(3));
    assert.notEqual(words.timeline.newBelow(1), words.timeline.newBelow(2).replace("2", "1"));
    const typing = [[], ["A"], ["A", "B"], ["A", "B", "C"], ["A", "B", "C", "D"]].map((names) =>
      words.typing(names)
    );
    assert.equal(typing[0], "");
    assert.equal(new Set(typing).size, 5);
    assert.doesNotMatch(typing[4] ?? "", /A|B/, "who they all are is more than one line");
  }
});
