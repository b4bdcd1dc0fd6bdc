import assert from "node:assert/strict";
import { blank, readSource } from "./source.ts";

const references = (text: string) =>
  readSource("src/chat/a.ts", text).references.map(({ specifier, line, kind, typeOnly }) =>
    `${line} ${kind}${typeOnly ? " type" : ""} ${specifier}`
  ).sort();

Deno.test("every way to refer to a file is seen, with its line", () => {
  assert.deepEqual(
    references(`import a from "./a.ts";
import type { B } from "./b.ts";
import { type C, type D } from './c.ts';
import e, {
  f,
} from "./e.ts";
import * as g from "node:g";
import "./h.ts";
export * from "./i.ts";
export type { J } from "./j.ts";
const k = await import("./k.ts");
new Worker(new URL("./l.ts", import.meta.url));`),
    [
      "1 import ./a.ts",
      "10 reexport type ./j.ts",
      "11 dynamic ./k.ts",
      "12 worker ./l.ts",
      "2 import type ./b.ts",
      "3 import type ./c.ts",
      "4 import ./e.ts",
      "7 import node:g",
      "8 import ./h.ts",
      "9 reexport ./i.ts",
    ],
  );
});

Deno.test("what stands in comments, strings, templates and regular expressions is no code", () => {
  assert.deepEqual(
    references(`// import a from "./a.ts";
/* import b from "./b.ts"; */
const c = "import c from './c.ts'", d = \`import("./d.ts") \${e("}")} import("./d.ts")\`;
const f = /import "x"[/"'\`]/g, g = 1 / 2, h = c.length / 2; import i from "./i.ts";`),
    ["4 import ./i.ts"],
  );
});

Deno.test("blanking keeps every position and line", () => {
  const text = "a /* x\ny */ `t ${ { b: `u` }.b } v` // z\n'it\\'s' + 1 / 2 / 3; return /[/]'/.test(s)";
  const code = blank(text);
  assert.equal(code.length, text.length);
  assert.equal(code, "a     \n     `  ${ { b: ` ` }.b }  `     \n'     ' + 1 / 2 / 3; return /    /.test(s)");
});

Deno.test("a barrel is a file that only passes on, or an index", () => {
  const isBarrel = (path: string, text: string) => readSource(path, text).isBarrel;
  assert.equal(
    isBarrel("src/log/log.ts", `/** All. */\nexport * from "./a.ts";\nexport { b } from "./b.ts";\n`),
    true,
  );
  assert.equal(
    isBarrel("src/log/log.ts", `import { a } from "./a.ts";\nexport { b } from "./b.ts";\nexport { a };\n`),
    true,
  );
  assert.equal(isBarrel("src/log/log.ts", `export * from "./a.ts";\nexport const b = 1;\n`), false);
  assert.equal(isBarrel("src/log/log.ts", `import "./a.ts";\n`), false);
  assert.equal(isBarrel("src/log/index.ts", `export const b = 1;\n`), true);
});
