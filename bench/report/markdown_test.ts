import assert from "node:assert/strict";
import { shapeText, systemsText } from "./markdown.ts";
import { SOME_RUN } from "./some-run.ts";

const text = shapeText(SOME_RUN, [{ path: "p/a.svg", says: "bars" }], "p/a.json");

Deno.test("a shape's table has every system with what it promises, and what is to be reached", () => {
  assert.ok(text.includes(`|  | deliveries/s | p50 ms | p99 ms | stored | encrypted |
| --- | ---: | ---: | ---: | --- | --- |
| **quicchat** | **750,000** | **0.75** | **1.50** | fsync | yes |
| a & b <c> ✗ | 1,000,000 | 0.25 | - | no | no |
| *to reach* | *≥ 600,000, or better 700,000* | *≤ 0.50* |  |  |  |`));
});

Deno.test("what is reached and what is not is said of ours only", () => {
  assert.ok(
    text.includes(
      "- quicchat: deliveries/s reached, the better one too; p50 ms **not reached, by a factor of 1.50**.",
    ),
  );
  assert.doesNotMatch(text, /- a & b <c>: /);
});

Deno.test("what went wrong, where and when it was measured, and the picture are there", () => {
  assert.ok(text.includes("- ✗ a & b <c>: not whole: 1 of 2 deliveries\n"));
  assert.ok(text.includes("![bars](p/a.svg)"));
  assert.match(text, /2026-11-26 on Some CPU, 2 cores, 8 GiB, .*medians of 3 rounds\..*\(p\/a\.json\)/);
});

Deno.test("each system is named once, with the version of its newest run", () => {
  const older = {
    ...SOME_RUN,
    run: { ...SOME_RUN.run, startedAt: "2026-11-25T10:00:00.000Z", versions: { quicchat: "0.0.9" } },
  };
  const lines = systemsText([SOME_RUN, older]).split("\n");
  assert.equal(lines.length, 4);
  assert.ok(lines.includes("| quicchat | 0.1.0 | fsync | yes |"));
});
