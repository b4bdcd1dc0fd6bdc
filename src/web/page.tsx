import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import type { ChatModel } from "../ui/models.ts";
import { languageOf } from "../ui/words/choose.ts";
import { ChatView } from "./chat-view.tsx";
import { Entry } from "./entry.tsx";
import { LanguageProvider, LANGUAGES } from "./language.ts";
import { useNotices } from "./notices.ts";
import { useWatched } from "./watched.ts";

/** The whole page: the way in, or the chat. `first`: the room to begin with. */
export function Page({ model, first }: { model: ChatModel; first: string }): JSX.Element {
  const settings = useWatched(model.settings);
  const entry = useWatched(model.entry);
  const rooms = useWatched(model.rooms);
  const words = LANGUAGES[languageOf(settings.language, navigator.languages)];
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
