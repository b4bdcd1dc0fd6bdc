// @ts-check
// What Stryker is told; `npm run mutate` (main.mjs) starts it with this file.
import { tmpdir } from "node:os";
import { join } from "node:path";

export const REPORT = "coverage/mutation/report.json";

export default {
  mutate: [
    "src/protocol/*.ts",
    "src/chat/*.ts",
    "src/client/*outbox*.ts",
    "src/client/event-queue.ts",
    "src/transport/outbox.ts",
    "!src/**/*_test.ts",
  ],
  plugins: ["./tools/mutation/runner.mjs", "./tools/mutation/sentences.mjs"],
  testRunner: "deno",
  coverageAnalysis: "perTest",
  ignorers: ["sentences"],
  // A copy of the project is mutated, outside of it: an editor or a test run beside sees nothing of it.
  tempDirName: join(tmpdir(), "quicchat-mutation"),
  ignorePatterns: ["bench", "coverage", "dist", ".ci", "src/web"],
  // Tests run as they are, --no-check: nothing to silence, and nothing to transpile.
  disableTypeChecks: false,
  concurrency: 2,
  // A mutant that hangs is a killed one; on a busy machine a slow one must not look like it.
  timeoutMS: 10_000,
  timeoutFactor: 4,
  incremental: true,
  incrementalFile: "coverage/mutation/incremental.json",
  reporters: ["progress-append-only", "json", "html"],
  jsonReporter: { fileName: REPORT },
  htmlReporter: { fileName: "coverage/mutation/report.html" },
  allowEmpty: true,
};
