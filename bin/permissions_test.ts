import assert from "node:assert/strict";
import { permissionFlags } from "./permissions.mjs";

const at = { own: ["/app/src"], data: "/d", state: "/s", cwd: "/here", iroh: null };
const flags = (...args: string[]) => permissionFlags(args, at).filter((flag) => !/-env/.test(flag));

Deno.test("each command may touch what it needs and no more", () => {
  assert.deepEqual(flags("serve"), [
    "--no-prompt",
    "--allow-read=/app/src,/d",
    "--allow-net",
    "--allow-write=/d",
    "--allow-sys=hostname,networkInterfaces",
  ]);
  assert.deepEqual(
    permissionFlags(["peer"], { ...at, iroh: "/app/iroh.node" }).filter((flag) => !/-env/.test(flag)),
    [
      "--no-prompt",
      "--allow-read=/app/src,/d,/app/iroh.node",
      "--allow-net",
      "--allow-write=/d",
      "--allow-ffi=/app/iroh.node",
      "--allow-sys=networkInterfaces",
    ],
  );
  assert.ok(!flags("peer").some((flag) => flag.includes("ffi")), "no library, no native code");
  for (const command of ["send", "tail", "chat"]) {
    assert.deepEqual(flags(command), [
      "--no-prompt",
      "--allow-read=/app/src,/s",
      "--allow-net",
      "--allow-write=/s",
    ]);
  }
  assert.deepEqual(flags("cert"), ["--no-prompt", "--allow-read=/app/src,/here", "--allow-write=/here"]);
  for (const args of [["--help"], ["nonsense"], []]) {
    assert.deepEqual(flags(...args), ["--no-prompt", "--allow-read=/app/src"]);
  }
});

Deno.test("gui may start the browser that was found, and nothing else", () => {
  const gui = (browser: string | null) => permissionFlags(["gui"], { ...at, browser });
  assert.ok(gui("/usr/bin/chromium").includes("--allow-run=/usr/bin/chromium"));
  assert.ok(!gui(null).some((flag) => flag.startsWith("--allow-run")));
  assert.ok(
    !permissionFlags(["chat"], { ...at, browser: "/usr/bin/chromium" }).some((flag) => /run/.test(flag)),
  );
});

Deno.test("paths come from the flags, the last one counts, a comma stays one path", () => {
  const serve = flags("serve", "--data", "x", "--cert=/c/a,b.pem", "--key", "k.pem", "--data=../y");
  assert.equal(serve[1], "--allow-read=/app/src,/y,/c/a,,b.pem,/here/k.pem");
  assert.equal(serve[3], "--allow-write=/y");
  assert.equal(flags("send", "--data", "/x", "--key", "/k")[1], "--allow-read=/app/src,/s");
});

Deno.test("--insecure is for clients, and text is no flag", () => {
  const insecure = "--unsafely-ignore-certificate-errors";
  assert.ok(flags("send", "--insecure", "hello").includes(insecure));
  assert.ok(!flags("send", "--", "--insecure").includes(insecure));
  assert.ok(!flags("serve", "--insecure").includes(insecure));
});
