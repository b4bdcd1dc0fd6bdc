import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isPageBuilt } from "./page.mjs";

Deno.test("a page is built anew when it is missing, or older than anything that it is made of", () => {
  const root = mkdtempSync(join(tmpdir(), "quicchat-clone-"));
  const at = (path: string, seconds: number) => utimesSync(join(root, path), seconds, seconds);
  try {
    mkdirSync(join(root, "src/web/styles"), { recursive: true });
    mkdirSync(join(root, "dist/web"), { recursive: true });
    writeFileSync(join(root, "src/web/styles/page.css"), "");
    assert.equal(isPageBuilt(root), false);

    writeFileSync(join(root, "dist/web/index.html"), "");
    for (const path of ["src/web/styles/page.css", "src/web/styles", "src/web"]) at(path, 1_000);
    at("dist/web/index.html", 1_001);
    assert.equal(isPageBuilt(root), true);

    at("src/web/styles/page.css", 1_002);
    assert.equal(isPageBuilt(root), false);

    at("src/web/styles/page.css", 1_000);
    at("src/web/styles", 1_002); // A file of it was deleted.
    assert.equal(isPageBuilt(root), false);
  } finally {
    rmSync(root, { recursive: true });
  }
});
