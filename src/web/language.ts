import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { en, type Words } from "../ui/words/en.ts";

/** Each in its own words. */
export const LANGUAGES = { en: "English", de: "Deutsch" } as const;
export type LanguageCode = keyof typeof LANGUAGES;

/** The dictionary of a language; English is there from the start. Rejects where it can't be loaded. */
export async function wordsOf(code: LanguageCode): Promise<Words> {
  return code === "en" ? en : (await import("../ui/words/de.ts")).de;
}

const Language = createContext<Words>(en);
export const LanguageProvider = Language.Provider;

/** The dictionary of the chosen language. */
export function useWords(): Words {
  return useContext(Language);
}
