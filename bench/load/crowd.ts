/** Many members that only listen, each with a socket of its own. */
import {
  dialSession,
  KIND,
  offsetOf,
  type QuicchatSession,
  read,
  type ServerAt,
} from "./quicchat-session.ts";

/** Handshakes under way at once: what a server calls calm, so that none is turned away. */
const DIALS_AT_ONCE = 64;

export interface CrowdOptions {
  readonly at: ServerAt;
  readonly members: number;
  readonly roomsOf: (index: number) => readonly string[];
  /** A message came whose place in its room is this. */
  readonly heard: (index: number, offset: number) => void;
}

export class Crowd {
  readonly sessions: QuicchatSession[] = [];
  /** What happened to members that are not there any more, or were refused something. */
  readonly lost: string[] = [];
  /** Receipts that this member waits for. */
  readonly #receipts = new Map<number, () => void>();
  readonly #seqs: number[] = [];

  private constructor(readonly options: CrowdOptions) {}

  /** All of them in their rooms. */
  static async join(options: CrowdOptions): Promise<Crowd> {
    const crowd = new Crowd(options);
    let next = 0;
    const joinOneByOne = async () => {
      for (let index = next++; index < options.members; index = next++) await crowd.#join(index);
    };
    await Promise.all(Array.from({ length: DIALS_AT_ONCE }, joinOneByOne));
    return crowd;
  }

  /** Resolves with the receipt. */
  say(index: number, room: string, text: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const seq = this.#seqs[index] = (this.#seqs[index] ?? 0) + 1;
    // One member has one number space; of all together the index tells them apart.
    this.#receipts.set(this.#receiptOf(index, seq), resolve);
    this.sessions[index]?.say({ type: "CHAT_MESSAGE", seq, ts: 0, room, text });
    return promise;
  }

  #receiptOf(index: number, seq: number): number {
    return seq * this.options.members + index;
  }

  async #join(index: number): Promise<void> {
    const rooms = this.options.roomsOf(index);
    let missing = rooms.length;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const hello = { name: `m${index}`, rooms: rooms.map((room) => ({ room })) };
    const lost = (says: string) => {
      this.lost.push(`member ${index}: ${says}`);
      reject(new Error(`member ${index} can't join: ${says}`));
    };
    this.sessions[index] = await dialSession(this.options.at, hello, {
      line: (kind, line) => {
        if (kind === KIND.message) this.options.heard(index, offsetOf(line));
        else if (kind === KIND.joined) { if (--missing === 0) resolve(); }
        else if (kind === KIND.receipt) this.#receipt(index, line);
        else if (kind === KIND.error) lost(String(read(line)["msg"]));
      },
      lost,
    });
    await promise;
  }

  #receipt(index: number, line: Uint8Array): void {
    const key = this.#receiptOf(index, Number(read(line)["ack"]));
    this.#receipts.get(key)?.();
    this.#receipts.delete(key);
  }
}
