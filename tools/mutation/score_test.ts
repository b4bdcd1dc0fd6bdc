import assert from "node:assert/strict";
import { scoreLines, scorePercent, survivorLines } from "./score.mjs";

const at = (line: number, column: number, endColumn: number) => ({
  start: { line, column },
  end: { line, column: endColumn },
});

const REPORT = {
  files: {
    "src/b/two.ts": {
      source: "one\nif (a < b) {\n",
      mutants: [
        {
          status: "Survived",
          mutatorName: "EqualityOperator",
          replacement: "a <= b",
          location: at(2, 5, 10),
        },
        { status: "Killed", mutatorName: "BooleanLiteral", location: at(1, 1, 4) },
        { status: "Timeout", mutatorName: "BooleanLiteral", location: at(1, 1, 4) },
        { status: "Ignored", mutatorName: "StringLiteral", location: at(1, 1, 4) },
      ],
    },
    "src/a/one.ts": {
      source: "f();\n",
      mutants: [{ status: "NoCoverage", mutatorName: "Block", replacement: "{}", location: at(1, 1, 5) }],
    },
    "src/a/types.ts": { source: "", mutants: [] },
  },
};

Deno.test("score: each file, each folder, and all; what is no answer does not count", () => {
  assert.deepEqual(scoreLines(REPORT), [
    "src/a/one.ts    0.0 %  0 killed, 1 survived",
    "src/b/two.ts   66.7 %  2 killed, 1 survived",
    "src/a/          0.0 %  0 killed, 1 survived",
    "src/b/         66.7 %  2 killed, 1 survived",
    "all            50.0 %  2 killed, 2 survived",
  ]);
  assert.equal(scorePercent(REPORT), 50);
  assert.equal(scorePercent({ files: {} }), 100);
});

Deno.test("survivors: where, what stood there, and what might as well stand there", () => {
  assert.deepEqual(survivorLines(REPORT), [
    "src/a/one.ts:1:1: Block (no test comes here): f(); → {}",
    "src/b/two.ts:2:5: EqualityOperator: a < b → a <= b",
  ]);
});
