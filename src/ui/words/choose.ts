import type { Problem, Settings } from "../view.ts";
import type { Words } from "./en.ts";

/** The language to speak: the chosen one, else the first of the browser's that there is. */
export function languageOf(wanted: Settings["language"], preferred: readonly string[]): "en" | "de" {
  if (wanted !== "system") return wanted;
  for (const tag of preferred) {
    const [language] = tag.toLowerCase().split("-");
    if (language === "en" || language === "de") return language;
  }
  return "en";
}

/** A problem as a sentence: the dictionary's, with the server's own words where it has none. */
export function problemText(problem: Problem, words: Words): string {
  const sentences: Readonly<Record<string, string>> = words.problems;
  const known = Object.hasOwn(sentences, problem.name) ? sentences[problem.name] : undefined;
  return known ?? (problem.detail === "" ? words.problemElse : problem.detail);
}
