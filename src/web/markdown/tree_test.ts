import assert from "node:assert/strict";
import { markdownTree, type Node, safeAddress } from "./tree.ts";

/** A tree as one reads it: `p(hello b(world))`. */
function shape(nodes: readonly Node[] | null): string {
  if (nodes === null) return "plain";
  return nodes.map((node) => {
    if (node.is === "text") return node.text;
    if (node.is === "code" || node.is === "block") return `${node.is}[${node.text}]`;
    if ("children" in node) {
      const more = node.is === "link" ? `→${node.to}` : node.is === "numbers" ? node.start : "";
      return `${node.is}${more}(${shape(node.children)})`;
    }
    return `<${node.is}>`;
  }).join("");
}
const shapeOf = (text: string) => shape(markdownTree(text));

Deno.test("markdown as people use it in talk", () => {
  assert.equal(
    shapeOf("hello **world**, _you_ ~~there~~ `x*y`"),
    "paragraph(hello strong(world), emphasis(you) strike(there) code[x*y])",
  );
  assert.equal(shapeOf("one\ntwo\n\nthree"), "paragraph(one\ntwo)paragraph(three)");
  assert.equal(shapeOf("```ts\nlet a = 1;\n\nb();\n```"), "block[let a = 1;\n\nb();]");
  assert.equal(
    shapeOf("- a\n- b\n  - c"),
    "bullets(item(paragraph(a))item(paragraph(b)bullets(item(paragraph(c)))))",
  );
  assert.equal(shapeOf("3. a\n4. b"), "numbers3(item(paragraph(a))item(paragraph(b)))");
  assert.equal(shapeOf("> so\n> it is"), "quote(paragraph(so\nit is))");
  assert.equal(shapeOf("# big"), "heading(big)");
  assert.equal(shapeOf("a \\* b &amp; c"), "paragraph(a * b &amp; c)");
});

Deno.test("links: to the web and to mail, and nowhere else", () => {
  assert.equal(
    shapeOf("see https://deno.com/a?b=c or [this](https://example.org)"),
    "paragraph(see link→https://deno.com/a?b=c(https://deno.com/a?b=c) or link→https://example.org/(this))",
  );
  assert.equal(shapeOf("<https://a.example>"), "paragraph(link→https://a.example/(https://a.example))");
  assert.match(shapeOf("mail ada@example.org"), /link→mailto:ada@example\.org/);
  for (
    const bad of [
      "javascript:alert(1)",
      "data:text/html,x",
      "vbscript:x",
      "file:///etc",
      "//evil",
      "JaVaScRiPt:x",
    ]
  ) {
    assert.equal(safeAddress(bad), null, bad);
    assert.doesNotMatch(shapeOf(`[click](${bad})`), /link→/, bad);
  }
});

Deno.test("HTML, pictures and definitions are text", () => {
  for (
    const text of [
      "<script>alert(1)</script>",
      '<img src=x onerror="alert(1)">',
      "a <b>bold</b> move",
      "![picture](https://evil.example/x.png)",
    ]
  ) {
    const said = shapeOf(text);
    assert.doesNotMatch(said, /block\[/, text);
    assert.ok(said.includes("<") || said.includes("!"), said);
  }
});

function depthOf(nodes: readonly Node[]): number {
  let deepest = 0;
  for (let level = nodes; level.length > 0; deepest++) {
    level = level.flatMap((node) => "children" in node ? node.children : []);
  }
  return deepest;
}

Deno.test("what would cost too much is shown as it was written", () => {
  for (const text of ["*".repeat(5_000), "[".repeat(5_000), "> ".repeat(3_000), "a".repeat(20_000)]) {
    assert.equal(shapeOf(text), "plain");
  }
  // Short signs between letters nest as deep as many in a row.
  for (const text of ["a**b".repeat(400), "*a ".repeat(600), "[a](".repeat(400), "~~a _b ".repeat(200)]) {
    assert.ok(depthOf(markdownTree(text) ?? []) <= 40, text.slice(0, 8));
  }
  // Within the bounds, but as bad as they allow: ends, and gives something.
  for (const text of ["*a ".repeat(3_000), "[a](".repeat(2_500), "`".repeat(40) + "a".repeat(9_000)]) {
    assert.notEqual(shapeOf(text), "");
  }
});
