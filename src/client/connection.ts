import type { Clock } from "../transport/clock.ts";
import type { Link } from "../transport/link.ts";
import type { ClientPdu } from "../protocol/client-pdu.ts";
import { encodePdu } from "../protocol/wire.ts";
import type { Conversation } from "./conversation.ts";
import type { ConversationEffect } from "./conversation-effect.ts";
import type { ChatFailure } from "./failure.ts";

/** Effects that are the client's business; a connection carries out `say` and `end` itself. */
export type ConnectionEffect = Exclude<ConversationEffect, { do: "say" } | { do: "end" }>;

export interface ConnectionEnd {
  readonly because: string;
  readonly failure: ChatFailure | null;
  readonly retryMs: number | undefined;
}

export interface ConnectionEvents {
  effect(effect: ConnectionEffect): void;
  /** All effects of one moment are carried out: time to show, and to set the clock. */
  settled(): void;
  /** Exactly once, last, unless `close` was called. */
  ended(end: ConnectionEnd): void;
}

/** A link and the conversation on it: bytes in, effects out. */
export class Connection {
  readonly link: Link;
  readonly #conversation: Conversation;
  readonly #clock: Clock;
  readonly #wallMs: () => number;
  readonly #windowBytes: number;
  readonly #events: ConnectionEvents;
  readonly #gone = Promise.withResolvers<void>();
  #over = false;
  #resumeReading: (() => void) | null = null;

  constructor(
    link: Link,
    conversation: Conversation,
    time: { clock: Clock; wallMs: () => number },
    windowBytes: number,
    events: ConnectionEvents,
  ) {
    this.link = link;
    this.#conversation = conversation;
    this.#clock = time.clock;
    this.#wallMs = time.wallMs;
    this.#windowBytes = windowBytes;
    this.#events = events;
  }

  /** Says CHAT_HELLO and starts to read. */
  begin(): void {
    this.link.open({
      bytes: (chunk) => this.#bytes(chunk),
      datagram: (payload) => {
        this.#run(this.#conversation.receiveDatagram(payload, this.#clock.nowMs()));
        this.#settle();
      },
      closed: (end) => {
        this.#gone.resolve();
        const says = "says" in end ? end.says : LINK_ENDS[end.why];
        this.#end({ because: `the connection ended: ${says}`, failure: null, retryMs: undefined });
      },
    });
    this.#run(this.#conversation.begin(this.#clock.nowMs(), this.#wallMs()));
  }

  get deadlineMs(): number | null {
    return this.#over ? null : this.#conversation.deadlineMs();
  }

  say(pdu: ClientPdu): void {
    this.#run(this.#conversation.say(pdu));
  }

  /** Bytes of a PDU that is encoded already. */
  push(bytes: Uint8Array): void {
    if (!this.#over) this.link.push(bytes);
  }

  /** What may be lost: by datagram where there are any, else on the stream. */
  sayLoosely(pdu: ClientPdu): void {
    if (this.#over || this.#conversation.state !== "live") return;
    if (this.link.hasDatagrams) this.link.datagram(encodePdu(pdu, "quicchat/1"));
    else this.say(pdu);
  }

  join(room: string): void {
    this.#run(this.#conversation.join(room, this.#wallMs()));
  }

  tick(): void {
    this.#run(this.#conversation.tick(this.#clock.nowMs(), this.#wallMs()));
  }

  /** Takes the credit of an event; the returned function gives it back, once it is read. */
  hold(bytes: number): () => void {
    this.#conversation.held(bytes);
    return () => {
      this.#conversation.consumed(bytes);
      if (this.#over) return;
      this.#run(this.#conversation.credit(this.#wallMs()));
      if (this.#conversation.heldBytes < this.#windowBytes) this.#resumeReading?.();
    };
  }

  /** Resolves when the link has ended, the goodbye written. Says goodbye and ends; `ended` isn't called any more. */
  close(reason: string): Promise<void> {
    if (this.#over) return this.#gone.promise;
    this.say({ type: "CHAT_BYE", seq: 0, ts: this.#wallMs() / 1000, reason });
    this.#over = true;
    this.#resumeReading?.();
    this.link.close();
    return this.#gone.promise;
  }

  /** Ends because of something that the conversation doesn't know. */
  giveUp(because: string): void {
    this.#end({ because, failure: null, retryMs: undefined });
  }

  #bytes(chunk: Uint8Array): void | Promise<void> {
    if (this.#over) return;
    this.#run(this.#conversation.receive(chunk, this.#clock.nowMs(), this.#wallMs()));
    this.#settle();
    // A server that keeps to the window never gets here: what is held is at most the window.
    if (this.#over || this.#conversation.heldBytes <= this.#windowBytes * 2) return;
    this.#conversation.setDeaf(true, this.#clock.nowMs());
    return new Promise((resolve) => {
      this.#resumeReading = () => {
        this.#resumeReading = null;
        this.#conversation.setDeaf(false, this.#clock.nowMs());
        resolve();
      };
    });
  }

  #settle(): void {
    if (this.#over) return;
    this.#run(this.#conversation.credit(this.#wallMs()));
    this.#events.settled();
  }

  #run(effects: readonly ConversationEffect[]): void {
    for (const effect of effects) {
      if (this.#over) return;
      if (effect.do === "say") this.link.push(effect.bytes);
      else if (effect.do === "end") this.#end(effect);
      else this.#events.effect(effect);
    }
  }

  #end({ because, failure, retryMs }: ConnectionEnd): void {
    if (this.#over) return;
    this.#over = true;
    this.#resumeReading?.();
    this.link.close();
    this.#events.ended({ because, failure, retryMs });
  }
}

const LINK_ENDS = {
  local: "closed on this side",
  peer: "closed by the server",
  stuck: "the server does not read what is sent",
  full: "more was to be sent than the link holds",
  lost: "lost",
} as const;
