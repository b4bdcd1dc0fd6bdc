/** What a process may do is what its command needs: tried from inside, with the flags that the launcher gives. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { permissionFlags } from "../../bin/permissions.mjs";

const probe = fileURLToPath(new URL("../fixtures/confined.ts", import.meta.url));

async function confined(command: string, mayWrite: boolean): Promise<string[]> {
  const directory = await Deno.makeTempDir({ prefix: "quicchat-sandbox-" });
  const [data, state, cwd, outside] = ["data", "state", "cwd", "outside"].map((name) =>
    `${directory}/${name}`
  );
  if (data === undefined || state === undefined || cwd === undefined || outside === undefined) assert.fail();
  try {
    for (const path of [data, state, cwd, outside]) await Deno.mkdir(path);
    const inside = command === "serve" ? data : command === "cert" ? cwd : state;
    const flags = permissionFlags([command], { own: [probe], data, state, cwd });
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-check", ...flags, probe, mayWrite ? inside : "", outside],
      stdin: "null",
    }).output();
    const text = new TextDecoder();
    assert.notEqual(stdout.length, 0, text.decode(stderr));
    return JSON.parse(text.decode(stdout));
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

for (const command of ["serve", "chat", "send", "tail", "cert", "no such command"]) {
  const mayWrite = command !== "no such command";
  Deno.test(`${command}: no other files, no programs, no libraries, no variables`, async () => {
    const refused = (what: string) => `${what}: NotCapable`;
    const tried = await confined(command, mayWrite);
    assert.deepEqual(tried.slice(0, -4), [
      "write its own: done",
      refused("read /etc/passwd"),
      refused("list /"),
      refused("write outside"),
      refused("link out"),
      refused("run a program"),
    ]);
    const [library, variable, user, code] = tried.slice(-4);
    assert.deepEqual([library, user], [refused("load a library"), refused("know who it is")]);
    // Variables that a command does not need look unset.
    assert.notEqual(variable, "read a variable: done");
    assert.notEqual(code, "fetch code: done");
  });
}
