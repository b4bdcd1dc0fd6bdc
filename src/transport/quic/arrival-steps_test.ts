/** A connection that ends, or stands still, must not keep its place until some later time. */
import assert from "node:assert/strict";
import { VirtualClock } from "../clock.ts";
import { Steps } from "./arrival-steps.ts";

const never = new Promise<never>(() => {});

function setUp() {
  const clock = new VirtualClock();
  const { promise: closed, resolve: close, reject: cut } = Promise.withResolvers<void>();
  return { clock, close, cut, steps: new Steps(closed, clock) };
}

Deno.test("arrival: a step ends with its promise, and leaves no timer", async () => {
  const { clock, steps } = setUp();
  assert.equal(await steps.step(Promise.resolve(7), 1_000, "handshake"), 7);
  const failing = steps.step(Promise.reject(new Error("no such stream")), 1_000, "no-stream");
  await assert.rejects(failing, { name: "ArrivalFailure", what: "no-stream", message: "no such stream" });
  assert.equal(clock.nextDeadlineMs(), null);
});

Deno.test("arrival: a step has its time", async () => {
  const { clock, steps } = setUp();
  const step = steps.step(never, 1_000, "webtransport");
  const late = assert.rejects(step, { what: "webtransport", message: "not done after 1000 ms" });
  await clock.step();
  await late;
});

Deno.test("arrival: a connection that ends fails the step that is under way, and each that begins later", async () => {
  const { cut, steps } = setUp();
  const step = steps.step(never, 1_000, "handshake");
  cut(new Error("timed out"));
  await assert.rejects(step, { what: "handshake", message: "timed out" });
  await assert.rejects(steps.step(never, 1_000, "no-stream"), { what: "no-stream", message: "timed out" });
  const other = setUp();
  const second = other.steps.step(Promise.resolve(), 1_000, "handshake")
    .then(() => other.steps.step(never, 1_000, "no-stream"));
  other.close();
  await assert.rejects(second, { what: "no-stream", message: "the peer closed the connection" });
});
