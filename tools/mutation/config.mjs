// @ts-check
// What Stryker is told; `npm run mutate` (main.mjs) starts it with this file.
import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const REPORT = "coverage/mutation/report.json";

/** The protocol, the rules, and what an outbox is made of. @param {string} path from the root, with / */
export function isMutated(path) {
  return /^src\/(protocol|chat)\/[^/]+\.ts$|^src\/client\/(outbox\/[^/]*outbox[^/]*|room\/event-queue)\.ts$|^src\/transport\/outbox\.ts$/
    .test(path) && !path.endsWith("_test.ts");
}

export default {
  mutate: ["src/protocol", "src/chat", "src/client/outbox", "src/client/room", "src/transport"].flatMap((
    folder,
  ) => readdirSync(folder).map((name) => `${folder}/${name}`).filter(isMutated)),
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
