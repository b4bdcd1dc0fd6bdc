/** What strangers wrote, as a terminal may show it. */

/** Controls, and what turns text around: a message must not move the cursor, set the title or fake a line. */
const DANGEROUS = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** A text in one or more lines; those after the first are indented, so that none can pose as another's. */
export function shown(text: string): string {
  return text.split(/\r\n|[\n\r\u2028\u2029]/).map((line) =>
    line.replaceAll("\t", "    ").replace(DANGEROUS, "\ufffd")
  )
    .join("\n    ");
}

/** A local time of day for seconds since the epoch. */
export function timeOfDay(ts: number): string {
  const date = new Date(ts * 1000);
  return Number.isNaN(date.getTime()) ? "--:--" : date.toTimeString().slice(0, 5);
}
