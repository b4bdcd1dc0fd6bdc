/** Figures as text for a terminal. */
import type { Bar, Column, Row, ShapeResult } from "./results.ts";

const GAP = "  ";

export function shapeTable({ says, bar, columns, rows }: ShapeResult): string {
  const lines = [
    ["", ...columns.map(({ head }) => head), "stored", "encrypted"],
    ...rows.map((row) => [
      row.system,
      ...columns.map((column) => figureText(row, column)),
      row.stored,
      row.isEncrypted ? "yes" : "no",
    ]),
    ...barLines(columns),
  ];
  const widths = (lines[0] ?? []).map((_, at) => Math.max(...lines.map((cells) => cells[at]?.length ?? 0)));
  const isText = (at: number) => at === 0 || at > columns.length;
  const table = lines.map((cells) =>
    cells.map((cell, at) => isText(at) ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))
      .join(GAP).trimEnd()
  );
  const faults = rows.filter(({ fault }) => fault !== null).map(({ system, fault }) => `${system}: ${fault}`);
  return [`\n${says}`, ...(bar === undefined ? [] : [`to reach: ${bar}`]), ...table, ...faults].join("\n");
}

/** What is to be reached, below the figures that are held against it. */
function barLines(columns: readonly Column[]): string[][] {
  const line = (says: string, figureOf: (bar: Bar) => number | undefined) => {
    const cells = columns.map((column) => {
      const figure = column.bar === undefined ? undefined : figureOf(column.bar);
      return column.bar === undefined || figure === undefined ? "" : boundText(figure, column.bar, column);
    });
    return cells.every((cell) => cell === "") ? [] : [[says, ...cells]];
  };
  return [
    ...line("bar", (bar) => "most" in bar ? bar.most : bar.least),
    ...line("stretch", ({ stretch }) => stretch),
  ];
}

/** ≤ 1.60 */
export function boundText(figure: number, bar: Bar, column: Column): string {
  return `${"most" in bar ? "≤" : "≥"} ${figureText({ figures: { [column.key]: figure } }, column)}`;
}

/** A figure as people read it: 1,234.5; a dash where there is none. */
export function figureText({ figures }: Pick<Row, "figures">, { key, digits }: Column): string {
  const figure = figures[key] ?? null;
  if (figure === null || Number.isNaN(figure)) return "-";
  return figure.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
