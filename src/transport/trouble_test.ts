import assert from "node:assert/strict";
import { VirtualClock } from "./clock.ts";
import { type Trouble, TroubleGate } from "./trouble.ts";

Deno.test("a flood of one kind is told at once and then once a second, with its count", async () => {
  const clock = new VirtualClock();
  const told: Trouble[] = [];
  const gate = new TroubleGate(clock, (trouble) => told.push(trouble));
  for (let i = 1; i <= 1_000; i++) gate.tell("handshake", new Error(`number ${i}`));
  gate.tell("no-stream");
  assert.deepEqual(told, [
    { what: "handshake", count: 1, says: "number 1" },
    { what: "no-stream", count: 1, says: "" },
  ]);
  await clock.advance(1_000);
  assert.deepEqual(told.slice(2), [{ what: "handshake", count: 999, says: "number 1000" }]);
  await clock.advance(10_000);
  assert.equal(told.length, 3);
  gate.tell("handshake");
  gate.tell("handshake");
  gate.close();
  assert.deepEqual(told.slice(3).map(({ count }) => count), [1, 1]);
  assert.equal(clock.nextDeadlineMs(), null);
});
