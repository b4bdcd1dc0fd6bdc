// @ts-check
// Builds what the npm package holds (dist/): the program with its workers, as Deno strips no types below a
// node_modules folder, and the client library for browsers, Deno and Node with its
// types, and the page. Part of `npm pack`.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { installMissing } from "../bin/install.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const DIST = join(ROOT, "dist");

/** What is built from what; everything it imports but Node's and Deno's own is in it. */
const PRODUCTS = /** @type {const} */ ([
  { entry: "src/main.ts", name: "quicchat", platform: "node" },
  { entry: "src/client/mod.ts", name: "sdk", platform: "browser" },
]);

/** `new URL("./x.ts", import.meta.url)` as in tools/source.ts. */
const WORKER = /\bnew\s+URL\s*\(\s*["'](\.\.?\/[^"']+\.ts)["']\s*,\s*import\.meta\.url\s*\)/g;

/**
 * Makes a worker's file an entry of its own beside the program. All files of dist/ lie side by side, so the
 * worker is at `./name.js` wherever the code that starts it ends up.
 * @returns {import("rolldown").Plugin}
 */
function workers() {
  const sources = new Map();
  return {
    name: "workers",
    transform(code, id) {
      if (!id.startsWith(join(ROOT, "src")) || !code.includes("import.meta.url")) return null;
      const emitted = code.replaceAll(WORKER, (_whole, specifier) => {
        const file = resolve(dirname(id), specifier);
        const fileName = `${basename(file, ".ts")}.js`;
        if ((sources.get(fileName) ?? file) !== file) {
          throw new Error(
            `two workers are called ${fileName}: ${file}, ${sources.get(fileName)}; rename one`,
          );
        }
        sources.set(fileName, file);
        this.emitFile({ type: "chunk", id: file, fileName });
        return `new URL("./${fileName}", import.meta.url)`;
      });
      return emitted === code ? null : { code: emitted, map: null };
    },
  };
}

/** The licences of the packages that are in a build: they ask to be passed on. @param {Set<string>} modules */
function licences(modules) {
  const packages = new Set();
  for (const id of modules) {
    const found = /^(.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+)[\\/]/.exec(id);
    if (found) packages.add(found[1]);
  }
  return [...packages].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file ? readFileSync(join(folder, file), "utf8").trim() : "";
    return `${name} ${version} (${license})\n\n${text}\n`;
  }).join(`\n${"-".repeat(80)}\n\n`);
}

installMissing(ROOT);
// Only now it is certain to be there.
const { rolldown } = await import("rolldown");

rmSync(DIST, { recursive: true, force: true });
const modules = /** @type {Set<string>} */ (new Set());
for (const { entry, name, platform } of PRODUCTS) {
  if (!existsSync(join(ROOT, entry))) {
    console.error(`no ${entry}: dist/${name}.js is not built`);
    continue;
  }
  const bundle = await rolldown({
    cwd: ROOT,
    input: { [name]: entry },
    platform,
    external: /^node:/,
    plugins: [workers()],
    tsconfig: false,
    onLog(level, log) {
      // A package that is broken in part is worse than none.
      if (level === "warn") throw new Error(`${entry}: ${log.message}`);
    },
  });
  const { output } = await bundle.write({
    dir: DIST,
    format: "esm",
    entryFileNames: "[name].js",
    chunkFileNames: `${name}-[name]-[hash].js`,
  });
  await bundle.close();
  for (const chunk of output) if (chunk.type === "chunk") chunk.moduleIds.forEach((id) => modules.add(id));
  console.error(output.map((chunk) => `dist/${chunk.fileName}`).join(" "));
}
const { buildTypes } = await import("./types.mjs");
await buildTypes(join(DIST, "sdk.d.ts"));
console.error("dist/sdk.d.ts");
const { buildWeb } = await import("./web.mjs");
const page = await buildWeb();
page.modules.forEach((id) => modules.add(id));
console.error(page.says);
writeFileSync(join(DIST, "LICENCES.txt"), licences(modules));
