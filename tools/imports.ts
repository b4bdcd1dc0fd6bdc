// Checks that the code keeps the shape that ARCHITECTURE.md describes, and that nothing is tracked that
// should not be. Prints one line for each violation; part of `npm run ok`.
import { violations } from "./rules.ts";
import { readSource, type Source } from "./source.ts";
import { trackedViolations } from "./tracked.ts";

/** Where files that may import one another stand; those outside src/ keep fewer rules. */
const FOLDERS = ["src", "tests", "bench"];

function* sourcesUnder(folder: string): Generator<Source> {
  for (const entry of Deno.readDirSync(folder)) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) yield* sourcesUnder(path);
    else if (/\.tsx?$/.test(path)) yield readSource(path, Deno.readTextFileSync(path));
  }
}

function trackedFiles(): string[] {
  const { code, stdout, stderr } = new Deno.Command("git", { args: ["ls-files", "-z"] }).outputSync();
  if (code !== 0) throw new Error(`git ls-files failed: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout).split("\0").filter((path) => path !== "");
}

/** Null when there is nothing, such as a tracked file that was deleted in the working tree. */
function kindOf(path: string): "file" | "folder" | "other" | null {
  try {
    const { isFile, isDirectory } = Deno.lstatSync(path);
    return isFile ? "file" : isDirectory ? "folder" : "other";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

const sources = FOLDERS.filter((path) => kindOf(path) === "folder").flatMap((
  path,
) => [...sourcesUnder(path)]);
const found = violations(sources);
for (const path of trackedFiles()) {
  if (kindOf(path) === "file") found.push(...trackedViolations(path, Deno.readTextFileSync(path)));
}
for (const line of found) console.error(line);
if (found.length > 0) {
  console.error(`${found.length} against the rules of ARCHITECTURE.md`);
  Deno.exit(1);
}
