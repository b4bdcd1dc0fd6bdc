import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isInstalled } from "./install.mjs";

const LOCK = {
  "": { version: "1.0.0" },
  "node_modules/a": { version: "1.0.0", integrity: "sha512-a" },
  "node_modules/b-darwin": { version: "1.0.0", optional: true },
};

/** Whether a clone with this lock file and these packages counts as installed. */
function installed(lock: object | null, present: object | null): boolean {
  const clone = mkdtempSync(join(tmpdir(), "quicchat-install-"));
  try {
    mkdirSync(join(clone, "node_modules"));
    const write = (file: string, packages: object | null) =>
      packages && writeFileSync(join(clone, file), JSON.stringify({ packages }));
    write("package-lock.json", lock);
    write("node_modules/.package-lock.json", present);
    return isInstalled(clone);
  } finally {
    rmSync(clone, { recursive: true });
  }
}

Deno.test("a clone is installed when it has all that its lock file asks of this platform", () => {
  const { "": _root, "node_modules/b-darwin": _other, ...present } = LOCK;
  assert.equal(installed(LOCK, present), true);
});

Deno.test("missing, outdated or half installed packages are noticed", () => {
  assert.equal(installed(LOCK, null), false);
  assert.equal(installed(LOCK, {}), false);
  assert.equal(installed(LOCK, { "node_modules/a": { version: "0.9.0", integrity: "sha512-a" } }), false);
  assert.equal(installed(LOCK, { "node_modules/a": { version: "1.0.0", integrity: "sha512-b" } }), false);
});
