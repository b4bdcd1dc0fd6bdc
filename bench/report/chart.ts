/** Bars as SVG, made by hand: no script, no font of its own, readable on light and on dark. */
import type { Chart, Column, Row, ShapeResult } from "../results.ts";
import { figureText } from "../table.ts";

/** All in pixels. */
const WIDTH = 760;
const ROW_HEIGHT = 24;
const BAR_HEIGHT = 14;
/** Above the rows: what is shown, and the heads. */
const HEAD_HEIGHT = 56;
const FOOT_HEIGHT = 8;
const STORED_AT = 208;
const ENCRYPTED_AT = 284;
const BARS_AT = 356;
/** Behind the longest bar, for the longest figure. */
const FIGURE_WIDTH = 110;
const BARS_WIDTH = WIDTH - BARS_AT - FIGURE_WIDTH;
/** So that the smallest is still seen to be there. */
const BAR_WIDTH_MIN = 1.5;
const GAP = 6;
/** Bars of systems that are so many times beyond the longest of ours are cut, or ours would not be seen. */
const LONGEST_TIMES = 10;
const CUT_FROM_END = 24;
const CUT_WIDTH = 4;

const STYLE = `
    text { font: 12px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #1f2328 }
    .says { font-size: 14px; font-weight: 600 }
    .head, .promise { fill: #59636e; font-size: 11px }
    .ours { font-weight: 600 }
    .fault { fill: #b35900 }
    rect { fill: #8c959f }
    rect.ours { fill: #0969da }
    rect.yardstick { fill: #0969da; fill-opacity: 0.35 }
    path { stroke: #59636e; stroke-width: 1.5; fill: none }
    path.bar { stroke: #1a7f37; stroke-dasharray: 3 3; stroke-opacity: 0.7 }
    text.bar { fill: #1a7f37; font-size: 11px }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3 }
      .head, .promise { fill: #9198a1 }
      .fault { fill: #f0a35e }
      rect { fill: #6e7681 }
      rect.ours { fill: #4493f8 }
      rect.yardstick { fill: #4493f8; fill-opacity: 0.4 }
      path { stroke: #9198a1 }
      path.bar { stroke: #3fb950 }
      text.bar { fill: #3fb950 }
    }`;

/** A bar for each system. Throws where the chart names a column that the shape does not have. */
export function chartSvg({ columns, rows }: ShapeResult, chart: Chart): string {
  const column = columnOf(columns, chart.key);
  const upTo = chart.upTo === undefined ? null : columnOf(columns, chart.upTo);
  const scale = new Scale(rows, [column, ...(upTo === null ? [] : [upTo])]);
  const height = HEAD_HEIGHT + rows.length * ROW_HEIGHT + FOOT_HEIGHT;
  const says = saysOf(chart);
  const frame = `viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${frame} role="img" aria-label="${escaped(says)}">`,
    `  <title>${escaped(says)}</title>`,
    `  <style>${STYLE}\n  </style>`,
    `  ${text("says", 0, 18, says)}`,
    `  ${text("head", STORED_AT, 42, "stored")}`,
    `  ${text("head", ENCRYPTED_AT, 42, "encrypted")}`,
    ...target(column, scale, height),
    ...rows.map((row, at) => rowSvg(row, { at, column, upTo, scale })),
    "</svg>\n",
  ].join("\n");
}

/** From nothing to the largest figure, or to `LONGEST_TIMES` our largest: what is beyond is cut. */
class Scale {
  readonly #end: number;

  constructor(rows: readonly Row[], columns: readonly Column[]) {
    const largest = (of: readonly Row[]) =>
      Math.max(0, ...of.flatMap(({ figures }) => columns.map(({ key }) => figures[key] ?? 0)));
    const ours = largest(rows.filter(({ role }) => role !== "rival"));
    this.#end = ours > 0 ? Math.min(largest(rows), ours * LONGEST_TIMES) : largest(rows);
  }

  has(figure: number): boolean {
    return figure <= this.#end;
  }

  /** Pixels. */
  widthOf(figure: number): number {
    return this.#end > 0 ? Math.min(figure / this.#end, 1) * BARS_WIDTH : 0;
  }
}

export function saysOf({ says, better }: Chart): string {
  return `${says} (${better} is better)`;
}

interface RowPlace {
  readonly at: number;
  readonly column: Column;
  readonly upTo: Column | null;
  readonly scale: Scale;
}

function rowSvg(row: Row, { at, column, upTo, scale }: RowPlace): string {
  const top = HEAD_HEIGHT + at * ROW_HEIGHT;
  const base = top + 16;
  const figure = row.figures[column.key] ?? null;
  const further = upTo === null ? null : row.figures[upTo.key] ?? null;
  const parts = [
    text(row.role, 0, base, row.system),
    text("promise", STORED_AT, base, row.stored),
    text("promise", ENCRYPTED_AT, base, row.isEncrypted ? "yes" : "no"),
  ];
  let end = BARS_AT;
  if (figure !== null) {
    end = BARS_AT + Math.max(scale.widthOf(figure), BAR_WIDTH_MIN);
    for (const [from, to] of pieces(BARS_AT, end, !scale.has(figure))) {
      const width = (to - from).toFixed(1);
      parts.push(
        `<rect class="${row.role}" x="${from}" y="${
          top + 5
        }" width="${width}" height="${BAR_HEIGHT}" rx="2"/>`,
      );
    }
  }
  if (figure !== null && further !== null) {
    const till = Math.max(end, BARS_AT + scale.widthOf(further));
    const middle = top + 5 + BAR_HEIGHT / 2;
    const lines = pieces(end, till, !scale.has(further) && scale.has(figure)).map(([from, to]) =>
      `M${from.toFixed(1)} ${middle}H${to.toFixed(1)}`
    );
    parts.push(`<path d="${lines.join("")}m0 -4v8"/>`);
    end = till;
  }
  const figures = [column, ...(upTo === null ? [] : [upTo])].map((each) => figureText(row, each)).join(" / ");
  const isWhole = row.fault === null;
  parts.push(text(isWhole ? row.role : "fault", end + GAP, base, isWhole ? figures : `${figures} ✗`));
  return parts.map((part) => `  ${part}`).join("\n");
}

/** From one place to another, with a gap near the end if it is cut. */
function pieces(from: number, to: number, isCut: boolean): readonly (readonly [from: number, to: number])[] {
  return isCut ? [[from, to - CUT_FROM_END], [to - CUT_FROM_END + CUT_WIDTH, to]] : [[from, to]];
}

/** A line where the figure is to be, if that is among the bars. */
function target({ bar, ...column }: Column, scale: Scale, height: number): string[] {
  if (bar === undefined) return [];
  const figure = "most" in bar ? bar.most : bar.least;
  if (!scale.has(figure)) return [];
  const x = BARS_AT + scale.widthOf(figure);
  const says = `to reach ${figureText({ figures: { [column.key]: figure } }, column)}`;
  return [
    `  <path class="bar" d="M${x.toFixed(1)} 46V${height - FOOT_HEIGHT}"/>`,
    `  ${text("bar", x, 42, says)}`,
  ];
}

function columnOf(columns: readonly Column[], key: string): Column {
  const column = columns.find((each) => each.key === key);
  if (column === undefined) throw new Error(`a chart shows "${key}", which is no column of its shape`);
  return column;
}

function text(kind: string, x: number, y: number, says: string): string {
  return `<text class="${kind}" x="${Number(x.toFixed(1))}" y="${y}">${escaped(says)}</text>`;
}

function escaped(says: string): string {
  return says.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
