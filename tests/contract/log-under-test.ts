import type { Log } from "../../src/log/log.ts";

/** One log to test. */
export interface LogUnderTest {
  readonly log: Log;
  /** Closes the log and opens what it kept; null where nothing outlives the object. */
  readonly reopen: (() => Promise<Log>) | null;
  /** Makes appends fail until the returned function is called. */
  breakStore(): () => void;
  dispose(): Promise<void>;
}
