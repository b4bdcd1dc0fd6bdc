import assert from "node:assert/strict";
import { withRegion } from "./region.ts";

const page = "# Page\n\n<!-- bench:a -->\nold\n<!-- /bench:a -->\n\nby hand\n";

Deno.test("a region's text is replaced, what stands around it stays", () => {
  assert.equal(
    withRegion(page, "a", { heading: "A", text: "new\n" }),
    "# Page\n\n<!-- bench:a -->\nnew\n<!-- /bench:a -->\n\nby hand\n",
  );
});

Deno.test("a region that the page does not have comes at its end, under its heading", () => {
  assert.equal(
    withRegion(page, "b", { heading: "B", text: "new" }),
    `${page}\n### B\n\n<!-- bench:b -->\nnew\n<!-- /bench:b -->\n`,
  );
});

Deno.test("a region that does not end is refused", () => {
  assert.throws(() => withRegion("<!-- bench:a -->\n", "a", { heading: "A", text: "" }), /no <!-- \/bench:a/);
});
