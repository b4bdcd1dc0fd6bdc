import type { Entry } from "../../src/log/log.ts";
import { Seeded } from "../../tests/fixtures/seeded.ts";

/** Words of the made-up language; the number of different words in a year's talk of a few hundred people. */
const WORDS = 50_000;
const ROOMS = 200;
const PEOPLE = 500;
/** Of every hundred messages these many are Chinese. */
const CHINESE_PERCENT = 3;
/** Different characters in them: about as many as a newspaper uses. */
const CHARACTERS = 2_500;
const FIRST_CHARACTER = 0x4e00;
const SYLLABLES = ["ba", "de", "ko", "li", "mu", "na", "ro", "si", "ta", "ve", "wen", "zor", "qui", "ster"];

/** Made-up talk with the statistics of real talk: the n-th most frequent word, room, person or character comes about
 * 1/n times as often as the first (Zipf's law). The same seed says the same. */
export class Talk {
  readonly #chance: Seeded;
  readonly #words = ranks(WORDS);
  readonly #rooms = ranks(ROOMS);
  readonly #people = ranks(PEOPLE);
  readonly #characters = ranks(CHARACTERS);
  readonly #seqs = new Array<number>(PEOPLE).fill(0);

  constructor(seed: number) {
    this.#chance = new Seeded(seed);
  }

  text(): string {
    if (this.#chance.from(1, 100) <= CHINESE_PERCENT) {
      return Array.from({ length: this.#chance.from(2, 40) }, () => characterOf(this.#rank(this.#characters)))
        .join("");
    }
    const words = Array.from({ length: this.#chance.from(1, 24) }, () => wordOf(this.#rank(this.#words)));
    return `${words.join(" ")}${this.#chance.pick([".", "!", "?", ""])}`;
  }

  entry(tsMs: number): Entry {
    const person = this.#rank(this.#people);
    const seq = (this.#seqs[person] ?? 0) + 1;
    this.#seqs[person] = seq;
    return {
      room: roomOf(this.#rank(this.#rooms)),
      tsMs,
      type: "CHAT_MESSAGE",
      device: person.toString(16).padStart(32, "0"),
      seq,
      sender: `person-${person}`,
      author: person.toString(16).padStart(16, "0"),
      target: null,
      targetMust: null,
      body: JSON.stringify({ text: this.text() }),
    };
  }

  #rank(sums: Float64Array): number {
    const wanted = this.#chance.next() * (sums.at(-1) ?? 0);
    let low = 0;
    let high = sums.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sums[middle] ?? 0) > wanted) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/** The word of a rank; 0 is the most frequent. Short ones are frequent, as in every
 * language, and longer ones are among them. */
export function wordOf(rank: number): string {
  let word = "";
  for (let rest = rank; rest >= 0; rest = Math.floor(rest / SYLLABLES.length) - 1) {
    word = `${SYLLABLES[rest % SYLLABLES.length]}${word}`;
  }
  return rank % 3 === 2 ? `${word}ing` : word;
}

export function characterOf(rank: number): string {
  return String.fromCodePoint(FIRST_CHARACTER + rank);
}

/** The room of a rank; 0 is the busiest. */
export function roomOf(rank: number): string {
  return `room-${rank}`;
}

export const QUIETEST_ROOM = roomOf(ROOMS - 1);
export const ALL_ROOMS: readonly string[] = Array.from({ length: ROOMS }, (_, rank) => roomOf(rank));

function ranks(count: number): Float64Array {
  let sum = 0;
  return Float64Array.from({ length: count }, (_, rank) => sum += 1 / (rank + 1));
}
