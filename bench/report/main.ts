/**
 * Makes docs/performance.md from what `npm run bench -- --json FILE` found: for each shape a region of the page, its
 * charts and its raw figures in docs/performance/. Shapes that the file does not have stay as they are.
 *
 *     npm run bench -- report FILE.json [FILE.json ...]
 */
import type { RunResult } from "../results.ts";
import { chartSvg, saysOf } from "./chart.ts";
import { type Picture, type ShapeRun, shapeText, systemsText } from "./markdown.ts";
import { withRegion } from "./region.ts";

const PAGE = "docs/performance.md";
const FOLDER = "docs/performance";
/** Whose name is that of the folder, from the page. */
const FOLDER_FROM_PAGE = "performance";
/** More than any clock here tells, and the files stay small. */
const DIGITS = 6;
const USAGE =
  "usage: npm run bench -- report FILE.json [FILE.json ...], each written by npm run bench -- --json FILE";

async function runOf(file: string): Promise<RunResult> {
  let run: unknown;
  try {
    run = JSON.parse(await Deno.readTextFile(file));
  } catch (error) {
    throw new RangeError(`${file} can't be read: ${error instanceof Error ? error.message : error}`);
  }
  if (!isRun(run)) throw new RangeError(`${file} is not what npm run bench -- --json writes`);
  return run;
}

/** Nobody but the bench writes these files, so it is enough to tell them from others. */
function isRun(value: unknown): value is RunResult {
  return typeof value === "object" && value !== null && "shapes" in value && Array.isArray(value.shapes) &&
    "machine" in value;
}

function rounded(_key: string, value: unknown): unknown {
  return typeof value === "number" ? Number(value.toPrecision(DIGITS)) : value;
}

async function writeShape(page: string, shapeRun: ShapeRun): Promise<string> {
  const { result } = shapeRun;
  const pictures: Picture[] = [];
  for (const chart of result.charts ?? []) {
    const name = `${result.shape}-${chart.key}.svg`;
    await Deno.writeTextFile(`${FOLDER}/${name}`, chartSvg(result, chart));
    pictures.push({ path: `${FOLDER_FROM_PAGE}/${name}`, says: `${saysOf(chart)}: ${result.says}` });
  }
  const json = `${result.shape}.json`;
  await Deno.writeTextFile(`${FOLDER}/${json}`, JSON.stringify(shapeRun, rounded, 1) + "\n");
  return withRegion(page, result.shape, {
    heading: result.says,
    text: shapeText(shapeRun, pictures, `${FOLDER_FROM_PAGE}/${json}`),
  });
}

/** Of this run and of earlier ones. */
async function allShapes(): Promise<ShapeRun[]> {
  const found: ShapeRun[] = [];
  for await (const { name } of Deno.readDir(FOLDER)) {
    if (name.endsWith(".json")) found.push(JSON.parse(await Deno.readTextFile(`${FOLDER}/${name}`)));
  }
  return found;
}

async function report(files: readonly string[]): Promise<void> {
  const runs = await Promise.all(files.map(runOf));
  await Deno.mkdir(FOLDER, { recursive: true });
  let page = await Deno.readTextFile(PAGE);
  for (const { shapes, ...run } of runs) {
    for (const result of shapes) page = await writeShape(page, { run, result });
  }
  page = withRegion(page, "systems", { heading: "Systems", text: systemsText(await allShapes()) });
  await Deno.writeTextFile(PAGE, page);
  console.log(`${PAGE}: ${runs.flatMap(({ shapes }) => shapes.map(({ shape }) => shape)).join(", ")}`);
}

if (Deno.args.length === 0 || Deno.args.some((arg) => arg.startsWith("-"))) {
  console.error(USAGE);
  Deno.exit(2);
}
try {
  await report(Deno.args);
} catch (error) {
  if (!(error instanceof RangeError)) throw error;
  console.error(error.message);
  Deno.exit(2);
}
