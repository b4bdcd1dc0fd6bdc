import { createHash } from "node:crypto";
import process from "node:process";
import type { Address } from "../client/dial/address.ts";
import { denoDial, type DenoDialOptions, trustedCertificate } from "../client/dial/dial-deno.ts";
import { ChatFailure, saysOf } from "../client/failure.ts";
import { guardProcess } from "../transport/process-guard.ts";
import { has } from "./arguments.ts";
import { builtPage } from "./built-page.ts";
import { type Command, type Given, Trouble, UsageError } from "./command.ts";
import { openPageProxy } from "./page-proxy.ts";
import { stateDirectory } from "./places.ts";
import { SERVER_FLAGS, targetOf, TRUST_FLAGS } from "./server-flags.ts";

/** A browser that ends sooner did not show the page itself: it gave it to one that runs already. */
const HANDED_OVER_MS = 4_000;
/** Ports that no service is registered for (RFC 6335 §6), from the first on. */
const PORTS = { first: 49_152, count: 16_384 } as const;

export const gui: Command = {
  name: "gui",
  summary: "Open the page of a server as a window",
  words: "",
  wordsMax: 0,
  flags: {
    host: { value: "HOST", says: "the server (127.0.0.1)" },
    port: { value: "N", says: "its port (4433)" },
    name: SERVER_FLAGS.name,
    url: { value: "URL", says: "in place of --host and --port: an invite link, or http(s)://HOST:PORT" },
    token: TRUST_FLAGS.token,
    "key-hash": TRUST_FLAGS["key-hash"],
    wait: { value: "SECONDS", says: "how long to try to reach the server (10)" },
    help: TRUST_FLAGS.help,
  },
  notes: `The window belongs to Chromium, Chrome, Edge or Brave where there is one, else the page opens
in the browser that you use; QUICCHAT_BROWSER names another program. The browser warns of no
certificate: the server's key is trusted on first use, or pinned by an invite. Closing the
window or Ctrl-C ends it.

  quicchat gui --host 192.168.7.20 --name Ann`,
  run: runGui,
};

async function runGui(given: Given): Promise<number> {
  if (has(given, "url") && (has(given, "host") || has(given, "port"))) {
    throw new UsageError("--url says host and port itself: give either --url, or --host and --port");
  }
  const { address, name, token, trust, firstWaitMs } = await targetOf(given);
  if (address.scheme === "quic") throw new UsageError("--url: a page needs an https:// or http:// address");
  const page = await builtPage();
  if (page === null) throw new Trouble("the page was not built: run npm run build");
  guardProcess(({ says }) => console.error(`quicchat: a connection failed oddly: ${says}`));

  const options: DenoDialOptions = { ...trust, onlyWebSocket: true };
  const dial = denoDial(address, options);
  await reach(address, dial, firstWaitMs);
  const port = portFor(address);
  const proxy = openPageProxy({
    page,
    port,
    webTransportOrigin: webTransportOrigin(address),
    certificateHash: (signal) => trustedCertificate(address, trust, signal),
    dial,
    wishes: `?name=${encodeURIComponent(name)}${
      token === undefined ? "" : `#invite=${encodeURIComponent(token)}`
    }`,
  });
  console.log(`QUICChat at ${address.origin}, as ${name}\n\n  open       ${proxy.address}\n`);
  const asked = Promise.withResolvers<void>();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => asked.resolve());
  await showPage(proxy.address, port, asked.promise);
  await proxy.close();
  return 0;
}

/** Resolves when somebody quicchat answers there, whose key is trusted. */
async function reach({ origin }: Address, dial: ReturnType<typeof denoDial>, waitMs: number): Promise<void> {
  try {
    const link = await dial({ signal: AbortSignal.timeout(waitMs), attempt: 1 });
    link.open({ bytes() {}, datagram() {}, closed() {} });
    link.close();
  } catch (thrown) {
    if (thrown instanceof ChatFailure) throw new Trouble(thrown.says);
    const because = thrown instanceof DOMException ? `no answer for ${waitMs / 1000} s` : saysOf(thrown);
    throw new Trouble(`no connection to ${origin} (${because}): is the server running?`);
  }
}

/** Resolves when the window was closed, or when asked to end. */
async function showPage(url: string, port: number, asked: Promise<void>): Promise<void> {
  const program = process.env["QUICCHAT_BROWSER"] ?? "";
  if (program === "") {
    console.log("No browser was found here: open the address in one of this machine. Ctrl-C ends it.");
    return await asked;
  }
  const state = process.env["QUICCHAT_BROWSER_PROFILE"] === "own" ? stateDirectory() : null;
  const profile = state === null ? null : `${state}/gui/${port}`;
  const startedMs = performance.now();
  let browser: Deno.ChildProcess;
  try {
    browser = new Deno.Command(program, {
      args: browserArguments(program, url, profile),
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
  } catch (error) {
    console.log(`${program} can't be started (${saysOf(error)}): open the address yourself. Ctrl-C ends it.`);
    return await asked;
  }
  const ended = await Promise.race([browser.status, asked]);
  if (ended === undefined) {
    // Only what is ours alone: any other window of the browser is somebody else's.
    if (profile !== null) browser.kill("SIGTERM");
    return;
  }
  if (profile !== null && performance.now() - startedMs > HANDED_OVER_MS) return;
  console.log(
    ended.success
      ? "The page is in the browser. Ctrl-C ends it."
      : `${program} ended with ${ended.code}: open the address in a browser yourself. Ctrl-C ends it.`,
  );
  await asked;
}

/** How each kind of program is told what to open. */
export function browserArguments(program: string, url: string, profile: string | null): string[] {
  if (/rundll32(\.exe)?$/i.test(program)) return ["url.dll,FileProtocolHandler", url];
  if (!/(chrom|edge|brave)[^/\\]*$/i.test(program)) return [url];
  const own = profile === null
    ? []
    : [`--user-data-dir=${profile}`, "--no-first-run", "--no-default-browser-check"];
  return [`--app=${url}`, ...own];
}

/** The same for a server each time, so that the browser finds again what it kept: the name, drafts, messages
 * that were not sent yet. */
export function portFor({ origin }: Address): number {
  return PORTS.first + createHash("sha256").update(origin).digest().readUInt16BE(0) % PORTS.count;
}

/** A browser takes `localhost` for ::1, where a server of this machine may not listen. */
function webTransportOrigin({ hostname, port }: Address): string {
  const name = /(^|\.)localhost$/.test(hostname) ? "127.0.0.1" : hostname;
  return `https://${name.includes(":") ? `[${name}]` : name}:${port}`;
}
