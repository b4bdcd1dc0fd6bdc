/** `quicchat gui` as it is typed: the page of a server that is elsewhere, in a browser that warns of nothing. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { connect } from "../../src/client/mod.ts";
import { blockableNetwork } from "../fixtures/blockable-network.ts";
import { browserProgram, newContext, openBrowser, PATIENCE_MS, Person } from "./people-at-the-page.ts";
import { startServer } from "./running-server.ts";

const launcher = fileURLToPath(new URL("../../bin/quicchat.mjs", import.meta.url));
const TOKEN = "a-token-that-nobody-guesses";

interface Running {
  readonly child: Deno.ChildProcess;
  /** The first address that it printed. */
  readonly address: string;
  /** Resolves when it prints no more. */
  readonly printed: Promise<void>;
}

/** Without a screen there is no browser, unless one is named. */
async function startGui(args: readonly string[], state: string, browser = ""): Promise<Running> {
  const child = new Deno.Command("node", {
    args: [launcher, "gui", ...args],
    env: { DISPLAY: "", WAYLAND_DISPLAY: "", QUICCHAT_STATE: state, QUICCHAT_BROWSER: browser },
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let printed = "";
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { value, done } = await reader.read();
    printed += value ?? "";
    const address = /http:\/\/127\.0\.0\.1:\d+\/open\/\w+/.exec(printed)?.[0];
    if (address !== undefined) {
      // Read on, so that a full pipe does not hold it up.
      const rest = async () => {
        while (!(await reader.read()).done);
      };
      return { child, address, printed: rest() };
    }
    if (done) throw new Error(`quicchat gui printed no address but: ${printed}`);
  }
}

async function ends({ child, printed }: Running): Promise<number> {
  const { code } = await child.status;
  await printed;
  return code;
}

/** The process that has a profile: its lock is a link to "HOST-PID", which now and then is not there for a moment. */
async function browserOf(profile: string): Promise<number> {
  const untilMs = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return Number((await Deno.readLink(`${profile}/SingletonLock`)).split("-").at(-1));
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      const has = Array.from(Deno.readDirSync(profile), ({ name }) => name).sort().join(" ");
      if (Date.now() > untilMs) throw new Error(`no browser has ${profile}, in which there is ${has}`);
    }
    await new Promise((next) => setTimeout(next, 100));
  }
}

async function keyHashOf(url: string): Promise<string> {
  const { keyHash } = await (await fetch(`${url}/.well-known/quicchat`)).json();
  return keyHash;
}

Deno.test({
  name: "quicchat gui opens a window, and ends with it",
  ignore: "missing" in browserProgram,
  async fn() {
    assert("program" in browserProgram);
    const state = await Deno.makeTempDir({ prefix: "quicchat-gui-" });
    await using server = await startServer(["--token", TOKEN, "--verbose"]);
    // Chromium as root, and without a screen.
    const headless = `${state}/chromium-without-a-screen`;
    await Deno.writeTextFile(
      headless,
      `#!/bin/sh\nexec "${browserProgram.program}" --headless --no-sandbox --disable-gpu "$@"\n`,
      { mode: 0o755 },
    );
    const invite = `https://127.0.0.1:${server.port}/#invite=${TOKEN}&key=${await keyHashOf(server.url)}`;
    const gui = await startGui(["--url", invite, "--name", "Ann"], state, headless);
    try {
      const friend = connect(server.url, { name: "Bob", token: TOKEN });
      const lobby = friend.room("lobby");
      const untilMs = Date.now() + PATIENCE_MS;
      const isHere = () => lobby.members.current.members?.some(({ name }) => name === "Ann") === true;
      while (!isHere() && Date.now() < untilMs) await new Promise((next) => setTimeout(next, 100));
      assert.ok(isHere(), "Ann went in by herself, with the invite's token");
      await friend.close();
      assert.match(server.output(), /"session-opened","link":"webtransport"/);
      // Longer than a browser takes that only hands the address on.
      await new Promise((next) => setTimeout(next, 4_500));
      // As closing the window does.
      Deno.kill(await browserOf(`${state}/gui/${new URL(gui.address).port}`), "SIGTERM");
      assert.equal(await ends(gui), 0);
    } catch (error) {
      gui.child.kill("SIGTERM");
      await ends(gui);
      throw error;
    }
    await Deno.remove(state, { recursive: true });
  },
});

