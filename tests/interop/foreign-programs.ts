/** Which foreign programs this machine can run, and how. What is missing is skipped, with its reason. */
import { interopDir } from "./peer.ts";

export type Available = { readonly program: string } | { readonly missing: string };

function missing(reason: string): Available {
  console.warn(`skipped: ${reason}`);
  return { missing: reason };
}

async function run(
  program: string,
  args: string[],
  cwd = interopDir,
): Promise<{ ok: boolean; printed: string }> {
  try {
    const { success, stdout, stderr } = await new Deno.Command(program, { args, cwd }).output();
    const decoder = new TextDecoder();
    return { ok: success, printed: decoder.decode(stdout) + decoder.decode(stderr) };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { ok: false, printed: `${program} is not installed` };
    throw error;
  }
}

/** A Python with aioquic: the one that QUICCHAT_TEST_PYTHON names, else `python3`. */
export async function pythonWithAioquic(): Promise<Available> {
  const program = Deno.env.get("QUICCHAT_TEST_PYTHON") ?? "python3";
  const { ok, printed } = await run(program, [
    "-c",
    "import aioquic, sys; assert sys.version_info >= (3, 11)",
  ]);
  if (ok) return { program };
  return missing(
    `the original's programs need Python 3.11 with aioquic (pip install aioquic; QUICCHAT_TEST_PYTHON names ` +
      `another python): ${printed.trim().split("\n").at(-1)}`,
  );
}

/** Builds the client over quic-go into `dir`; Go keeps what it built, so that only the first time is long
 * (25 s). */
export async function quicGoClient(dir: string): Promise<Available> {
  const built = `${dir}/quicgo`;
  const source = `${interopDir}quicgo`;
  const modules = await run("go", ["mod", "download"], source);
  if (!modules.ok) {
    return missing(`the second stack needs Go 1.24 and its modules: ${modules.printed.trim()}`);
  }
  const { ok, printed } = await run("go", ["build", "-o", built, "."], source);
  if (!ok) throw new Error(`the client over quic-go does not build: ${printed}`);
  return { program: built };
}

/** Chromium, driven by playwright-core, which brings no browser of its own. */
export async function installedChromium(): Promise<Available> {
  const program = Deno.env.get("QUICCHAT_TEST_CHROMIUM") ?? "/usr/bin/chromium";
  try {
    await Deno.stat(program);
    return { program };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return missing(`browser tests need Chromium at ${program} (QUICCHAT_TEST_CHROMIUM names another place)`);
  }
}
