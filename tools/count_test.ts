import assert from "node:assert/strict";
import { addCounts, countRun, sumLine } from "./count.mjs";

// As Deno 2.9.5 writes it.
const REPORT = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="deno test" tests="5" failures="1" errors="1" time="0.275">
    <testsuite name="./a_test.ts" tests="5" disabled="1" errors="1" failures="1">
        <testcase name="good" classname="./a_test.ts" time="0.000" line="1" col="6">
        </testcase>
        <testcase name="a &lt;&amp;&gt; b [skipped: no python3]" classname="./a_test.ts" time="0.000" line="2" col="6">
            <skipped/>
        </testcase>
        <testcase name="good &gt; step" classname="./a_test.ts" time="0.000" line="3" col="43">
        </testcase>
        <testcase name="bad &quot;x&quot;" classname="./b_test.ts" time="0.001" line="1" col="6">
            <failure message="Uncaught Error: no">Error: no &lt;skipped/&gt;</failure>
        </testcase>
        <testcase name="unc" classname="./d_test.ts" time="0.000" line="1" col="6">
            <error message="Cancelled"/>
        </testcase>
    </testsuite>
</testsuites>`;

Deno.test("a report is counted, with the names of what was skipped", () => {
  assert.deepEqual(countRun(REPORT, 1), { passed: 2, failed: 2, skipped: ["a <&> b [skipped: no python3]"] });
});

Deno.test("a run that failed without saying where is one failure", () => {
  assert.deepEqual(countRun(null, 1), { passed: 0, failed: 1, skipped: [] });
  assert.deepEqual(countRun("<testsuites></testsuites>", 1), { passed: 0, failed: 1, skipped: [] });
  assert.deepEqual(countRun(null, 0), { passed: 0, failed: 0, skipped: [] });
});

Deno.test("the sum has one form", () => {
  const sum = addCounts({ passed: 1, failed: 0, skipped: [] }, { passed: 2, failed: 0, skipped: [] });
  assert.equal(sumLine(sum), "3 passed, 0 failed");
  assert.equal(sumLine({ ...sum, skipped: ["a"] }), "3 passed, 0 failed, 1 skipped");
});
