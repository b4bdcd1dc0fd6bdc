import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

function run(cwd: string, file: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(file, args, { cwd, encoding: "utf8" });
  assert.equal(status, 0, `${file} ${args.join(" ")}: ${stdout}${stderr}`);
  return stdout;
}

/** Packs the repository and installs the tarball as its only package. */
function installed(): string {
  const folder = mkdtempSync(join(tmpdir(), "quicchat-package-"));
  run(ROOT, "npm", "pack", "--silent", "--pack-destination", folder);
  writeFileSync(join(folder, "package.json"), '{ "private": true }');
  run(folder, "npm", "install", "--no-audit", "--no-fund", "--prefer-offline", "./quicchat-0.1.0.tgz");
  return folder;
}

/** What a program that uses the library may look like; each line fails to compile where a type got lost. */
const PROGRAM = `
import { ChatFailure, connect, type Status } from "quicchat";
const client = connect("http://localhost:4433", { name: "Ada" });
const room = client.room("lobby", { last: 20 });
const { offset }: { readonly offset: number } = await room.send("hello");
// @ts-expect-error a name is needed
connect("http://localhost:4433", {});
for await (const event of room) {
  if (event.type === "CHAT_MESSAGE") console.log(offset, event.sender.length, event.text.length);
  // @ts-expect-error not every event has a text
  console.log(event.text);
}
const says = (status: Status) => status.state === "live" ? status.kind : status.state;
console.log(says(client.status.current), new Error() instanceof ChatFailure);
`;

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
      writeFileSync(join(folder, "chat.mts"), PROGRAM);
      const tsc = join(ROOT, "node_modules", "typescript", "bin", "tsc");
      run(folder, "node", tsc, "--noEmit", "--strict", "--module", "nodenext", "chat.mts");
      const sdk = `import("quicchat").then((sdk) => console.log(typeof sdk.connect))`;
      assert.equal(run(folder, "node", "--eval", sdk).trim(), "function");
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
});
