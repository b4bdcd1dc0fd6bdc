/** Servers of others: a program that is installed, with a configuration of the bench's own on a port of its own. */
import { has, Running, type RunningOptions } from "../running.ts";
import type { Started } from "../system.ts";

/** ejabberd takes four seconds on a busy machine. */
const START_MS = 30_000;
const LOOK_AGAIN_MS = 50;
/** A version that the system does not tell. */
const UNKNOWN = "unknown";

/** A TCP port of loopback that is free now. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Starts the program and waits until its port takes connections. */
export async function startDaemon(
  port: number,
  program: string,
  args: readonly string[],
  options?: RunningOptions,
): Promise<Started> {
  const process = new Running("server", program, args, options);
  const tillMs = Date.now() + START_MS;
  while (!await takesConnections(port)) {
    if (!process.isRunning || Date.now() > tillMs) {
      await process.stop();
      throw new Error(`${program} does not answer on port ${port}\n${process.complaints}`);
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
  return { process, port, caCerts: [] };
}

async function takesConnections(port: number): Promise<boolean> {
  try {
    (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.ConnectionRefused) return false;
    throw error;
  }
}

/** For `System.missing`: null if the program runs, else what installs it. */
export async function aptMissing(
  program: string,
  args: readonly string[],
  packages: string,
): Promise<string | null> {
  return await has(program, args) ? null : `apt-get install --no-install-recommends ${packages}`;
}

/** Of a package of Debian's or its like, where the program itself doesn't say, or not fast. */
export async function packageVersion(name: string): Promise<string> {
  return await versionSaid("dpkg-query", ["-W", "-f", "${Version}", name], /^(?:\d+:)?([\d.]+)/);
}

/** The first group of the pattern in what the program says of itself. */
export async function versionSaid(
  program: string,
  args: readonly string[],
  pattern: RegExp,
): Promise<string> {
  const decoder = new TextDecoder();
  try {
    const { stdout, stderr } = await new Deno.Command(program, { args: [...args] }).output();
    return pattern.exec(decoder.decode(stdout) + decoder.decode(stderr))?.[1] ?? UNKNOWN;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return UNKNOWN;
    throw error;
  }
}
