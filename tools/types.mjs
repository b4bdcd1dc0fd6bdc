// @ts-check
// Builds dist/sdk.d.ts: the SDK's types in one file, for those who import it from TypeScript. It stands for
// itself: what it needs of valibot's types is in it.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { nativeDeno } from "../bin/deno.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** @param {string} out where the types go */
export async function buildTypes(out) {
  const { generateDtsBundle } = await import("dts-bundle-generator");
  const folder = mkdtempSync(join(tmpdir(), "quicchat-types-"));
  try {
    // The SDK's part for Deno is compiled with the rest; TypeScript does not know Deno by itself.
    const ofDeno = join(folder, "types", "deno");
    mkdirSync(ofDeno, { recursive: true });
    const declared = execFileSync(nativeDeno(), ["types"], {
      encoding: "utf8",
      env: { ...process.env, NO_COLOR: "1" },
      maxBuffer: 64 * 1024 * 1024,
    });
    writeFileSync(join(ofDeno, "index.d.ts"), declared);
    const config = join(folder, "tsconfig.json");
    writeFileSync(
      config,
      JSON.stringify({
        compilerOptions: {
          strict: true,
          exactOptionalPropertyTypes: true,
          noUncheckedIndexedAccess: true,
          target: "esnext",
          module: "esnext",
          moduleResolution: "bundler",
          allowImportingTsExtensions: true,
          declaration: true,
          emitDeclarationOnly: true,
          skipLibCheck: true,
          lib: ["esnext", "dom", "dom.iterable"],
          types: ["deno", "node"],
          typeRoots: [join(folder, "types"), join(ROOT, "node_modules", "@types")],
        },
      }),
    );
    const [types = ""] = generateDtsBundle([{
      filePath: join(ROOT, "src/client/mod.ts"),
      libraries: { inlinedLibraries: ["valibot"], importedLibraries: [], allowedTypesLibraries: [] },
      output: { noBanner: true, exportReferencedTypes: false },
    }], { preferredConfigPath: config });
    writeFileSync(out, types);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
