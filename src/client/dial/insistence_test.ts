import assert from "node:assert/strict";
import { VirtualClock } from "../../transport/clock.ts";
import { memoryPair } from "../../transport/memory-link.ts";
import { seeded, within } from "../../../tests/fixtures/scripted-server.ts";
import { insist, INSISTENCE } from "./insistence.ts";

const REFUSED = new Error("refused");
const wasRefused = (thrown: unknown) => thrown === REFUSED;
const never = () => new AbortController().signal;

Deno.test("a server that refuses by chance is asked again soon, and not for ever", async () => {
  const clock = new VirtualClock();
  const { client } = memoryPair({ clock, random: seeded(1) });
  let tries = 0;
  const third = () => ++tries < 3 ? Promise.reject(REFUSED) : Promise.resolve(client);
  assert.equal(await within(clock, insist(third, wasRefused, never(), clock)), client);
  assert.deepEqual([tries, clock.nowMs()], [3, 2 * INSISTENCE.everyMs]);
  tries = 0;
  const full = () => {
    tries++;
    return Promise.reject(REFUSED);
  };
  await assert.rejects(within(clock, insist(full, wasRefused, never(), clock)), REFUSED);
  assert.equal(tries, INSISTENCE.triesMax);
});

Deno.test("what is no refusal, and an abort, end it at once", async () => {
  const clock = new VirtualClock();
  let tries = 0;
  const other = () => {
    tries++;
    return Promise.reject(new Error("no route"));
  };
  await assert.rejects(insist(other, wasRefused, never(), clock), /no route/);
  assert.equal(tries, 1);
  const controller = new AbortController();
  const asking = insist(() => Promise.reject(REFUSED), wasRefused, controller.signal, clock);
  asking.catch(() => {}); // asked for below
  await Promise.resolve();
  controller.abort(new Error("enough"));
  await assert.rejects(asking, /enough/);
});
