/**
 * `npm run bench`: what a delivery costs. Each system is a real process on one core, the load generator is on the other,
 * and each simulated client has a socket of its own. The bare relay of `systems/relay-server.ts` is in every run, since
 * absolute figures of a shared machine say little.
 *
 *     npm run bench -- --help
 */
import { HELP, type Request, requestOf } from "./request.ts";
import { machineOf } from "./machine.ts";
import { type Measured, medianOf, reasonOf, type Row, type RunResult, type ShapeResult } from "./results.ts";
import { isPinned } from "./running.ts";
import type { Shape } from "./shape.ts";
import type { System } from "./system.ts";
import { shapeTable } from "./table.ts";

/** Of the work, to try the bench itself. */
const QUICK = 0.1;

async function installed(systems: readonly System[]): Promise<System[]> {
  const found: System[] = [];
  for (const system of systems) {
    const missing = await system.missing();
    if (missing === null) found.push(system);
    else console.log(`not measured: ${system.name}: ${missing}`);
  }
  return found;
}

/** One that breaks is shown as that, and doesn't keep the others from being measured. */
async function measuredOrFault(measure: () => Promise<Measured>): Promise<Measured> {
  try {
    return await measure();
  } catch (error) {
    return { figures: {}, fault: reasonOf(error) };
  }
}

/** The systems take turns, so that a machine that is busy for a while is so for all of them. */
async function measureShape(shape: Shape, systems: readonly System[], asked: Asked): Promise<ShapeResult> {
  const asks = systems.filter((system) => shape.isFor?.(system) ?? true);
  const rounds = new Map<System, Measured[]>(asks.map((system) => [system, []]));
  for (let round = 1; round <= asked.rounds; round++) {
    for (const [system, measured] of rounds) {
      console.error(
        `${shape.shape}: ${system.name}${asked.rounds > 1 ? `, round ${round} of ${asked.rounds}` : ""}`,
      );
      const directory = await Deno.makeTempDir({ dir: asked.directory });
      const scale = asked.isQuick ? QUICK : 1;
      measured.push(await measuredOrFault(() => shape.measure(system, directory, scale, asked.keptIn)));
      await Deno.remove(directory, { recursive: true });
    }
  }
  const { shape: name, says, bar, columns, charts } = shape;
  return {
    shape: name,
    says,
    ...(bar === undefined ? {} : { bar }),
    columns,
    ...(charts === undefined ? {} : { charts }),
    rows: [...rounds].map(([system, measured]): Row => ({
      system: system.name,
      stored: system.stored,
      isEncrypted: system.isEncrypted,
      role: system.role,
      ...medianOf(measured),
      rounds: measured,
    })),
  };
}

interface Asked extends Pick<Request, "rounds" | "isQuick" | "keptIn"> {
  /** For everybody's data. */
  readonly directory: string;
}

/** `soFar` is given what there is after each shape. */
async function run(request: Request, soFar: (result: RunResult) => Promise<void>): Promise<RunResult> {
  const directory = await Deno.makeTempDir({ prefix: "quicchat-bench-" });
  try {
    const systems = await installed(request.systems);
    const versions: Record<string, string> = {};
    for (const system of systems) versions[system.name] = await system.version();
    const now = new Date().toISOString();
    let result: RunResult = {
      machine: await machineOf(directory),
      startedAt: now,
      endedAt: now,
      rounds: request.rounds,
      isQuick: request.isQuick,
      versions,
      shapes: [],
    };
    for (const shape of request.shapes) {
      const measured = await measureShape(shape, systems, { ...request, directory });
      console.log(shapeTable(measured));
      result = { ...result, endedAt: new Date().toISOString(), shapes: [...result.shapes, measured] };
      await soFar(result);
    }
    return result;
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** Before the hour that a run may take, and not after it. */
async function mustBeWritable(file: string): Promise<void> {
  try {
    await Deno.writeTextFile(file, "", { append: true });
  } catch (error) {
    console.error(`--json ${file} can't be written: ${error instanceof Error ? error.message : error}`);
    Deno.exit(2);
  }
}

const request = requestOf(Deno.args);
if (typeof request === "string") {
  const isHelp = request === HELP;
  (isHelp ? console.log : console.error)(request);
  Deno.exit(isHelp ? 0 : 2);
}
const { json } = request;
if (json !== null) await mustBeWritable(json);
const result = await run(request, async (soFar) => {
  if (json !== null) await Deno.writeTextFile(json, JSON.stringify(soFar, null, 2) + "\n");
});
console.log(
  isPinned
    ? "\nServer on core 0, load generator on core 1."
    : "\nNot pinned to cores (no taskset, or one core).",
);
const isWhole = result.shapes.every(({ rows }) =>
  rows.every(({ role, fault }) => role === "rival" || fault === null)
);
Deno.exit(isWhole ? 0 : 1);
