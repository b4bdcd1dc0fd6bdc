/** A member of a room as light as it can be: it counts, so that the load generator is not what is measured. */
import { LIMITS } from "../src/protocol/limits.ts";
import { encodePdu } from "../src/protocol/wire.ts";
import type { Link } from "../src/transport/link.ts";
import { dialQuic } from "../src/transport/quic/quic-dial.ts";

const NEWLINE = 0x0a;
/** Where a line's type tells itself: {"type":"CHAT_?. */
const KIND_AT = 14;
const MESSAGE = "M".charCodeAt(0);
const RECEIPT = "R".charCodeAt(0);
const decoder = new TextDecoder();

export interface MemberOptions {
  readonly hostname: string;
  readonly port: number;
  readonly caCerts: readonly string[];
  readonly name: string;
  readonly room: string;
  /** Whether it reads every message whole: its offset, and when it was sent. */
  readonly reads: boolean;
}

export class Member {
  received = 0;
  receipts = 0;
  /** Offsets that were not the one after the last, where it reads. */
  gaps = 0;
  lastOffset = 0;
  /** Milliseconds from the sending of each message read to its arrival here. */
  readonly latenciesMs: number[] = [];
  readonly receiptLatenciesMs: number[] = [];
  onReceipt: () => void = () => {};
  onMessage: () => void = () => {};
  readonly #sentAtMs = new Map<number, number>();
  #seq = 0;
  #rest = new Uint8Array(0);
  #bytes = 0;
  #creditAt = LIMITS.windowBytesDefault / 2;
  readonly #joined = Promise.withResolvers<void>();

  private constructor(readonly link: Link, readonly options: MemberOptions) {
    link.open({
      bytes: (chunk) => this.#take(chunk),
      datagram: () => {},
      closed: (end) => this.#joined.reject(new Error(`the link ended: ${JSON.stringify(end)}`)),
    });
    link.push(encodePdu({
      type: "CHAT_HELLO",
      seq: 0,
      ts: 0,
      name: options.name,
      window: LIMITS.windowBytesDefault,
      rooms: [{ room: options.room }],
    }, "quicchat/1"));
  }

  /** Connects from a UDP socket of its own, and joins. */
  static async join(options: MemberOptions): Promise<Member> {
    const { hostname, port, caCerts } = options;
    const link = await dialQuic({ hostname, port, caCerts, serverName: "localhost", wire: "quicchat/1" });
    const member = new Member(link, options);
    await member.#joined.promise;
    return member;
  }

  /** Sends one message that says when it was sent, `textBytes` long. */
  send(textBytes: number): void {
    const now = performance.now();
    const seq = ++this.#seq;
    this.#sentAtMs.set(seq, now);
    const text = now.toFixed(3).padEnd(textBytes, ".");
    this.link.push(
      encodePdu({ type: "CHAT_MESSAGE", seq, ts: 0, room: this.options.room, text }, "quicchat/1"),
    );
  }

  leave(): void {
    this.link.push(encodePdu({ type: "CHAT_BYE", seq: 0, ts: 0 }, "quicchat/1"));
    this.link.close();
  }

  #take(chunk: Uint8Array): void {
    this.#bytes += chunk.length;
    if (this.#bytes >= this.#creditAt) {
      this.link.push(encodePdu({ type: "CHAT_CREDIT", seq: 0, ts: 0, bytes: this.#bytes }, "quicchat/1"));
      this.#creditAt = this.#bytes + LIMITS.windowBytesDefault / 2;
    }
    let bytes = chunk;
    if (this.#rest.length > 0) {
      bytes = new Uint8Array(this.#rest.length + chunk.length);
      bytes.set(this.#rest);
      bytes.set(chunk, this.#rest.length);
    }
    let start = 0;
    for (;;) {
      const end = bytes.indexOf(NEWLINE, start);
      if (end < 0) break;
      const kind = bytes[start + KIND_AT];
      if (kind === MESSAGE) this.#message(bytes, start, end);
      else if (kind === RECEIPT) this.#receipt(decoder.decode(bytes.subarray(start, end)));
      else this.#other(decoder.decode(bytes.subarray(start, end)));
      start = end + 1;
    }
    this.#rest = bytes.slice(start);
  }

  #message(bytes: Uint8Array, start: number, end: number): void {
    this.received++;
    if (this.options.reads) {
      const { offset, text } = JSON.parse(decoder.decode(bytes.subarray(start, end)));
      if (this.lastOffset !== 0 && offset !== this.lastOffset + 1) this.gaps++;
      this.lastOffset = offset;
      this.latenciesMs.push(performance.now() - parseFloat(text));
    }
    this.onMessage();
  }

  #receipt(line: string): void {
    const { ack } = JSON.parse(line);
    this.receipts++;
    this.receiptLatenciesMs.push(performance.now() - (this.#sentAtMs.get(ack) ?? NaN));
    this.#sentAtMs.delete(ack);
    this.onReceipt();
  }

  #other(line: string): void {
    const pdu = JSON.parse(line);
    if (pdu.type === "CHAT_JOINED") this.#joined.resolve();
    if (pdu.type === "CHAT_ERROR") this.#joined.reject(new Error(`${pdu.code} ${pdu.msg}`));
  }
}
