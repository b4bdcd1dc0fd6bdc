// @ts-check

/**
 * What became of tests. `skipped` holds names; a test that is skipped says why in its name:
 * `Deno.test({ name: "… [skipped: no python3]", ignore: true, … })`.
 * @typedef {{ passed: number, failed: number, skipped: string[] }} Counts
 */

/**
 * Counts one `deno test` by its JUnit report and its exit code. The report leaves out a file that failed to
 * load, and there is none after a crash: then the exit code alone says that something failed.
 * @param {string | null} junit
 * @param {number} exitCode
 * @returns {Counts}
 */
export function countRun(junit, exitCode) {
  /** @type {Counts} */
  const counts = { passed: 0, failed: 0, skipped: [] };
  for (
    const [, name = "", body = ""] of (junit ?? "").matchAll(
      /<testcase name="([^"]*)"[^>]*>([\s\S]*?)<\/testcase>/g,
    )
  ) {
    if (/<(failure|error)\b/.test(body)) counts.failed++;
    else if (/<skipped\b/.test(body)) counts.skipped.push(unescapeXml(name));
    else counts.passed++;
  }
  if (exitCode !== 0 && counts.failed === 0) counts.failed = 1;
  return counts;
}

/** @param {Counts} a @param {Counts} b @returns {Counts} */
export function addCounts(a, b) {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: [...a.skipped, ...b.skipped] };
}

/** The line that ends every run; programs read it. @param {Counts} counts */
export function sumLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed` + (skipped.length > 0 ? `, ${skipped.length} skipped` : "");
}

/** @param {string} text */
function unescapeXml(text) {
  const named = /** @type {Record<string, string>} */ ({ lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" });
  return text.replaceAll(/&(lt|gt|quot|apos|amp);/g, (whole, name) => named[name] ?? whole);
}
