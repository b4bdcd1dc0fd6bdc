/** One who counts what arrives, and checks it if it reads. */
import type { JoinOptions, Voice, Wire } from "./voice.ts";

export interface MemberOptions extends Omit<JoinOptions, "name"> {
  readonly wire: Wire;
  /** Its place among the members; no other has it. */
  readonly index: number;
  /** Whether it reads every message: who said it, which it was, when. The others count. */
  readonly reads: boolean;
}

export class Member {
  received = 0;
  /** Messages that were not the one after the last of their sender, where it reads: lost, doubled or out of order. */
  gaps = 0;
  lost: string | null = null;
  /** Milliseconds from the sending of each message read to its arrival here. */
  readonly latenciesMs: number[] = [];
  readonly receiptLatenciesMs: number[] = [];
  onReceipt: () => void = () => {};
  onMessage: () => void = () => {};
  /** Whose message this member, a reader, has just read. */
  onRead: (sender: number) => void = () => {};
  #said = 0;
  readonly #sentAtMs = new Map<number, number>();
  /** The newest number by sender and room. */
  readonly #newest = new Map<number, number>();
  #voice: Voice | null = null;

  private constructor(readonly index: number, readonly reads: boolean, readonly rooms: number) {}

  static async join({ wire, index, reads, ...options }: MemberOptions): Promise<Member> {
    const member = new Member(index, reads, options.rooms.length);
    member.#voice = await wire.join({ ...options, name: `m${index}` }, {
      message: (read) => member.#heard(read),
      receipt: (number) => member.#receipt(number),
      lost: (says) => void (member.lost ??= says),
    });
    return member;
  }

  /** Sends one message that says whose and which it is and when it was sent, `textBytes` long. */
  send(textBytes: number): void {
    const number = ++this.#said;
    const nowMs = performance.now();
    this.#sentAtMs.set(number, nowMs);
    this.#voice?.say(number, `${this.index} ${number} ${nowMs.toFixed(3)} `.padEnd(textBytes, "."));
  }

  leave(): void {
    this.#voice?.leave();
  }

  /** Forgets what was measured, not what is known. */
  startAnew(): void {
    this.received = 0;
    this.latenciesMs.length = 0;
    this.receiptLatenciesMs.length = 0;
  }

  #heard(read: () => string): void {
    this.received++;
    if (this.reads) {
      const [sender = NaN, number = NaN, sentAtMs = NaN] = read().split(" ", 3).map(Number);
      // A sender goes round the rooms. Rooms are in order each for itself.
      const place = sender * this.rooms + number % this.rooms;
      const newest = this.#newest.get(place);
      if (newest !== undefined && number !== newest + this.rooms) this.gaps++;
      this.#newest.set(place, number);
      this.latenciesMs.push(performance.now() - sentAtMs);
      this.onRead(sender);
    }
    this.onMessage();
  }

  #receipt(number: number): void {
    this.receiptLatenciesMs.push(performance.now() - (this.#sentAtMs.get(number) ?? NaN));
    this.#sentAtMs.delete(number);
    this.onReceipt();
  }
}
