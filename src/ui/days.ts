/** A day of the device's calendar: from `startMs` to before `endMs`. */
export interface Day {
  readonly startMs: number;
  readonly endMs: number;
}

/** The day that a time belongs to, in the zone of the device. Days are not always 24 hours long. */
export function dayAt(tsMs: number): Day {
  const date = new Date(tsMs);
  const [year, month, day] = [date.getFullYear(), date.getMonth(), date.getDate()];
  return {
    startMs: new Date(year, month, day).getTime(),
    endMs: new Date(year, month, day + 1).getTime(),
  };
}
