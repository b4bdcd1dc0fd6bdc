/** What the search of the long log is asked for. */
import { ALL_ROOMS, characterOf, QUIETEST_ROOM, roomOf, wordOf } from "./talk.ts";

/** One kind of question to the search. */
export interface Kind {
  readonly says: string;
  readonly rooms: readonly string[];
  readonly query: (n: number) => string;
  /** Shown, and not held against the bar: it is made to be slow. */
  readonly isWorst?: boolean;
}

/** What is asked for; `n` makes each question another one. */
export const KINDS: readonly Kind[] = [
  { says: "a rare word", rooms: ALL_ROOMS, query: (n) => wordOf(40_000 + n) },
  { says: "a word that is in most messages", rooms: ALL_ROOMS, query: () => wordOf(0) },
  { says: "two frequent words", rooms: ALL_ROOMS, query: (n) => `${wordOf(n % 5)} ${wordOf(5 + n % 7)}` },
  {
    says: "a frequent and a rare word",
    rooms: ALL_ROOMS,
    query: (n) => `${wordOf(0)} ${wordOf(20_000 + n)}`,
  },
  { says: "one letter", rooms: ALL_ROOMS, query: (n) => "bdklmnrstvwzq"[n % 13] ?? "b" },
  { says: "the beginning of frequent words", rooms: ALL_ROOMS, query: (n) => wordOf(20 + n).slice(0, 4) },
  { says: "frequent words in quotes", rooms: ALL_ROOMS, query: (n) => `"${wordOf(n % 5)} ${wordOf(n % 9)}"` },
  {
    says: "worst: the most frequent in quotes, hardly ever so",
    rooms: ALL_ROOMS,
    isWorst: true,
    query: (n) => `"${wordOf(0)} ${wordOf(1)} ${wordOf(2)} ${wordOf(3 + n % 7)}"`,
  },
  { says: "one Chinese character", rooms: ALL_ROOMS, query: (n) => characterOf(n) },
  {
    says: "two Chinese characters",
    rooms: ALL_ROOMS,
    query: (n) => characterOf(n % 9) + characterOf(n % 11),
  },
  { says: "nothing like it", rooms: ALL_ROOMS, query: (n) => `xyzzy${n}` },
  { says: "a frequent word, one small room", rooms: [QUIETEST_ROOM], query: (n) => wordOf(n % 5) },
  { says: "a rare word, one large room", rooms: [roomOf(0)], query: (n) => wordOf(40_000 + n) },
];
