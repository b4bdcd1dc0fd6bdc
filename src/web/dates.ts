/** Dates as people write them. Formatters are kept: making one takes longer than using it a hundred times. */
const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(language: string, what: "time" | "day" | "full"): Intl.DateTimeFormat {
  const key = `${language} ${what}`;
  let there = formatters.get(key);
  if (there === undefined) {
    there = new Intl.DateTimeFormat(
      language,
      what === "time"
        ? { hour: "2-digit", minute: "2-digit" }
        : what === "day"
        ? { weekday: "long", day: "numeric", month: "long", year: "numeric" }
        : { dateStyle: "full", timeStyle: "medium" },
    );
    formatters.set(key, there);
  }
  return there;
}

export const timeOf = (tsMs: number, language: string): string => formatter(language, "time").format(tsMs);
export const fullTimeOf = (tsMs: number, language: string): string =>
  formatter(language, "full").format(tsMs);

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
