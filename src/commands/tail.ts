import { type Command, Trouble } from "./command.ts";
export const tail: Command = {
  name: "tail",
  summary: "",
  words: "",
  wordsMax: 1,
  flags: {},
  notes: "",
  run: () => Promise.reject(new Trouble("not yet")),
};
