/** What worker.ts is started with, before the test files. */
export interface Start {
  /** The mutant that is there while files are read; "" is none. */
  readonly staticMutant: string;
  /** Ids of tests that are not run. */
  readonly skipped: readonly string[];
}

/** What runner.mjs tells worker.ts, one JSON line each. */
export interface Order {
  /** Null runs the code as it is. */
  readonly mutant: string | null;
  /** Ids, in the order to run them; null means all. */
  readonly tests: readonly string[] | null;
  readonly stopsAtFailure: boolean;
  /** A mutant reached more often than this is taken for an endless loop; null for no limit. */
  readonly hitLimit: number | null;
  /** Whether to say which tests reach which mutant: megabytes. */
  readonly tellsCoverage: boolean;
}

export interface TestResult {
  readonly id: string;
  readonly file: string;
  readonly failure: string | null;
  readonly spentMs: number;
}

/** What worker.ts answers, one JSON line each; the first says that all tests have been read. */
export interface Answer {
  readonly results: readonly TestResult[];
  readonly isLooping: boolean;
  /** Stryker's own shape; null when nobody asked. */
  readonly coverage: unknown;
}
