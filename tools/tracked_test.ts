import assert from "node:assert/strict";
import { trackedViolations } from "./tracked.ts";

Deno.test("keys, certificates, databases and builds are not tracked", () => {
  for (
    const path of ["a/server.key", "cert.pem", "x.crt", "chat.sqlite", "chat.sqlite-wal", "x.db", "dist/a.js"]
  ) {
    assert.equal(trackedViolations(path, "").length, 1, path);
  }
  for (const path of ["src/server/key.ts", "src/log/sqlite.ts", "docs/keys.md", "src/db.ts"]) {
    assert.deepEqual(trackedViolations(path, ""), [], path);
  }
});

Deno.test("a private key is found wherever it stands, the words for one are not", () => {
  const begin = "-----BEGIN " + "PRIVATE KEY-----";
  assert.equal(trackedViolations("a.ts", `${begin}\n${"A".repeat(64)}\n`).length, 1);
  assert.deepEqual(trackedViolations("a.ts", `return "${begin}\\n" + base64`), []);
});

Deno.test("no text names a path of one machine", () => {
  const path = ["", "work", "main"].join("/");
  assert.deepEqual(trackedViolations("README.md", `a\nsee ${path}`), [
    "README.md:2: names a path of one machine; say it without",
  ]);
  assert.deepEqual(trackedViolations("README.md", `https://x.example${path} and src${path}`), []);
});