Deno.test({
  name: "quicchat gui where no browser is found",
  ignore: "missing" in browserProgram,
  async fn(t) {
    const state = await Deno.makeTempDir({ prefix: "quicchat-gui-" });
    await using server = await startServer();
    await using network = blockableNetwork(server.port);
    await using browser = await openBrowser();
    const gui = await startGui(["--port", String(network.port), "--name", "Ann"], state);
    const { origin } = new URL(gui.address);
    const ann = new Person(await (await newContext(browser)).newPage());

    await t.step("the printed address goes in, to QUIC", async () => {
      await ann.page.goto(gui.address);
      await ann.isConnected();
      await ann.say("over QUIC");
      await ann.isStored("over QUIC");
      assert.equal(ann.page.url(), `${origin}/`);
    });

    await t.step("it is good for one time, and without its cookie nobody gets to the server", async () => {
      const again = await fetch(gui.address, { redirect: "manual" });
      assert.equal(again.status, 403);
      assert.match(await again.text(), /start quicchat gui again/);
      const stranger = async (path: string, headers: Record<string, string> = {}) => {
        const response = await fetch(origin + path, { headers });
        await response.body?.cancel();
        return response.status;
      };
      assert.equal(await stranger("/.well-known/quicchat"), 403);
      assert.equal(await stranger("/quicchat/1"), 403);
      assert.equal(await stranger("/open/0123456789abcdef0123456789abcdef"), 404);
      const odd = new Person(await (await newContext(browser)).newPage());
      await odd.page.goto(`${origin}/?name=Odd`);
      await odd.isConnected(/Reconnecting/);
      await odd.page.close();
      // A page of another site, in the same browser, has the cookie's name but not its site.
      const evil = await ann.page.context().newPage();
      await evil.goto(server.url);
      const state = await evil.evaluate((url) =>
        new Promise((resolve) => {
          const socket = new WebSocket(url, "quicchat.1");
          socket.onopen = () => resolve("open");
          socket.onerror = () => resolve("refused");
        }), `${origin.replace("http", "ws")}/quicchat/1`).catch(() => "refused by its own policy");
      assert.match(String(state), /refused/);
      await evil.close();
    });

    await t.step("where UDP is blocked it goes by WebSocket, by way of gui", async () => {
      network.set("no-udp");
      await ann.say("as UDP went");
      await ann.isConnected(/WebSocket · [\d.]+ ms/, 60_000);
      await ann.isStored("as UDP went");
      network.set("open");
      const reader = connect(server.url, { name: "Reader" });
      const { events } = await reader.room("lobby").history({ after: 0 });
      assert.deepEqual(events.map((event) => event.type === "CHAT_MESSAGE" && event.text), [
        "over QUIC",
        "as UDP went",
      ]);
      await reader.close();
      ann.assertUntroubled();
    });

    await t.step("Ctrl-C ends it; the next one's page finds what was kept", async () => {
      gui.child.kill("SIGINT");
      assert.equal(await ends(gui), 0);
      const next = await startGui(["--port", String(network.port), "--name", "Ann"], state);
      assert.equal(new URL(next.address).origin, origin);
      await ann.page.goto(next.address);
      await ann.sees("as UDP went");
      await ann.isConnected();
      next.child.kill("SIGTERM");
      assert.equal(await ends(next), 0);
    });
    await Deno.remove(state, { recursive: true });
  },
});

Deno.test("quicchat gui says in one sentence why it can't", async (t) => {
  const state = await Deno.makeTempDir({ prefix: "quicchat-gui-" });
  await using server = await startServer();
  const says = async (args: readonly string[], code: number, pattern: RegExp) => {
    const env = { QUICCHAT_STATE: state, DISPLAY: "", WAYLAND_DISPLAY: "" };
    const ran = await new Deno.Command("node", { args: [launcher, "gui", ...args], env, stdin: "null" })
      .output();
    const err = new TextDecoder().decode(ran.stderr).split("\n").filter((line) =>
      line.startsWith("quicchat:")
    );
    assert.equal(err.length, 1, err.join("\n"));
    assert.match(err[0] ?? "", pattern);
    assert.equal(ran.code, code);
  };
  const url = `https://127.0.0.1:${server.port}`;
  await t.step(
    "nobody is there",
    () => says(["--port", "9"], 1, /no connection to http:\/\/127\.0\.0\.1:9 .*running/),
  );
  await t.step(
    "another key than the invite's",
    () => says(["--url", `${url}/#key=${"A".repeat(43)}`], 1, /the key of .* is .*, not A+/),
  );
  await t.step("two addresses", () => says(["--url", url, "--port", "1"], 2, /--url says host and port/));
  await t.step("raw QUIC has no page", () => says(["--url", "quic://127.0.0.1:1"], 2, /https:\/\//));
  await Deno.remove(state, { recursive: true });
});
