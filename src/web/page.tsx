import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { ChatModel } from "../ui/models.ts";
import { languageOf } from "../ui/words/choose.ts";
import type { Words } from "../ui/words/en.ts";
import { ChatView } from "./chat-view.tsx";
import { Entry } from "./entry.tsx";
import { LanguageProvider, wordsOf } from "./language.ts";
import { useNotices } from "./notices.ts";
import { useWatched } from "./watched.ts";

interface Props {
  readonly model: ChatModel;
  /** The room to begin with. */
  readonly first: string;
  /** The words to begin with. */
  readonly given: Words;
}

/** The whole page: the way in, or the chat. */
export function Page({ model, first, given }: Props): JSX.Element {
  const settings = useWatched(model.settings);
  const entry = useWatched(model.entry);
  const rooms = useWatched(model.rooms);
  const [words, setWords] = useState<Words>(given);
  const language = languageOf(settings.language, navigator.languages);
  useEffect(() => {
    // Not kept and no network: it goes on in the language that is there.
    wordsOf(language).then(setWords, () => {});
  }, [language]);
  useNotices(model, words);
  useEffect(() => {
    document.documentElement.lang = words.code;
  }, [words]);
  useEffect(() => {
    const { dataset } = document.documentElement;
    if (settings.look === "system") delete dataset["look"];
    else dataset["look"] = settings.look;
  }, [settings.look]);
  useEffect(() => {
    const count = rooms.mentions > 0 ? `(@${rooms.mentions}) ` : rooms.unread > 0 ? `(${rooms.unread}) ` : "";
    const room = entry.state === "in" && rooms.current !== null ? `${rooms.current} · ` : "";
    document.title = `${count}${room}QUICChat`;
  }, [rooms.mentions, rooms.unread, rooms.current, entry.state]);
  return (
    <LanguageProvider value={words}>
      {entry.state === "in"
        ? <ChatView model={model} name={entry.name} first={first} />
        : <Entry key={entry.state} model={model} entry={entry} />}
    </LanguageProvider>
  );
}
