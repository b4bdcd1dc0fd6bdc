import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { connect } from "../../src/client/mod.ts";

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

/** Its server, with its workers and under its permissions, keeps a message and finds it. */
async function assertServes(folder: string): Promise<void> {
  const data = join(folder, "data");
  const server = spawn("npx", ["--no", "--", "quicchat", "serve", "--port", "0", "--data", data], {
    cwd: folder,
    stdio: ["ignore", "pipe", "inherit"],
    detached: true,
  });
  const ended = once(server, "exit");
  try {
    let printed = "";
    let url: string | undefined;
    for await (const chunk of server.stdout) {
      printed += chunk;
      url = /http:\/\/[\d.]+:\d+/.exec(printed)?.[0];
      if (url !== undefined) break;
    }
    assert.ok(url !== undefined, `no address in: ${printed}`);
    const client = connect(url, { name: "Ada" });
    const { offset } = await client.room("lobby").send("there is cake in the garden");
    const { found } = await client.search("cake");
    assert.deepEqual(found.map((one) => one.offset), [offset]);
    await client.close();
  } finally {
    assert.ok(server.pid !== undefined);
    process.kill(-server.pid, "SIGTERM");
    await ended;
  }
}

const missing = ["src/main.ts", "src/client/mod.ts"].filter((file) => !existsSync(join(ROOT, file)));
const reason = missing.length > 0 ? `no ${missing.join(", ")} yet` : null;

Deno.test({
  name: `the packed package runs where it is installed, and its library loads in Node${
    reason ? ` [skipped: ${reason}]` : ""
  }`,
  ignore: reason !== null,
  async fn() {
    const folder = installed();
    try {
      assert.match(run(folder, "npx", "--no", "--", "quicchat", "--help"), /serve/);
      await assertServes(folder);
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
