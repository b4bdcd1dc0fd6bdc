import { LIMITS } from "../protocol/limits.ts";
import type { Wire } from "../protocol/wire.ts";
import { type CancelTimer, type Clock, realClock } from "./clock.ts";
import type { Link, LinkEnd, LinkEvents, Source } from "./link.ts";
import { OUTBOX, Outbox, type OutboxEnd, type OutboxLimits } from "./outbox.ts";
import { type StuckWatch, stuckWatch } from "./stuck-watch.ts";

/** What a test may want otherwise than a server. */
export interface LinkTuning {
  readonly clock?: Clock;
  readonly watch?: StuckWatch;
  readonly limits?: Partial<OutboxLimits>;
}

const LOCAL: LinkEnd = { why: "local" };
const PEER: LinkEnd = { why: "peer" };

/**
 * The life that all links share, from the first byte to the one `closed`:
 *
 *     open --close()--> closing: pushed bytes written --> finished: the peer was told that no more comes
 *       \                                                    | it answers, or its time is over
 *        `--peer is gone, stuck, full--> ended <-------------'
 *
 * A peer that says that it will send no more is answered by the same way out, so that what was pushed
 * still reaches it. `closed` is never called from inside a call to the link.
 */
export abstract class StreamLink implements Link {
  abstract readonly kind: Link["kind"];
  abstract readonly remote: string;
  abstract readonly hasDatagrams: boolean;
  protected readonly clock: Clock;
  readonly #outbox: Outbox;
  #events: LinkEvents | null = null;
  #state: "open" | "closing" | "finished" | "ended" = "open";
  /** How it will be said to have ended, once `closing`. */
  #end: LinkEnd | null = null;
  /** The one timer of the way out. */
  #cancelTimer: CancelTimer | null = null;

  protected constructor(readonly wire: Wire, tuning: LinkTuning) {
    this.clock = tuning.clock ?? realClock;
    this.#outbox = new Outbox({
      write: (bytes) => this.write(bytes),
      onEnd: (end) => this.#outboxEnded(end),
      pacing: wire === "chat/0" ? "one-by-one" : "gathered",
      clock: this.clock,
      watch: tuning.watch ?? stuckWatch,
      limits: { ...OUTBOX, ...tuning.limits },
    });
  }

  // What a kind of link does.

  /** Starts calling `deliver` and `deliverDatagram`. Called once. */
  protected abstract startReading(): void;
  /** Hands bytes to the network, as `OutboxOptions.write` says. */
  protected abstract write(bytes: Uint8Array): Promise<void>;
  /** Tells the peer that no more comes. True if it sees that and will answer by the same. */
  protected abstract finish(): boolean;
  /** Ends the connection now and lets go of everything. Called once. */
  protected abstract cut(end: LinkEnd): void;
  /** Sends a datagram that is neither empty nor too long, if the network lets it. */
  protected abstract sendDatagram(payload: Uint8Array): void;

  // What it is told by the kind of link.

  protected get isEnded(): boolean {
    return this.#state === "ended";
  }

  protected deliver(chunk: Uint8Array): void | Promise<void> {
    if (this.#state !== "ended") return this.#events?.bytes(chunk);
  }

  protected deliverDatagram(payload: Uint8Array): void {
    if (this.#state !== "ended") this.#events?.datagram(payload);
  }

  /** The peer said that no more comes. */
  protected peerFinished(): void {
    if (this.#state === "open") this.#leave(PEER);
    else if (this.#state === "finished") this.#finalize();
  }

  /** The connection is no more. */
  protected gone(end: LinkEnd): void {
    if (this.#state === "ended") return;
    this.#end ??= end;
    this.#finalize();
  }

  /** Reading or writing failed. The connection's own end, if that is why, is known in a moment and says more. */
  protected broken(error: unknown): void {
    if (this.#state === "ended") return;
    const says = error instanceof Error ? error.message : String(error);
    this.#wait(OUTBOX.goodbyeMs, () => this.gone({ why: "lost", says }));
  }

  // What its owner calls.

  get queuedBytes(): number {
    return this.#outbox.queuedBytes;
  }

  open(events: LinkEvents): void {
    if (this.#events !== null) throw new Error("a link can be opened once");
    this.#events = events;
    if (this.#state === "ended") this.#tell();
    else this.startReading();
  }

  push(bytes: Uint8Array): void {
    this.#outbox.push(bytes);
  }

  setSource(source: Source): void {
    this.#outbox.setSource(source);
  }

  ready(): void {
    this.#outbox.ready();
  }

  datagram(payload: Uint8Array): void {
    // An empty one would end a Deno peer's reading of datagrams, if not its process.
    if (!this.hasDatagrams || this.isEnded || payload.length === 0) return;
    if (payload.length <= LIMITS.datagramBytesMax) this.sendDatagram(payload);
  }

  close(): void {
    if (this.#state === "open") this.#leave(LOCAL);
  }

  #leave(end: LinkEnd): void {
    this.#state = "closing";
    this.#end = end;
    this.#wait(OUTBOX.drainMs, () => this.#finish());
    this.#outbox.drain(() => this.#finish());
  }

  #finish(): void {
    if (this.#state !== "closing") return;
    this.#state = "finished";
    this.#wait(this.finish() ? OUTBOX.answerMs : OUTBOX.goodbyeMs, () => this.#finalize());
  }

  #wait(delayMs: number, run: () => void): void {
    this.#cancelTimer?.();
    this.#cancelTimer = this.clock.after(delayMs, run);
  }

  #outboxEnded(end: OutboxEnd): void {
    if (end.why === "lost") this.broken(end.says);
    else this.gone(end);
  }

  #finalize(): void {
    if (this.#state === "ended") return;
    this.#state = "ended";
    this.#end ??= LOCAL;
    this.#cancelTimer?.();
    this.#outbox.stop();
    this.cut(this.#end);
    if (this.#events !== null) this.#tell();
  }

  #tell(): void {
    const events = this.#events;
    const end = this.#end;
    if (events !== null && end !== null) queueMicrotask(() => events.closed(end));
  }
}
