import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

function run(cwd: string, file: string, ...args: string[]): string {
  return execFileSync(file, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

/** Packs the repository and installs the tarball as its only package. */
function installed(): string {
  const folder = mkdtempSync(join(tmpdir(), "quicchat-package-"));
  run(ROOT, "npm", "pack", "--silent", "--pack-destination", folder);
  writeFileSync(join(folder, "package.json"), '{ "private": true }');
  run(folder, "npm", "install", "--no-audit", "--no-fund", "--prefer-offline", "./quicchat-0.1.0.tgz");
  return folder;
}

const missing = ["src/main.ts", "src/client/mod.ts"].filter((file) => !existsSync(join(ROOT, file)));
const reason = missing.length > 0 ? `no ${missing.join(", ")} yet` : null;

Deno.test({
  name: `the packed package runs where it is installed, and its library loads in Node${
    reason ? ` [skipped: ${reason}]` : ""
  }`,
  ignore: reason !== null,
  fn() {
    const folder = installed();
    try {
      assert.match(run(folder, "npx", "--no", "--", "quicchat", "--help"), /serve/);
      const sdk = `import("quicchat").then((sdk) => console.log(typeof sdk.connect))`;
      assert.equal(run(folder, "node", "--eval", sdk).trim(), "function");
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
});
