import assert from "node:assert/strict";
import fc from "fast-check";
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

/** Every link of a tree, and how deep it is. Not by calling itself: what is measured may be deep. */
function survey(nodes: readonly Node[] | null): { links: string[]; depth: number } {
  const links: string[] = [];
  let depth = 0;
  let level = nodes ?? [];
  while (level.length > 0) {
    depth++;
    for (const node of level) if (node.is === "link") links.push(node.to);
    level = level.flatMap((node) => "children" in node ? node.children : []);
  }
  return { links, depth };
}

/** Deeper than anybody nests quotes and lists, shallow enough to be drawn by functions that call themselves. */
const DEPTH_MAX = 40;

Deno.test("whatever is written: a tree of bounded depth whose links lead to the web or to mail, or none", () => {
  const pieces = [
    "*",
    "**",
    "_",
    "~~",
    "`",
    "```\n",
    "[",
    "](",
    ")",
    "<",
    ">",
    "> ",
    "- ",
    "1. ",
    "# ",
    "\n",
    "\n\n",
  ];
  pieces.push(
    "  ",
    "\\",
    "!",
    "&amp;",
    "a",
    "b c",
    "http://x.y/",
    "www.x.y",
    "mailto:a@b.c",
    "a@b.c",
    "javascript:",
  );
  pieces.push("data:text/html,", "<script>", "<img src=x>", "\u202e", "\u0000", "👩‍👩‍👧", "א");
  const text = fc.array(fc.constantFrom(...pieces), { maxLength: 80 }).map((some) => some.join(""));
  fc.assert(
    fc.property(text, (written) => {
      const { links, depth } = survey(markdownTree(written));
      for (const link of links) assert.match(link, /^(?:https?|mailto):/);
      assert.ok(depth <= DEPTH_MAX);
    }),
    { numRuns: 600, seed: 1 },
  );
});

// 2,000 nested emphases took seconds to parse, and a tree so deep ends the page when it is drawn.
Deno.test("what would cost too much is shown as it was written", () => {
  const plain = ["*".repeat(5_000), "[".repeat(5_000), "> ".repeat(3_000), "a".repeat(20_000)];
  plain.push(
    "*a ".repeat(2_000) + "a* ".repeat(1_999),
    "[a](".repeat(2_500),
    "- a\n".repeat(2_900),
    "`a".repeat(5_000),
  );
  plain.push("a\n".repeat(1_000), "*a **b ".repeat(100) + "c** d* ".repeat(100));
  // Short signs between letters nest as deep as many in a row.
  for (const text of ["a**b".repeat(400), "[a](".repeat(400), "~~a _b ".repeat(200)]) {
    assert.ok(survey(markdownTree(text)).depth <= DEPTH_MAX, text.slice(0, 8));
  }
  for (const text of plain) assert.equal(shapeOf(text), "plain", text.slice(0, 20));
});

Deno.test("within the bounds, but as bad as they allow: shallow, and soon done", () => {
  const worst = {
    emphasis: "*a ".repeat(499) + "a* ".repeat(499),
    brackets: "[a](".repeat(333),
    items: "- a\n".repeat(500),
    numbers: "1. a\n".repeat(500),
    deepItems: Array.from({ length: 28 }, (_, n) => `${"  ".repeat(n)}- a`).join("\n"),
    quotes: "> a\n".repeat(500),
    links: "[a](http://b.c) ".repeat(240),
    addresses: "www.a.b ".repeat(1_400),
    angles: "<a ".repeat(999),
    blanks: `${" ".repeat(11_000)}a`,
    code: `\`\`\`c\n${"*p = a_b[c_d];\n".repeat(700)}\`\`\``,
  };
  for (const [what, text] of Object.entries(worst)) {
    const beganMs = performance.now();
    const { depth } = survey(markdownTree(text));
    const tookMs = performance.now() - beganMs;
    assert.ok(depth <= DEPTH_MAX, `${what}: ${depth} deep`);
    // Milliseconds on a quiet machine: what grows as a square without the bounds takes tens of seconds.
    assert.ok(tookMs < 3_000, `${what}: ${tookMs} ms`);
  }
  assert.match(shapeOf(worst.code), /^block\[/, "much code is no markdown");
});
