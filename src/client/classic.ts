import { type Clock, realClock } from "../transport/clock.ts";
import type { Link } from "../transport/link.ts";
import { checkServerPdu, type ServerPdu } from "../protocol/server-pdu.ts";
import { LIMITS } from "../protocol/limits.ts";
import { isName, utf8BytesAtMost } from "../protocol/words.ts";
import { decoderOf, encodePdu } from "../protocol/wire.ts";
import { Alarm } from "./alarm.ts";
import { type ClassicEffect, ClassicOutbox } from "./outbox/classic-outbox.ts";
import { ChatFailure } from "./failure.ts";

/** What waits for a reader who is slower than the server, before the link is read no further. */
const UNREAD_MAX = 1_000;

export interface ClassicOptions {
  readonly name: string;
  readonly clock?: Clock | undefined;
  readonly wallMs?: (() => number) | undefined;
}

/**
 * A chat/0 client on one connection: speaks the original's wire, to the original server as well as to ours.
 * No resume and no rooms: what the wire lacks. Iterating gives every PDU that comes from then on, until the
 * connection ends; it throws a `ChatFailure` unless that was agreed on.
 */
export class ClassicClient implements AsyncIterable<ServerPdu> {
  readonly #link: Link;
  readonly #name: string;
  readonly #clock: Clock;
  readonly #wallMs: () => number;
  readonly #decoder = decoderOf("chat/0");
  readonly #outbox = new ClassicOutbox();
  readonly #alarm: Alarm;
  readonly #waiting = new Map<number, { stored: () => void; failed: (failure: ChatFailure) => void }>();
  readonly #welcome = Promise.withResolvers<void>();
  #seq = 0;
  #unread: ServerPdu[] = [];
  #readers = 0;
  #wakeReader: (() => void) | null = null;
  #resumeReading: (() => void) | null = null;
  /** Null while it lives; `failure` null after a goodbye. */
  #over: { readonly failure: ChatFailure | null } | null = null;

