/** Dates as people write them. Formatters are kept: making one takes longer than using it a hundred times. */
const formatters = new Map<string, Intl.DateTimeFormat>();

const SHAPES = {
  time: { hour: "numeric", minute: "2-digit" },
  day: { weekday: "long", day: "numeric", month: "long", year: "numeric" },
  short: { day: "numeric", month: "short", hour: "numeric", minute: "2-digit" },
  full: { dateStyle: "full", timeStyle: "medium" },
} as const satisfies Readonly<Record<string, Intl.DateTimeFormatOptions>>;

function formatter(language: string, what: keyof typeof SHAPES): Intl.DateTimeFormat {
  const key = `${language} ${what}`;
  let there = formatters.get(key);
  if (there === undefined) {
    there = new Intl.DateTimeFormat(regionOf(language, navigator.languages), SHAPES[what]);
    formatters.set(key, there);
  }
  return there;
}

/** The language as the reader's own country writes it: words in English say nothing of 12 or 24 hours. */
export function regionOf(language: string, preferred: readonly string[]): string {
  return preferred.find((one) => one === language || one.startsWith(`${language}-`)) ?? language;
}

export const timeOf = (tsMs: number, language: string): string => formatter(language, "time").format(tsMs);
/** Day and time, for a list that spans years no more than weeks. */
export const shortTimeOf = (tsMs: number, language: string): string =>
  formatter(language, "short").format(tsMs);
export const fullTimeOf = (tsMs: number, language: string): string =>
  formatter(language, "full").format(tsMs);

/** The time in the margin, where its neighbours say whether it is morning: no room for "PM". */
export function marginTimeOf(tsMs: number, language: string): string {
  return formatter(language, "time").formatToParts(tsMs)
    .filter(({ type }) => type !== "dayPeriod").map(({ value }) => value).join("").trim();
}

/** "Today", "Yesterday", else the date. */
export function dayOf(
  tsMs: number,
  nowMs: number,
  language: string,
  names: { readonly today: string; readonly yesterday: string },
): string {
  const day = startOfDay(tsMs);
  if (day === startOfDay(nowMs)) return names.today;
  if (day === startOfDay(startOfDay(nowMs) - 1)) return names.yesterday;
  return formatter(language, "day").format(tsMs);
}

function startOfDay(tsMs: number): number {
  const date = new Date(tsMs);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}
