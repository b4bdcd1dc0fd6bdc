import assert from "node:assert/strict";
import type { ShapeResult } from "../results.ts";
import { chartSvg } from "./chart.ts";
import { SOME_RUN } from "./some-run.ts";

const { result } = SOME_RUN;
const rate = { says: "deliveries a second", better: "more", key: "rate" } as const;

/** Widths of the bars, in the order of the rows. */
function widths(svg: string): number[] {
  return [...svg.matchAll(/<rect [^>]*width="([\d.]+)"/g)].map(([, width]) => Number(width));
}

Deno.test("bars are as long as their figures, from nothing", () => {
  const [ours = NaN, rival = NaN] = widths(chartSvg(result, rate));
  assert.ok(Math.abs(ours / rival - 0.75) < 0.01, `${ours} / ${rival}`);
});

Deno.test("a line goes on from the bar to the second figure, and belongs to the scale", () => {
  const svg = chartSvg(result, { ...rate, key: "p50", upTo: "p99" });
  const [ours = NaN] = widths(svg);
  const [, from, to] = /<path d="M([\d.]+) [\d.]+H([\d.]+)/.exec(svg) ?? [];
  const start = Number(/<rect [^>]* x="(\d+)"/.exec(svg)?.[1]);
  assert.equal(Number(from), start + ours);
  assert.ok(Math.abs((Number(to) - start) / ours - 2) < 0.01);
  assert.match(svg, />0\.75 \/ 1\.50</);
});

Deno.test("names and faults are text, whatever is in them", () => {
  const svg = chartSvg(result, rate);
  assert.match(svg, />a &amp; b &lt;c></);
  assert.match(svg, /class="fault"[^>]*>1,000,000 ✗</);
});

Deno.test("what is to be reached is shown where it is among the bars, and left out where it is not", () => {
  assert.match(chartSvg(result, rate), />to reach 600,000</);
  const far: ShapeResult = {
    ...result,
    columns: result.columns.map((column) => ({ ...column, bar: { most: 2_000_000 } })),
  };
  assert.doesNotMatch(chartSvg(far, rate), /to reach/);
});

Deno.test("a bar that goes far beyond ours is cut, so that ours are seen", () => {
  const [ours, rival] = result.rows;
  assert.ok(ours !== undefined && rival !== undefined);
  const bars = (rate: number) =>
    widths(chartSvg({ ...result, rows: [ours, { ...rival, figures: { ...rival.figures, rate } }] }, {
      says: "deliveries a second",
      better: "more",
      key: "rate",
    }));
  assert.equal(bars(7_000_000).length, 2);
  const [first = NaN, ...pieces] = bars(70_000_000);
  assert.equal(pieces.length, 2);
  assert.ok(first > 20, `${first} pixels`);
});

Deno.test("nothing measured makes a chart without bars; an unknown column none", () => {
  const rows = result.rows.map((row) => ({ ...row, figures: {} }));
  assert.deepEqual(widths(chartSvg({ ...result, rows }, rate)), []);
  assert.throws(() => chartSvg(result, { ...rate, key: "nothing" }), /no column/);
});