  /** Takes a link of the wire chat/0 that nobody opened, and says CHAT_HELLO. */
  constructor(link: Link, options: ClassicOptions) {
    if (!isName(options.name)) {
      throw ChatFailure.of(
        "invalid",
        `${JSON.stringify(options.name)} is no name: 1 to 64 characters of one line`,
      );
    }
    this.#link = link;
    this.#name = options.name;
    this.#clock = options.clock ?? realClock;
    this.#wallMs = options.wallMs ?? Date.now;
    this.#alarm = new Alarm(this.#clock, () => this.#run(this.#outbox.tick(this.#clock.nowMs())));
    // Who asks for it is told; who does not, is told by `send` and by iterating.
    this.#welcome.promise.catch(() => {});
    link.open({
      bytes: (chunk) => this.#bytes(chunk),
      datagram() {},
      closed: (end) =>
        this.#end(
          ChatFailure.local("lost", `the connection was lost${"says" in end ? `: ${end.says}` : ""}`),
        ),
    });
    this.#say({ type: "CHAT_HELLO", seq: 0, ts: this.#ts(), name: options.name });
  }

  /** Resolves with CHAT_WELCOME; rejects when the connection ends before. */
  get welcome(): Promise<void> {
    return this.#welcome.promise;
  }

  /** Resolves with the receipt; rejects with a `ChatFailure` when none came to four tries. */
  send(text: string): Promise<void> {
    if (!utf8BytesAtMost(text, LIMITS.textBytesMax)) return Promise.reject(ChatFailure.of("text-too-large"));
    if (this.#over !== null) return Promise.reject(this.#over.failure ?? ChatFailure.local("closed"));
    const pdu = { type: "CHAT_MESSAGE", seq: ++this.#seq, ts: this.#ts(), sender: this.#name, text } as const;
    const sent = new Promise<void>((stored, failed) => this.#waiting.set(pdu.seq, { stored, failed }));
    sent.catch(() => {});
    this.#run(this.#outbox.add(pdu, this.#clock.nowMs()));
    return sent;
  }

  setTyping(status: boolean): void {
    if (this.#over === null) {
      this.#say({ type: "CHAT_TYPING", seq: 0, ts: this.#ts(), who: this.#name, status });
    }
  }

  /** Says goodbye and ends. What has no receipt yet is given up. */
  close(reason = ""): void {
    if (this.#over !== null) return;
    this.#say({ type: "CHAT_BYE", seq: 0, ts: this.#ts(), reason });
    this.#end(null);
  }

  [Symbol.asyncIterator](): AsyncIterator<ServerPdu, undefined> {
    if (this.#readers > 0) {
      throw new TypeError("this connection is being iterated already: one reader at a time");
    }
    this.#readers++;
    let stopped = false;
    const stop = () => {
      if (stopped) return;
      stopped = true;
      this.#readers--;
      this.#unread = [];
      this.#wakeReader?.();
      this.#resumeReading?.();
    };
    return {
      next: async () => {
        while (!stopped) {
          const pdu = this.#unread.shift();
          if (this.#unread.length === 0) this.#resumeReading?.();
          if (pdu !== undefined) return { done: false, value: pdu };
          if (this.#over !== null) {
            stop();
            if (this.#over.failure !== null) throw this.#over.failure;
            break;
          }
          await new Promise<void>((wake) => this.#wakeReader = wake);
          this.#wakeReader = null;
        }
        return { done: true, value: undefined };
      },
      return: () => {
        stop();
        return Promise.resolve({ done: true, value: undefined });
      },
    };
  }

  #ts(): number {
    return this.#wallMs() / 1000;
  }

  #say(pdu: object): void {
    this.#link.push(encodePdu(pdu, "chat/0"));
  }

  #bytes(chunk: Uint8Array): void | Promise<void> {
    for (const one of this.#decoder.push(chunk)) {
      if (this.#over !== null) return;
      if ("failure" in one) {
        return this.#end(ChatFailure.of(one.failure, `what the server sends can't be followed: ${one.says}`));
      }
      const checked = checkServerPdu(one.value);
      if (checked.ok && checked.pdu.type !== "unknown") this.#take(checked.pdu);
    }
    if (this.#unread.length < UNREAD_MAX || this.#over !== null) return;
    return new Promise((resolve) => {
      this.#resumeReading = () => {
        this.#resumeReading = null;
        resolve();
      };
    });
  }

  #take(pdu: ServerPdu): void {
    if (this.#readers > 0) {
      this.#unread.push(pdu);
      this.#wakeReader?.();
    }
    const nowMs = this.#clock.nowMs();
    if (pdu.type === "CHAT_WELCOME") this.#welcome.resolve();
    else if (pdu.type === "CHAT_RECEIPT") this.#run(this.#outbox.receipt(pdu.ack, nowMs));
    else if (pdu.type === "CHAT_BYE") this.#end(null);
    else if (pdu.type === "CHAT_ERROR") {
      if (pdu.code === 409) this.#run(this.#outbox.duplicate(pdu.ack, nowMs));
      else this.#refused(ChatFailure.told(pdu), pdu.ack);
    }
  }

  /** An error that names a message ends that message; any other is the last thing before the end. */
  #refused(failure: ChatFailure, ack: number | undefined): void {
    const waiting = ack === undefined ? undefined : this.#waiting.get(ack);
    if (waiting === undefined || ack === undefined) return this.#end(failure);
    this.#waiting.delete(ack);
    this.#run(this.#outbox.receipt(ack, this.#clock.nowMs()));
    waiting.failed(failure);
  }

  #run(effects: readonly ClassicEffect[]): void {
    for (const effect of effects) {
      if (effect.do === "send") {
        this.#say(effect.pdu);
        continue;
      }
      const waiting = this.#waiting.get(effect.seq);
      this.#waiting.delete(effect.seq);
      if (effect.do === "stored") waiting?.stored();
      else waiting?.failed(ChatFailure.local("no-receipt"));
    }
    this.#alarm.set(this.#over === null ? this.#outbox.deadlineMs() : null);
  }

  #end(failure: ChatFailure | null): void {
    if (this.#over !== null) return;
    this.#over = { failure };
    this.#alarm.set(null);
    const told = failure ?? ChatFailure.local("closed");
    this.#welcome.reject(told);
    for (const { failed } of this.#waiting.values()) failed(told);
    this.#waiting.clear();
    this.#wakeReader?.();
    this.#resumeReading?.();
    this.#link.close();
  }
}
