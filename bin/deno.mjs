// @ts-check
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import process from "node:process";
import { LaunchFailure } from "./launch-failure.mjs";

/**
 * The path of the native Deno that npm installed. Never the package's own `bin`: without install scripts that
 * is a Node program around Deno, which dies alone of a SIGTERM and leaves Deno running.
 * @throws {LaunchFailure}
 */
export function nativeDeno() {
  const require = createRequire(import.meta.url);
  try {
    const home = dirname(require.resolve("deno/package.json"));
    const linked = join(home, process.platform === "win32" ? "deno.exe" : "deno");
    if (existsSync(linked)) return linked;
    // Its install script did not run (npm's ignore-scripts): this links the platform's binary, or names it.
    return /** @type {string} */ (require(join(home, "install_api.cjs")).runInstall());
  } catch (error) {
    const why = error instanceof Error ? error.message.split("\n")[0] : String(error);
    throw new LaunchFailure(
      `there is no Deno for ${process.platform}-${process.arch} here (${why}): run npm ci, or npm install where quicchat is a package.`,
    );
  }
}
