/** What a run of the bench found, in the one form that its JSON, its tables and docs/performance.md have. */

/** How far a message is kept before its sender is told so or anybody sees it. */
export type Stored = "no" | "page cache" | "fsync";

/** What a system is in the run for. What goes wrong with a rival does not fail the run. */
export type Role = "ours" | "yardstick" | "rival";

/** Figures by the key of their column; null where there is no such thing, as receipts of a system without any. */
export type Figures = Readonly<Record<string, number | null>>;

/** One figure of a shape, for every system. */
export interface Column {
  readonly key: string;
  /** Its head in a table, with the unit: "p50 ms". */
  readonly head: string;
  /** Digits after the point. */
  readonly digits: number;
  /** What we want it to be, if it is held against something. */
  readonly bar?: Bar;
}

/** What is to be reached, and what would be better still. */
export type Bar =
  | { readonly most: number; readonly stretch?: number }
  | { readonly least: number; readonly stretch?: number };

export function isReached(figure: number, bar: Bar): boolean {
  return "most" in bar ? figure <= bar.most : figure >= bar.least;
}

/** A picture of the figures: a bar for each system. */
export interface Chart {
  /** What the bars are, with the unit: "deliveries a second". */
  readonly says: string;
  readonly better: "more" | "less";
  /** The column of the bar. */
  readonly key: string;
  /** A column whose figure is at least that of the bar, drawn as a thin line that goes on from it: a p99. */
  readonly upTo?: string;
}

/** What a shape is, whoever is asked. */
export interface Described {
  /** One word, by which the command line and the page know it. */
  readonly shape: string;
  /** What is done, in one line. */
  readonly says: string;
  /** What is to be reached, in words, where a column's own `bar` can't say it. */
  readonly bar?: string;
  /** In the order of the table. */
  readonly columns: readonly Column[];
  readonly charts?: readonly Chart[];
}

export interface Measured {
  readonly figures: Figures;
  /** What went wrong, such as messages that were lost; null if nothing did. */
  readonly fault: string | null;
}

/** What a system did in one shape. */
export interface Row extends Measured {
  readonly system: string;
  readonly stored: Stored;
  readonly isEncrypted: boolean;
  readonly role: Role;
  /** Each round as it was; `figures` are the medians of them. */
  readonly rounds: readonly Measured[];
}

export interface ShapeResult extends Described {
  readonly rows: readonly Row[];
}

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryMiB: number;
  /** Operating system and kernel. */
  readonly system: string;
  /** Of the directory that the logs were in. */
  readonly filesystem: string;
  /** Whether server and load generator had a core each. */
  readonly isPinned: boolean;
}

export interface RunResult {
  readonly machine: Machine;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly endedAt: string;
  readonly rounds: number;
  /** Whether it was a tenth of the work, to try the bench itself. */
  readonly isQuick: boolean;
  /** By the system's name. */
  readonly versions: Readonly<Record<string, string>>;
  readonly shapes: readonly ShapeResult[];
}

/** The rounds as one: of each figure the median of those that there are, and the first fault. */
export function medianOf(rounds: readonly Measured[]): Measured {
  const keys = new Set(rounds.flatMap(({ figures }) => Object.keys(figures)));
  const figures = Object.fromEntries(
    [...keys].map((key): [string, number | null] => {
      const values = rounds.map(({ figures }) => figures[key] ?? null).filter((value) => value !== null);
      return [key, values.length === 0 ? null : median(values)];
    }),
  );
  return { figures, fault: rounds.find(({ fault }) => fault !== null)?.fault ?? null };
}

/** Of an even number of values the lower of the two in the middle, so that it is one that was measured. */
function median(values: readonly number[]): number {
  return Float64Array.from(values).sort()[(values.length - 1) >> 1] ?? NaN;
}

/** What ended a measurement, in one line: of a program that threw the words that it threw, and not where it stands on
 * this machine, since results are published. */
export function reasonOf(error: unknown): string {
  const says = error instanceof Error ? error.message : String(error);
  const thrown = /^error: (?:Uncaught )?(?:\(in promise\) )?(?:Error: )?(.+)$/m.exec(says)?.[1];
  return thrown ?? says.split("\n")[0] ?? "";
}
