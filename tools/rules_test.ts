import assert from "node:assert/strict";
import { violations } from "./rules.ts";
import { readSource } from "./source.ts";

/** A tree in which everything is used and right, and what is put into it. */
function found(files: Record<string, string>): string[] {
  return violations(Object.entries(files).map(([path, text]) => readSource(path, text)));
}

Deno.test("imports run downward only", () => {
  assert.deepEqual(
    found({
      "src/transport/link.ts": `import type { A } from "../protocol/wire.ts";`,
      "src/protocol/wire.ts": `\nimport type { B } from "../transport/link.ts";`,
    }),
    [
      "src/protocol/wire.ts:2: src/protocol/ may not import src/transport/ (it may import nothing of ours); turn it round or take it as an input",
      "src/transport/link.ts: import cycle src/transport/link.ts → src/protocol/wire.ts → src/transport/link.ts; move what both need into a third file",
    ],
  );
  assert.match(
    found({ "src/client/a.ts": `import "../server/b.ts";` }).join(),
    /may import transport, protocol/,
  );
  assert.match(found({ "src/attic/a.ts": `import "../server/b.ts";` }).join(), /src\/attic\/ has no row/);
  assert.deepEqual(found({ "src/commands/a.ts": `import "../server/b.ts"; import "../client/mod.ts";` }), []);
});

Deno.test("the rules know of the log its types only", () => {
  assert.deepEqual(found({ "src/chat/a.ts": `import type { Entry } from "../log/log.ts";` }), []);
  assert.match(
    found({ "src/chat/a.ts": `import { StoreFailure } from "../log/log.ts";` }).join(),
    /only types of log\.ts/,
  );
  assert.match(
    found({ "src/chat/a.ts": `import type { X } from "../log/sqlite.ts";` }).join(),
    /only types of log\.ts/,
  );
});

Deno.test("an import cycle of any length is named once, and one through a worker is none", () => {
  assert.deepEqual(
    found({
      "src/log/a.ts": `import "./b.ts";`,
      "src/log/b.ts": `import("./c.ts");`,
      "src/log/c.ts": `import type { A } from "./a.ts";`,
    }),
    [
      "src/log/a.ts: import cycle src/log/a.ts → src/log/b.ts → src/log/c.ts → src/log/a.ts; move what both need into a third file",
    ],
  );
  assert.deepEqual(
    found({
      "src/log/a.ts": `new URL("./w.ts", import.meta.url)`,
      "src/log/w.ts": `import type { A } from "./a.ts";`,
    }),
    [],
  );
});

Deno.test("public faces are for others", () => {
  assert.match(
    found({ "src/server/a.ts": `import "../protocol/mod.ts";` }).join(),
    /import the file that has it/,
  );
  assert.match(found({ "src/client/a.ts": `import "./mod.ts";` }).join(), /import the file that has it/);
  assert.deepEqual(found({ "src/ui/a.ts": `import "../client/mod.ts";` }), []);
});

Deno.test("the program imports no test, nothing outside, and passes nothing on", () => {
  assert.match(
    found({ "src/log/a.ts": `import "./b_test.ts";` }).join(),
    /imports the test src\/log\/b_test\.ts/,
  );
  assert.match(found({ "src/log/a.ts": `import "../../tests/x.ts";` }).join(), /src\/ stands alone/);
  assert.deepEqual(found({ "src/log/a_test.ts": `import "../../tests/x.ts"; import "../server/y.ts";` }), []);
  assert.match(found({ "src/log/all.ts": `export * from "./a.ts";` }).join(), /only passes on/);
  assert.deepEqual(found({ "src/client/mod.ts": `export * from "./a.ts";` }), []);
});

Deno.test("Deno's unstable API stays in transport", () => {
  const text =
    `// connectQuic here is fine\nconst conn = await Deno.connectQuic({});\nnew WebTransport(url);`;
  assert.deepEqual(found({ "src/transport/a.ts": text }), []);
  assert.deepEqual(found({ "src/server/a.ts": text }), [
    "src/server/a.ts:2: Deno.connectQuic; Deno's unstable API stays in src/transport/, use a Link",
    "src/server/a.ts:3: new WebTransport; Deno's unstable API stays in src/transport/, use a Link",
  ]);
});

Deno.test("the rules and the ground read no clock, no chance, no machine", () => {
  const calls = [
    "Date.now()",
    "new Date()",
    "Math.random()",
    "performance.now()",
    "setTimeout(f, 1)",
    "crypto.getRandomValues(b)",
    "Deno.env",
  ];
  for (const call of calls) {
    assert.match(found({ "src/chat/a.ts": `const a = ${call};` }).join(), /is deterministic/, call);
    assert.match(found({ "src/protocol/a.ts": `const a = ${call};` }).join(), /is deterministic/, call);
    assert.deepEqual(found({ "src/server/a.ts": `const a = ${call};` }), [], call);
    assert.deepEqual(found({ "src/chat/a_test.ts": `const a = ${call};` }), [], call);
  }
  assert.deepEqual(found({ "src/chat/a.ts": `const a = new Date(tsMs);` }), []);
  assert.match(found({ "src/chat/a.ts": `import "node:fs";` }).join(), /does no I\/O/);
});

Deno.test("a file that only its own test needs is dead", () => {
  const tree = {
    "src/main.ts": `import "./server/a.ts";`,
    "src/server/a.ts": `new URL("./worker.ts", import.meta.url)`,
    "src/server/worker.ts": "",
    "src/server/dead.ts": "",
    "src/server/dead_test.ts": `import "./dead.ts";`,
    "src/server/memory.ts": "",
    "tests/e2e/x_test.ts": `import "../../src/server/memory.ts";`,
  };
  assert.deepEqual(found(tree), ["src/server/dead.ts: nothing imports it; import it or delete it"]);
});

Deno.test("a file has at most 400 lines", () => {
  assert.deepEqual(found({ "src/log/a.ts": "\n".repeat(400) }), []);
  assert.match(found({ "src/log/a.ts": "\n".repeat(401) }).join(), /401 lines, at most 400/);
});
