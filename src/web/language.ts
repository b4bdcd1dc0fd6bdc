import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { de } from "../ui/words/de.ts";
import { en, type Words } from "../ui/words/en.ts";

export const LANGUAGES = { en, de } as const;

const Language = createContext<Words>(en);
export const LanguageProvider = Language.Provider;

/** The dictionary of the chosen language. */
export function useWords(): Words {
  return useContext(Language);
}
