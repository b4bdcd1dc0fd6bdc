/** A real server in a process of its own, for tests that talk to it from outside. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { HEAPS } from "../../bin/heaps.mjs";

/** A cold start under load; a warm one takes well under a second. */
const startMs = 30_000;
/** A graceful stop takes at most 5 s; what takes twice as long hangs. */
const stopMs = 10_000;

const root = fileURLToPath(new URL("../../", import.meta.url));

export interface StartOptions {
  /** Keeps the data of an earlier server; else a new temporary directory, removed at the end. */
  readonly dataDir?: string;
  /** A module that runs before the server, in its process. */
  readonly preload?: string;
  /** Environment variables besides this process's. */
  readonly env?: Readonly<Record<string, string>>;
  /** A command that runs the server's in its place, as `ip netns exec NAME` does. */
  readonly within?: readonly string[];
}

export interface RunningServer extends AsyncDisposable {
  readonly host: string;
  /** UDP and TCP; stays the same over a restart. */
  readonly port: number;
  /** The page's address, without a path: `http://127.0.0.1:4433`. */
  readonly url: string;
  readonly dataDir: string;
  /** Of the server itself, no wrapper. */
  readonly pid: number;
  /** All that it printed so far, both streams, over restarts. */
  output(): string;
  /** SIGTERM unless told otherwise; resolves with the exit code. Safe to call again. */
  stop(signal?: "SIGTERM" | "SIGINT"): Promise<number>;
  /** SIGKILL, as a power cut; one asked for while a restart is under way waits until that is up. */
  kill9(): Promise<void>;
  /** Starts it again, on the same port and data; stops it first if it runs. One at a time, as `kill9`. */
  restart(): Promise<void>;
}

/** Starts `quicchat serve` with these further arguments and resolves when it printed its address. */
export async function startServer(
  args: readonly string[] = [],
  options: StartOptions = {},
): Promise<RunningServer> {
  const temporary = options.dataDir === undefined;
  const dataDir = options.dataDir ?? await Deno.makeTempDir({ prefix: "quicchat-e2e-" });
  const printed: string[] = [];
  let process = await start(args, 0, dataDir, printed, options);
  const { host, port, url } = process;

  // `process` is the new one only when a restart is done: an end in between would find the old one, and a
  // second restart would start a second server on the same data.
  let turn: Promise<unknown> = Promise.resolve();
  function inTurn<T>(act: () => Promise<T>): Promise<T> {
    const done = turn.then(act);
    turn = done.catch(heardByItsCaller);
    return done;
  }
  const end = (signal: Signal) => inTurn(() => process.end(signal));

  async function stop(signal: "SIGTERM" | "SIGINT" = "SIGTERM"): Promise<number> {
    const code = await end(signal);
    if (temporary) await Deno.remove(dataDir, { recursive: true }).catch(ignoreMissing);
    return code;
  }
  return {
    host,
    port,
    url,
    dataDir,
    get pid() {
      return process.child.pid;
    },
    output: () => printed.join(""),
    stop,
    async kill9() {
      await end("SIGKILL");
    },
    restart: () =>
      inTurn(async () => {
        await process.end("SIGTERM");
        process = await start(args, port, dataDir, printed, options);
      }),
    async [Symbol.asyncDispose]() {
      await stop();
    },
  };
}

function heardByItsCaller(): void {}

function ignoreMissing(error: unknown): void {
  // stop() may be called twice.
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}

interface ServerProcess {
  readonly child: Deno.ChildProcess;
  readonly host: string;
  readonly port: number;
  readonly url: string;
  /** Sends the signal, if it still runs, and waits for the end of it and of what it printed. */
  end(signal: Signal): Promise<number>;
}

type Signal = "SIGTERM" | "SIGINT" | "SIGKILL";

async function start(
  args: readonly string[],
  port: number,
  dataDir: string,
  printed: string[],
  { preload, env, within = [] }: StartOptions,
): Promise<ServerProcess> {
  const before = preload === undefined ? [] : ["--preload", preload];
  const [program = "", ...rest] = [...within, Deno.execPath()];
  const child = new Deno.Command(program, {
    args: [
      ...rest,
      "run",
      ...HEAPS["serve"] ?? [],
      "--allow-all",
      ...before,
      "src/main.ts",
      "serve",
      "--port",
      String(port),
      "--data",
      dataDir,
      ...args,
    ],
    cwd: root,
    ...(env === undefined ? {} : { env }),
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const address = Promise.withResolvers<URL>();
  const from = printed.length;
  async function follow(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      printed.push(text);
      const found = /https?:\/\/(?:\[[^\]\s]*\]|[\w.-]+):\d+/.exec(printed.slice(from).join(""));
      if (found !== null) address.resolve(new URL(found[0]));
    }
  }
  const followed = Promise.all([follow(child.stdout), follow(child.stderr)]);
  let ended = false;
  const status = child.status.then((status) => {
    ended = true;
    address.reject(new Error(`the server ended with ${status.code} before it printed an address`));
    return status;
  });
  async function end(signal: Signal): Promise<number> {
    if (!ended) child.kill(signal);
    const hung = setTimeout(() => child.kill("SIGKILL"), stopMs);
    const { code } = await status;
    clearTimeout(hung);
    await followed;
    return code;
  }
  const late = setTimeout(
    () => address.reject(new Error(`no address printed within ${startMs} ms`)),
    startMs,
  );
  try {
    const { hostname, port, origin } = await address.promise;
    assert.notEqual(port, "", "the printed address names its port");
    return { child, host: hostname, port: Number(port), url: origin, end };
  } catch (error) {
    await end("SIGKILL");
    throw new Error(`the server did not start; it printed: ${printed.slice(from).join("")}`, {
      cause: error,
    });
  } finally {
    clearTimeout(late);
  }
}
