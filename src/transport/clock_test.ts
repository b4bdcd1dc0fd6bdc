import assert from "node:assert/strict";
import { VirtualClock } from "./clock.ts";

Deno.test("timers run at their time, in order of time and then of setting", async () => {
  const clock = new VirtualClock();
  const ran: string[] = [];
  const at = (delayMs: number, name: string) =>
    clock.after(delayMs, () => ran.push(`${name}@${clock.nowMs()}`));
  at(5, "c");
  at(1, "a");
  at(5, "d");
  at(3, "b");
  clock.after(1, () => at(0, "within a"));
  const cancel = at(4, "never");
  cancel();
  cancel();
  assert.equal(clock.nextDeadlineMs(), 1);
  await clock.advance(4);
  assert.deepEqual(ran, ["a@1", "within a@1", "b@3"]);
  assert.equal(clock.nowMs(), 4);
  assert.ok(await clock.step());
  assert.ok(await clock.step());
  assert.ok(!await clock.step());
  assert.deepEqual(ran.slice(3), ["c@5", "d@5"]);
});

Deno.test("promises react between two timers, however long their chain", async () => {
  const clock = new VirtualClock();
  const order: string[] = [];
  const deep = async (depth: number): Promise<void> => depth === 0 ? undefined : await deep(depth - 1);
  clock.after(1, () => void deep(20).then(() => order.push("reaction")));
  clock.after(1, () => order.push("second timer"));
  await clock.advance(1);
  assert.deepEqual(order, ["reaction", "second timer"]);
});
