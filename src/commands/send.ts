import { type Command, Trouble } from "./command.ts";
export const send: Command = {
  name: "send",
  summary: "",
  words: "",
  wordsMax: 1,
  flags: {},
  notes: "",
  run: () => Promise.reject(new Trouble("not yet")),
};
