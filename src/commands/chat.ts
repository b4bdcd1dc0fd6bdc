import { type Command, Trouble } from "./command.ts";
export const chat: Command = {
  name: "chat",
  summary: "",
  words: "",
  wordsMax: 1,
  flags: {},
  notes: "",
  run: () => Promise.reject(new Trouble("not yet")),
};
