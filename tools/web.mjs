// @ts-check
// Builds the page: src/web → dist/web. Part of `npm run build`, and of the first `npm start` in a checkout.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PAGE = join(ROOT, "src/web");
export const WEB_DIST = join(ROOT, "dist/web");

/** What may load before one can write: gzip, in kB of 1,000 bytes (the bar of the page). */
const FIRST_LOAD_KB_MAX = 60;

/**
 * Builds it. Throws where a module is missing or the first load is too heavy.
 * @returns {Promise<{ says: string, modules: string[] }>} how heavy it is, and the files that are in it
 */
export async function buildWeb() {
  const { build } = await import("vite");
  const compat = join(ROOT, "node_modules/preact/compat");
  const result = await build({
    root: PAGE,
    configFile: false,
    envFile: false,
    logLevel: "error",
    publicDir: join(PAGE, "public"),
    resolve: {
      // The list is written for React; Preact's face of it is 3 kB.
      alias: { "react/jsx-runtime": "preact/jsx-runtime", "react-dom": compat, react: compat },
    },
    oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
    define: { "process.env.NODE_ENV": JSON.stringify("production") },
    plugins: [serviceWorker()],
    build: {
      outDir: WEB_DIST,
      emptyOutDir: true,
      target: "es2022",
      // No inline data or scripts: the page's policy allows none.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
      // The table of emoji is what it is, and loaded when somebody looks for one.
      chunkSizeWarningLimit: 800,
      cssCodeSplit: true,
    },
  });
  const outputs = (Array.isArray(result) ? result : [result]).flatMap((one) =>
    "output" in one ? one.output : []
  );
  const weight = firstLoadBytes(outputs) / 1000;
  if (weight > FIRST_LOAD_KB_MAX) {
    throw new Error(
      `the page's first load is ${
        weight.toFixed(1)
      } kB of JavaScript (gzip), at most ${FIRST_LOAD_KB_MAX}: load something later`,
    );
  }
  const modules = outputs.flatMap((one) => one.type === "chunk" ? one.moduleIds : []);
  return { says: `dist/web: ${weight.toFixed(1)} kB of JavaScript (gzip) before one can write`, modules };
}

/** The entry and what it imports statically. @param {readonly import("rolldown").OutputChunk[] | any[]} outputs */
function firstLoadBytes(outputs) {
  const chunks = new Map(outputs.filter((one) => one.type === "chunk").map((one) => [one.fileName, one]));
  const needed = new Set();
  /** @param {string} name */
  const need = (name) => {
    const chunk = chunks.get(name);
    if (chunk === undefined || needed.has(name)) return;
    needed.add(name);
    chunk.imports.forEach(need);
  };
  for (const chunk of chunks.values()) if (chunk.isEntry) need(chunk.fileName);
  let bytes = 0;
  for (const name of needed) bytes += gzipSync(chunks.get(name).code, { level: 9 }).length;
  return bytes;
}

/**
 * Puts the list of what was built, and a version made of it, into the service worker.
 * @returns {import("vite").Plugin}
 */
function serviceWorker() {
  return {
    name: "service-worker",
    apply: "build",
    async generateBundle(_options, bundle) {
      const names = [...Object.keys(bundle), ...filesIn(join(PAGE, "public"))].map((name) => `/${name}`);
      const kept = names.filter((name) => !name.endsWith(".html") && !name.endsWith("sw.js"));
      const index = Object.values(bundle).find((one) => one.fileName === "index.html");
      const { createHash } = await import("node:crypto");
      const version = createHash("sha256").update(kept.join()).update(
        index !== undefined && "source" in index ? index.source : "",
      ).digest("hex").slice(0, 12);
      const source = readFileSync(join(PAGE, "service-worker.js"), "utf8")
        .replace('["__FILES__"]', () => JSON.stringify(["/", ...kept]))
        .replace('"__VERSION__"', () => JSON.stringify(version));
      this.emitFile({ type: "asset", fileName: "sw.js", source });
    },
  };
}

/** @param {string} folder @returns {string[]} */
function filesIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      relative(folder, join(entry.parentPath ?? dirname(folder), entry.name)).replaceAll("\\", "/")
    );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.error((await buildWeb()).says);
