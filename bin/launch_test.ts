import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** A clone with a given program; its packages are ours. */
function cloneWith(program: string): string {
  const clone = mkdtempSync(join(realpathSync(tmpdir()), "quicchat-launch-"));
  cpSync(join(ROOT, "bin"), join(clone, "bin"), { recursive: true });
  for (const file of ["package.json", "package-lock.json", "deno.json"]) {
    cpSync(join(ROOT, file), join(clone, file));
  }
  symlinkSync(join(ROOT, "node_modules"), join(clone, "node_modules"));
  mkdirSync(join(clone, "src"));
  writeFileSync(join(clone, "src", "main.ts"), program);
  return clone;
}

/** Runs the launcher of a clone; `lines` are its standard output's. */
function start(clone: string, ...args: string[]) {
  const child = spawn("node", [join(clone, "bin", "quicchat.mjs"), ...args], {
    cwd: clone,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => stderr += text);
  const ended = new Promise<{ code: number | null; signal: string | null; stderr: string }>((resolve) =>
    child.on("close", (code, signal) => resolve({ code, signal, stderr }))
  );
  return { child, ended, lines: createInterface(child.stdout)[Symbol.asyncIterator]() };
}

/** Runs the launcher as npm does, behind a shell that waits for it. */
function startUnderNpm(clone: string) {
  const child = spawn("sh", ["-c", `node "${join(clone, "bin", "quicchat.mjs")}" serve; true`], {
    cwd: clone,
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, npm_lifecycle_event: "npx" },
  });
  return { child, lines: createInterface(child.stdout)[Symbol.asyncIterator]() };
}

/** Deno's `child.kill` sends one signal and then none. */
function kill({ pid }: { readonly pid?: number | undefined }, signal: NodeJS.Signals): void {
  if (pid !== undefined) process.kill(pid, signal);
}

async function inClone(program: string, use: (clone: string) => Promise<void>): Promise<void> {
  const clone = cloneWith(program);
  try {
    await use(clone);
  } finally {
    rmSync(clone, { recursive: true });
  }
}

/** Says its process id, then every signal it gets; ends with 3 at SIGTERM. */
const LISTENER = `
for (const name of ["SIGINT", "SIGHUP", "SIGTERM"] as const) {
  Deno.addSignalListener(name, () => { console.log(name); if (name === "SIGTERM") Deno.exit(3); });
}
console.log(Deno.pid);
setInterval(() => {}, 60_000);`;

Deno.test("arguments, exit code and standard output are the program's own", async () => {
  await inClone(`console.log(JSON.stringify(Deno.args)); Deno.exit(7);`, async (clone) => {
    const { ended, lines } = start(clone, "tail", "--json", "a b", "--", "-x");
    assert.equal((await lines.next()).value, '["tail","--json","a b","--","-x"]');
    assert.deepEqual(await ended, { code: 7, signal: null, stderr: "" });
  });
});

Deno.test("signals reach the program, and it decides how to end", async () => {
  await inClone(LISTENER, async (clone) => {
    const { child, ended, lines } = start(clone, "serve");
    await lines.next();
    for (const name of ["SIGINT", "SIGHUP", "SIGTERM"] as const) {
      kill(child, name);
      assert.equal((await lines.next()).value, name);
    }
    assert.equal((await ended).code, 3);
  });
});

Deno.test("a program that a signal ended is told on as that", async () => {
  await inClone(LISTENER, async (clone) => {
    const { ended, lines } = start(clone, "serve");
    process.kill(Number((await lines.next()).value), "SIGKILL");
    assert.equal((await ended).signal, "SIGKILL");
  });
});

Deno.test("the program ends when its launcher was killed", async () => {
  await inClone(LISTENER, async (clone) => {
    const { child, ended, lines } = start(clone, "serve");
    await lines.next();
    kill(child, "SIGKILL");
    // Its end closes the pipe that both write to; `close` comes only then.
    assert.equal((await ended).signal, "SIGKILL");
    assert.equal((await lines.next()).done, true);
  });
});

Deno.test("the program is told to end when npm's shell was ended, which tells nobody", async () => {
  await inClone(LISTENER, async (clone) => {
    const { child, lines } = startUnderNpm(clone);
    await lines.next();
    kill(child, "SIGTERM");
    assert.equal((await lines.next()).value, "SIGTERM");
    assert.equal((await lines.next()).done, true);
  });
});

Deno.test("a command may not touch what is another's, and is never asked", async () => {
  const program = `
    const data = Deno.env.get("QUICCHAT_DATA") ?? "";
    const says = (what: () => unknown) => { try { what(); return "may"; } catch (e) { return (e as Error).name; } };
    console.log(says(() => Deno.mkdirSync(data, { recursive: true })), says(() => Deno.readTextFileSync("/etc/hostname")),
      says(() => Deno.hostname()), Deno.env.get("HOME"));`;
  await inClone(program, async (clone) => {
    const data = join(clone, "data");
    const says = async (...args: string[]) => (await start(clone, ...args).lines.next()).value;
    process.env["QUICCHAT_DATA"] = data;
    try {
      assert.equal(await says("serve"), "may NotCapable may undefined");
      assert.equal(await says("tail"), "NotCapable NotCapable NotCapable undefined");
      assert.equal(await says("--help"), "NotCapable NotCapable NotCapable undefined");
    } finally {
      delete process.env["QUICCHAT_DATA"];
    }
  });
});

Deno.test("linked packages of another version are not deleted, but told of", async () => {
  await inClone("", async (clone) => {
    const lock = JSON.parse(readFileSync(join(clone, "package-lock.json"), "utf8"));
    lock.packages["node_modules/deno"].version = "0.0.0";
    writeFileSync(join(clone, "package-lock.json"), JSON.stringify(lock));
    const { code, stderr } = await start(clone, "--help").ended;
    assert.equal(code, 1);
    assert.match(stderr, /^quicchat: .*node_modules is a link .*npm ci/);
  });
});
