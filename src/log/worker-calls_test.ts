import assert from "node:assert/strict";
import { WorkerLine } from "./worker-calls.ts";

interface Calls {
  echo: { takes: string; gives: string };
}

function lineTo(source: string): WorkerLine<Calls> {
  return new WorkerLine(new URL(`data:text/javascript,${encodeURIComponent(source)}`), "testing");
}

Deno.test("worker line: calls of one turn travel in one message, and each gets its own answer", async () => {
  const line = lineTo(`
    onmessage = ({ data }) => postMessage(data.map(({ id, takes }) => takes === "no"
      ? { id, reason: "full", says: "no room" } : { id, gives: takes + " of " + data.length }).reverse());
  `);
  const [a, b, c] = await Promise.allSettled([
    line.call("echo", "a"),
    line.call("echo", "no"),
    line.call("echo", "c"),
  ]);
  assert.deepEqual([a, c].map((r) => r.status === "fulfilled" && r.value), ["a of 3", "c of 3"]);
  assert.ok(b.status === "rejected");
  assert.deepEqual([b.reason.name, b.reason.reason, b.reason.message], ["StoreFailure", "full", "no room"]);
  line.end(b.reason);
});

Deno.test("worker line: when the worker dies, whoever waits and whoever calls later is told", async () => {
  const line = lineTo(`onmessage = () => { throw new Error("out of luck"); };`);
  const told = {
    name: "StoreFailure",
    reason: "broken",
    message: /testing worker died .*out of luck.*restart/,
  };
  const waiting = [line.call("echo", "a"), line.call("echo", "b")];
  for (const call of waiting) await assert.rejects(call, told);
  await assert.rejects(line.call("echo", "c"), told);
});
