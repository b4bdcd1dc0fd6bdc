import assert from "node:assert/strict";
import { dayOf, marginTimeOf, regionOf } from "./dates.ts";

const names = { today: "Today", yesterday: "Yesterday" };
const at = (month: number, day: number, hour: number) => new Date(2026, month - 1, day, hour).getTime();

Deno.test("today and yesterday by the calendar, not by hours", () => {
  const now = at(3, 1, 0);
  assert.equal(dayOf(at(3, 1, 0), now, "en", names), "Today");
  assert.equal(dayOf(at(2, 28, 23), now, "en", names), "Yesterday");
  assert.match(dayOf(at(2, 27, 23), now, "en", names), /Friday.*(February 27|27 February)/);
  assert.match(dayOf(at(2, 27, 23), now, "de", names), /Freitag, 27\. Februar 2026/);
});

Deno.test("a language is written as the reader's country does", () => {
  assert.equal(regionOf("en", ["de-AT", "en-GB", "en-US"]), "en-GB");
  assert.equal(regionOf("de", ["de-AT"]), "de-AT");
  assert.equal(regionOf("de", ["den-CA", "en"]), "de");
});

Deno.test("the time in the margin has no morning and evening", () => {
  assert.match(marginTimeOf(at(2, 27, 9), "en"), /^0?9:00$/);
});
