/** Bars as SVG, made by hand: no script, no font of its own, readable on light and on dark. */
import { type Chart, type Column, isReached, type Row, type ShapeResult } from "../results.ts";
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
    path.bar { stroke: #1a7f37; stroke-dasharray: 3 3 }
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
  const most = Math.max(
    ...rows.flatMap(({ figures }) => [figures[chart.key], figures[chart.upTo ?? ""]]).map((figure) =>
      figure ?? 0
    ),
  );
  const widthOf = (figure: number) => most > 0 ? figure / most * BARS_WIDTH : 0;
  const height = HEAD_HEIGHT + rows.length * ROW_HEIGHT + FOOT_HEIGHT;
  const says = saysOf(chart);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${
    escaped(says)
  }">
  <title>${escaped(says)}</title>
  <style>${STYLE}
  </style>
  <text class="says" x="0" y="18">${escaped(says)}</text>
  ${text("head", STORED_AT, 42, "stored")}
  ${text("head", ENCRYPTED_AT, 42, "encrypted")}
${target(column, { most, widthOf, height })}${
    rows.map((row, at) => rowSvg(row, { at, column, upTo, widthOf })).join("\n")
  }
</svg>
`;
}

export function saysOf({ says, better }: Chart): string {
  return `${says} (${better} is better)`;
}

interface RowPlace {
  readonly at: number;
  readonly column: Column;
  readonly upTo: Column | null;
  readonly widthOf: (figure: number) => number;
}

function rowSvg(row: Row, { at, column, upTo, widthOf }: RowPlace): string {
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
    const width = Math.max(widthOf(figure), BAR_WIDTH_MIN);
    end = BARS_AT + width;
    parts.push(
      `<rect class="${row.role}" x="${BARS_AT}" y="${top + 5}" width="${
        width.toFixed(1)
      }" height="${BAR_HEIGHT}" rx="2"/>`,
    );
    if (further !== null) {
      const till = BARS_AT + widthOf(further);
      const middle = top + 5 + BAR_HEIGHT / 2;
      parts.push(`<path d="M${end.toFixed(1)} ${middle}H${till.toFixed(1)}m0 -4v8"/>`);
      end = Math.max(end, till);
    }
  }
  const figures = [column, ...(upTo === null ? [] : [upTo])].map((each) => figureText(row, each)).join(" / ");
  const isWhole = row.fault === null;
  parts.push(text(isWhole ? row.role : "fault", end + GAP, base, isWhole ? figures : `${figures} ✗`));
  return parts.map((part) => `  ${part}`).join("\n");
}

/** A line where the figure is to be, if that is among the bars. */
function target(
  { bar, key, digits, head }: Column,
  { most, widthOf, height }: {
    readonly most: number;
    readonly widthOf: (figure: number) => number;
    readonly height: number;
  },
): string {
  if (bar === undefined) return "";
  const figure = "most" in bar ? bar.most : bar.least;
  // What is beyond all bars has no place among them.
  if (!isReached(figure, { most })) return "";
  const x = (BARS_AT + widthOf(figure)).toFixed(1);
  const says = `to reach ${figureText({ figures: { [key]: figure } }, { key, digits, head })}`;
  return `  <path class="bar" d="M${x} 46V${height - FOOT_HEIGHT}"/>\n  ${
    text("bar", Number(x), 42, says)
  }\n`;
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
