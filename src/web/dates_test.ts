import assert from "node:assert/strict";
import { dayOf } from "./dates.ts";

const names = { today: "Today", yesterday: "Yesterday" };
const at = (month: number, day: number, hour: number) => new Date(2026, month - 1, day, hour).getTime();

Deno.test("today and yesterday by the calendar, not by hours", () => {
  const now = at(3, 1, 0);
  assert.equal(dayOf(at(3, 1, 0), now, "en", names), "Today");
  assert.equal(dayOf(at(2, 28, 23), now, "en", names), "Yesterday");
  assert.match(dayOf(at(2, 27, 23), now, "en", names), /Friday, February 27, 2026/);
  assert.match(dayOf(at(2, 27, 23), now, "de", names), /Freitag, 27\. Februar 2026/);
});
