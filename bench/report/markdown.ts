/** What was found, as Markdown for docs/performance.md. */
import { type Column, isReached, type Row, type RunResult, type ShapeResult } from "../results.ts";
import { boundText, figureText } from "../table.ts";

/** A shape and the run that it was measured in: what a file of docs/performance/ holds. */
export interface ShapeRun {
  readonly run: Omit<RunResult, "shapes">;
  readonly result: ShapeResult;
}

/** `pictures` are the SVG files of the shape's charts, from the page, with what they show. */
export interface Picture {
  readonly path: string;
  readonly says: string;
}

/** Everything that a shape's region of the page says. */
export function shapeText({ run, result }: ShapeRun, pictures: readonly Picture[], jsonPath: string): string {
  return [
    `${result.says}.`,
    ...pictures.map(({ path, says }) => `![${says}](${path})`),
    table(result),
    ...verdicts(result),
    ...faults(result),
    `<sub>${runText(run)} [Raw figures](${jsonPath}).</sub>`,
  ].join("\n\n");
}

/** The systems of these runs: version, and what each promises. The newest run that a system was in counts. */
export function systemsText(shapes: readonly ShapeRun[]): string {
  const rows = new Map<string, string>();
  for (const { run, result } of shapes.toSorted((a, b) => a.run.startedAt < b.run.startedAt ? -1 : 1)) {
    for (const { system, stored, isEncrypted } of result.rows) {
      rows.set(system, tableRow([system, run.versions[system] ?? "", stored, yesNo(isEncrypted)]));
    }
  }
  return [
    tableRow(["system", "version", "stored before it is acknowledged", "encrypted"]),
    tableRow(["---", "---", "---", "---"]),
    ...rows.values(),
  ].join("\n");
}

function table({ columns, rows }: ShapeResult): string {
  const bars = columns.map((column) => barText(column));
  return [
    tableRow(["", ...columns.map(({ head }) => head), "stored", "encrypted"]),
    tableRow(["---", ...columns.map(() => "---:"), "---", "---"]),
    ...rows.map((row) => {
      const emphasis = row.role === "ours" ? "**" : "";
      return tableRow([
        `${emphasis}${row.system}${emphasis}${row.fault === null ? "" : " ✗"}`,
        ...columns.map((column) => `${emphasis}${figureText(row, column)}${emphasis}`),
        row.stored,
        yesNo(row.isEncrypted),
      ]);
    }),
    ...(bars.every((bar) => bar === "") ? [] : [tableRow(["*to reach*", ...bars, "", ""])]),
  ].join("\n");
}

/** ≤ 1.60, or better 1.30 */
function barText(column: Column): string {
  const { bar } = column;
  if (bar === undefined) return "";
  const stretch = bar.stretch === undefined
    ? ""
    : `, or better ${figureText({ figures: { [column.key]: bar.stretch } }, column)}`;
  return `*${boundText("most" in bar ? bar.most : bar.least, bar, column)}${stretch}*`;
}

/** Whether our own systems reach what is to be reached. */
function verdicts({ bar, columns, rows }: ShapeResult): string[] {
  const lines = rows.filter(({ role }) => role === "ours").flatMap((row) => {
    const verdicts = columns.flatMap((column) => verdict(row, column));
    return verdicts.length === 0 ? [] : [`- ${row.system}: ${verdicts.join("; ")}.`];
  });
  return [
    ...(lines.length === 0 ? [] : [lines.join("\n")]),
    ...(bar === undefined ? [] : [`To reach besides: ${bar}.`]),
  ];
}

function verdict({ figures }: Row, { key, head, bar }: Column): string[] {
  const figure = figures[key] ?? null;
  if (bar === undefined || figure === null) return [];
  if (isReached(figure, bar)) {
    const isBetter = bar.stretch !== undefined &&
      isReached(figure, "most" in bar ? { most: bar.stretch } : { least: bar.stretch });
    return [`${head} reached${isBetter ? ", the better one too" : ""}`];
  }
  const ratio = "most" in bar ? figure / bar.most : bar.least / figure;
  return [`${head} **not reached, by a factor of ${ratio.toFixed(2)}**`];
}

function faults({ rows }: ShapeResult): string[] {
  const lines = rows.flatMap(({ system, fault }) =>
    fault === null ? [] : [`- ✗ ${system}: ${fault.split("\n")[0]}`]
  );
  return lines.length === 0 ? [] : [lines.join("\n")];
}

function runText({ machine, startedAt, rounds, isQuick }: ShapeRun["run"]): string {
  const { cpu, cores, memoryMiB, system, filesystem, isPinned } = machine;
  return [
    `Measured on ${startedAt.slice(0, 10)} on ${cpu}, ${cores} cores, ${Math.round(memoryMiB / 1024)} GiB,`,
    `${system}, ${filesystem};`,
    `${isPinned ? "server on one core, load generator on another" : "not pinned to cores"};`,
    `${rounds === 1 ? "one round" : `medians of ${rounds} rounds`}${isQuick ? ", a tenth of the work" : ""}.`,
  ].join(" ");
}

function tableRow(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

function yesNo(is: boolean): string {
  return is ? "yes" : "no";
}
