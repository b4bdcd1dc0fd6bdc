/** Whether the hot paths are as fast as they were: `npm run bench:guard`, which measures ratios and leaves room for
 * noise. A regression of a third is to be seen here and not by people in a full room. */
import assert from "node:assert/strict";

Deno.test("no hot path has become slower than its limit", async () => {
  const guard = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-all", "--no-check", "bench/guard/main.ts"],
    stdout: "piped",
    stderr: "piped",
  });
  const { success, stdout, stderr } = await guard.output();
  const [said, complained] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  console.log(said);
  assert.ok(success, `${said}${complained}`);
});
