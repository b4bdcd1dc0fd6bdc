import assert from "node:assert/strict";
import { adaAt, WALL_ZERO_MS } from "../../tests/fixtures/chat-window.ts";
import { ScriptedServer } from "../../tests/fixtures/scripted-server.ts";
import { VirtualClock } from "../transport/clock.ts";
import { Today } from "./today.ts";

const HOUR_MS = 3_600_000;
/** The fixture's clock begins at noon. */
const MIDNIGHT_MS = 12 * HOUR_MS;
const today = new Date(2026, 5, 15).getTime();
const tomorrow = new Date(2026, 5, 16).getTime();

// "Today" stood above what was said yesterday until something was said.
Deno.test("at midnight every room is shown anew, by the clock of the model", async () => {
  const server = new ScriptedServer();
  const window = adaAt(server);
  const room = await window.open();
  const days: number[] = [];
  room.view.subscribe((view) => days.push(view.todayMs));
  await window.settle(MIDNIGHT_MS - server.clock.nowMs() - 1);
  assert.deepEqual([room.view.current.todayMs, days.includes(tomorrow)], [today, false]);
  await window.settle(1);
  await window.settle(0);
  assert.deepEqual([room.view.current.todayMs, days.at(-1)], [tomorrow, tomorrow]);
  await window.chat.close();
});

Deno.test("a calendar that was set, or a device that slept, is seen within the hour; once stopped nothing is", async () => {
  const clock = new VirtualClock();
  let aheadMs = 0;
  let turns = 0;
  const day = new Today(clock, () => WALL_ZERO_MS + clock.nowMs() + aheadMs, () => turns++);
  await clock.advance(5 * HOUR_MS);
  assert.deepEqual([turns, day.startMs], [0, today]);
  aheadMs = 24 * HOUR_MS;
  await clock.advance(HOUR_MS);
  assert.deepEqual([turns, day.startMs], [1, tomorrow]);
  day.stop();
  await clock.advance(48 * HOUR_MS);
  assert.equal(turns, 1);
});
