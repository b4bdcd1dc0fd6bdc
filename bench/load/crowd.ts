/** Many members that only listen, each with a socket of its own. */
import { comeIn } from "./coming-in.ts";
import { KIND, type QuicchatSession, read, type ServerAt } from "./quicchat-session.ts";

/** Who come in at once: the socket of a server holds the first packets of about ninety. */
const AT_ONCE = 16;

export interface CrowdOptions {
  readonly at: ServerAt;
  readonly members: number;
  readonly roomsOf: (index: number) => readonly string[];
  /** A message came whose place in its room is this. */
  readonly heard: (index: number, offset: number) => void;
}

export class Crowd {
  readonly sessions: QuicchatSession[] = [];
  /** What happened, once all were in, to those that are not there any more, or were refused something. */
  readonly lost: string[] = [];
  /** Attempts to come in that failed, and connections that ended before all were in. */
  failures = 0;
  #present = 0;
  readonly #allIn = Promise.withResolvers<void>();
  /** Receipts that are waited for. */
  readonly #receipts = new Map<string, () => void>();
  readonly #seqs: number[] = [];

  private constructor(readonly options: CrowdOptions) {}

  /** All of them in their rooms, at one time. */
  static async join(options: CrowdOptions): Promise<Crowd> {
    const crowd = new Crowd(options);
    let next = 0;
    const joinOneByOne = async () => {
      for (let index = next++; index < options.members; index = next++) await crowd.#join(index);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, joinOneByOne));
    await crowd.#allIn.promise;
    return crowd;
  }

  /** Resolves with the receipt. */
  say(index: number, room: string, text: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const seq = this.#seqs[index] = (this.#seqs[index] ?? 0) + 1;
    this.#receipts.set(`${index} ${seq}`, resolve);
    this.sessions[index]?.say({ type: "CHAT_MESSAGE", seq, ts: 0, room, text });
    return promise;
  }

  async #join(index: number): Promise<void> {
    const rooms = this.options.roomsOf(index).map((room) => ({ room }));
    const says = (what: string) => void this.lost.push(`member ${index}: ${what}`);
    const { session, failures } = await comeIn(this.options.at, {
      name: `m${index}`,
      positions: () => rooms,
      heard: (offset) => this.options.heard(index, offset),
      told: (kind, line) => {
        if (kind === KIND.receipt) this.#receipt(index, line);
      },
      refused: says,
      lost: (what) => {
        if (this.#present-- === this.options.members) return says(what);
        this.failures++;
        this.#join(index).catch((error) => this.#allIn.reject(error));
      },
    });
    this.sessions[index] = session;
    this.failures += failures;
    if (++this.#present === this.options.members) this.#allIn.resolve();
  }

  #receipt(index: number, line: Uint8Array): void {
    const key = `${index} ${read(line)["ack"]}`;
    this.#receipts.get(key)?.();
    this.#receipts.delete(key);
  }
}
