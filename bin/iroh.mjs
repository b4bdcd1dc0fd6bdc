// @ts-check
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import process from "node:process";

/**
 * The native library of @number0/iroh for this system, or null where it is not installed. Resolved here, as Deno runs
 * without npm from a package, and so that the permission to load it names one file.
 * @param {string} root the clone or the package
 * @returns {string | null}
 */
export function irohLibrary(root) {
  try {
    const main = createRequire(join(root, "package.json")).resolve("@number0/iroh/package.json");
    const require = createRequire(main);
    for (const build of builds()) {
      try {
        const manifest = require.resolve(`@number0/iroh-${build}/package.json`);
        const library = join(dirname(manifest), JSON.parse(readFileSync(manifest, "utf8")).main);
        if (existsSync(library)) return library;
      } catch {
        // Of the builds that could fit this system npm installs one.
      }
    }
  } catch {
    // An optional package: the command that needs it says what to do.
  }
  return null;
}

/** @returns {string[]} as the package names its builds */
function builds() {
  const { platform, arch } = process;
  if (platform === "win32") return [`win32-${arch}-msvc`];
  if (platform !== "linux") return [`${platform}-${arch}`];
  return arch === "arm"
    ? ["linux-arm-gnueabihf", "linux-arm-musleabihf"]
    : [`linux-${arch}-gnu`, `linux-${arch}-musl`];
}
