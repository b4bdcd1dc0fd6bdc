/** What is written down is for the eyes of the user who wrote it, and what must stay secret is in no log. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { newDevice, WAYS, WireClient } from "../fixtures/wire-client.ts";
import { startServer } from "./running-server.ts";

const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

/** Every file and directory in there, and who may touch it. */
function* modesIn(path: string): Generator<readonly [path: string, mode: number]> {
  const { mode, isDirectory } = Deno.statSync(path);
  yield [path, (mode ?? 0) & 0o777];
  if (!isDirectory) return;
  for (const { name } of Deno.readDirSync(path)) yield* modesIn(`${path}/${name}`);
}

function assertPrivate(directory: string): string[] {
  const names: string[] = [];
  for (const [path, mode] of modesIn(directory)) {
    assert.equal(mode & 0o077, 0, `${path} has mode ${mode.toString(8)}`);
    names.push(path.slice(directory.length));
  }
  return names;
}

const skip = Deno.build.os === "windows" ? " (skipped: Windows has no such modes)" : "";

Deno.test({
  name: `what a server and a client write is for their own user${skip}`,
  ignore: skip !== "",
  fn: areOwn,
});

async function areOwn(): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "quicchat-private-" });
  const [dataDir, state] = [`${directory}/deep/data`, `${directory}/deep/state`];
  const umask = Deno.umask(0o000);
  try {
    await using server = await startServer(["--host", "0.0.0.0"], { dataDir });
    // The server is up before the rest of its announcement is read.
    const link = /https:\/\/\S+#\S+(?=\s)/;
    for (let tries = 0; !link.test(server.output()) && tries < 500; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    const url = link.exec(server.output())?.[0]?.replace(/\/\/[^/:]+:/, "//127.0.0.1:") ?? "";
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--quiet",
        "--allow-all",
        "--no-check",
        main,
        "send",
        "--url",
        url,
        "--name",
        "Ann",
        "hi",
      ],
      env: { QUICCHAT_STATE: state },
      stdin: "null",
    }).output();
    assert.equal(code, 0, new TextDecoder().decode(stderr));
    const tail = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--allow-all", "--no-check", main, "tail", "--after", "0", "--limit", "1"]
        .concat(
          [
            "--url",
            `quic://127.0.0.1:${server.port}`,
            "--token",
            decodeURIComponent(/invite=([^&]+)/.exec(url)?.[1] ?? ""),
          ],
        ),
      env: { QUICCHAT_STATE: state },
      stdin: "null",
    }).output();
    assert.equal(tail.code, 0, new TextDecoder().decode(tail.stderr));
    const kept = assertPrivate(dataDir);
    for (
      const name of [
        "log.sqlite",
        "log.sqlite-wal",
        "log.lock",
        "log.witness",
        "search.sqlite",
        "key.pem",
        "certificate.pem",
        "token",
      ]
    ) {
      assert(kept.includes(`/${name}`), `${name} is not among ${kept}`);
    }
    assert(assertPrivate(state).length > 1);
  } finally {
    Deno.umask(umask);
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test("no token, device, name or text is in the log, however much is told", async () => {
  await using server = await startServer(["--verbose", "--token", "right-token-of-the-server"]);
  const device = newDevice();
  const secrets = [
    "wrong-token-of-a-guest",
    "right-token-of-the-server",
    device,
    "secret-text",
    "secret-name",
    "secret-room",
  ];
  for (const way of WAYS) {
    const guest = await WireClient.dial(server, { way });
    guest.say({ type: "CHAT_HELLO", name: "secret-name", token: "wrong-token-of-a-guest" });
    await guest.over();
    const member = await WireClient.dial(server, { way });
    const hello = { type: "CHAT_HELLO", name: "secret-name", device, rooms: [{ room: "secret-room" }] };
    member.say({ ...hello, token: "right-token-of-the-server" });
    await member.hears("CHAT_WELCOME");
    await member.message("secret-room", 1, "secret-text");
    member.say({ type: "CHAT_EDIT", seq: 2, room: "secret-room", target: "secret-text", text: device });
    member.sayBytes(`{"secret-text": ${device}, "token": right-token-of-the-server\n`);
    await member.over();
  }
  await server.stop();
  const log = server.output().split("\n").filter((line) => line.startsWith("{"));
  assert(log.length > 10, "it told a lot");
  for (const secret of secrets) assert(!log.join("\n").includes(secret), `${secret} is in the log`);
});
