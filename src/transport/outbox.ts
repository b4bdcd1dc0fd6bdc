import { LIMITS } from "../protocol/limits.ts";
import type { CancelTimer, Clock } from "./clock.ts";
import { join } from "./joined.ts";
import type { Source } from "./link.ts";
import type { StuckWatch } from "./stuck-watch.ts";

/** The bounds of every outbox. */
export const OUTBOX = {
  /** What may be pushed and not yet written. Pushed are answers to the peer itself, not the room's talk (that
   * stays in the log until the source is asked): a peer that is owed this much has stopped reading. */
  queueBytesMax: 1_048_576,
  /** What one write takes at most, so that a link that catches up leaves the others their turn. A page of the
   * log fits in. */
  writeBytesMax: 131_072,
  /** How long a write may be pending. Longer than a phone's change from Wi-Fi to mobile takes, and as long as
   * QUIC's own idle timeout: a peer that acknowledges packets but does not read for longer is not there. */
  stuckMs: 15_000,
  /** How long `close` waits for what was pushed to be written. A stopping server has 5 s for everything. */
  drainMs: 2_000,
  /** How long the last bytes have to arrive at a peer that can't see their end. Bytes written just before a
   * QUIC connection is closed are lost (0 of 50 arrived); after 50 ms they are on their way. */
  goodbyeMs: 50,
  /** How long a peer that sees the end of our bytes has to answer with its own: a lossy round trip. It
   * usually takes one good one. */
  answerMs: 500,
  /** The pause after each PDU to a chat/0 peer, whose reader takes each chunk for exactly one object: the next
   * PDU must not share a packet with this one, and the peer must have read this one. Measured with 600 PDUs to
   * aioquic on a busy machine: after 1 ms each has a packet of its own, but a reader behind
   * `asyncio.wait_for` still finds one in 25 joined; after 3 ms none. */
  chat0GapMs: 3,
} as const;

export interface OutboxLimits {
  readonly queueBytesMax: number;
  readonly writeBytesMax: number;
  readonly stuckMs: number;
}

/** How many written entries may stand before the queue's head: moving the rest once in a while is cheaper than
 * at every write. */
const WRITTEN_KEPT_MAX = 256;

const ALREADY_TOLD = (): void => {};

/** Why an outbox gave up. `lost`: the network refused a write. */
export type OutboxEnd = { readonly why: "stuck" | "full" } | { readonly why: "lost"; readonly says: string };

export interface OutboxOptions {
  /** Hands bytes to the network; resolves when it has taken them all. Is never called again before that. */
  readonly write: (bytes: Uint8Array) => Promise<void>;
  /** Called at most once, possibly from inside `push`; the outbox is stopped by then. */
  readonly onEnd: (end: OutboxEnd) => void;
  /** `gathered`: everything that is ready goes in one write. `one-by-one`: each PDU alone, with
   * `OUTBOX.chat0GapMs` after it (docs/protocol.md, chat/0). */
  readonly pacing: "gathered" | "one-by-one";
  readonly clock: Clock;
  readonly watch: StuckWatch;
  readonly limits: OutboxLimits;
}

/**
 * What is still to be sent on one link. It MUST, and `outbox_test.ts` checks it:
 *
 * - keep the order: everything pushed, and only when nothing pushed is left, what the source gives;
 * - have at most one write pending, and gather into it what is ready at the end of a turn;
 * - hold at most `queueBytesMax` of pushed bytes, or end as `full`;
 * - end as `stuck` when a write is pending for `stuckMs`, give or take a round of the watch;
 * - hand a lone chunk on without copying it: a server gives the same bytes to every member of a room.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #gathers: boolean;
  readonly #longestPdu: number;
  #queue: Uint8Array[] = [];
  /** Where the queue begins: what stands before it is written. */
  #head = 0;
  #queuedBytes = 0;
  #source: Source | null = null;
  /** The source may have something. */
  #sourceReady = false;
  /** A flush is scheduled for the end of this turn. */
  #scheduled = false;
  /** A write is pending, or the pause after one. */
  #busy = false;
  #writing = false;
  #writingSinceRound = 0;
  #stopped = false;
  #drained: (() => void) | null = null;
  #cancelGap: CancelTimer | null = null;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#gathers = options.pacing === "gathered";
    this.#longestPdu = Math.min(LIMITS.pduBytesMax, options.limits.writeBytesMax);
    options.watch.add(this);
  }

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /** Queues one or more whole PDUs, exactly one for a chat/0 peer. The bytes must not change any more. */
  push(bytes: Uint8Array): void {
    if (this.#stopped || this.#drained !== null || bytes.length === 0) return;
    if (this.#queuedBytes + bytes.length > this.#options.limits.queueBytesMax) {
      this.#end({ why: "full" });
      return;
    }
    this.#queue.push(bytes);
    this.#queuedBytes += bytes.length;
    if (!this.#scheduled && !this.#busy) this.#schedule();
  }

  setSource(source: Source): void {
    this.#source = source;
    this.ready();
  }

  /** The source may have something. */
  ready(): void {
    this.#sourceReady = true;
    if (!this.#scheduled && !this.#busy && !this.#stopped) this.#schedule();
  }

  /** Writes what was pushed and then calls back, once; the source is not asked any more and nothing more is
   * taken. Not called if the outbox ends or is stopped before. The first write is made now: a page that is
   * going away says its last word in this turn or not at all. */
  drain(drained: () => void): void {
    if (this.#stopped || this.#drained !== null) return;
    this.#source = null;
    this.#drained = drained;
    if (this.#queue.length > 0) this.#flush();
    else if (!this.#scheduled && !this.#busy) this.#schedule();
  }

  /** Lets go of everything without a word. Idempotent. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#options.watch.remove(this);
    this.#cancelGap?.();
    this.#queue = [];
    this.#head = 0;
    this.#queuedBytes = 0;
    this.#source = null;
    this.#drained = null;
  }

  checkStuck(): void {
    if (!this.#writing) return;
    const { watch, limits } = this.#options;
    if (watch.rounds - this.#writingSinceRound >= watch.roundsIn(limits.stuckMs)) this.#end({ why: "stuck" });
  }

  #end(end: OutboxEnd): void {
    this.stop();
    this.#options.onEnd(end);
  }

  #schedule(): void {
    this.#scheduled = true;
    this.#options.clock.atEndOfTurn(this.#flush);
  }

  readonly #flush = (): void => {
    this.#scheduled = false;
    if (this.#stopped || this.#busy) return;
    const bytes = this.#gathers ? this.#gather() : this.#next(1);
    if (bytes === null) {
      if (this.#drained !== null) {
        const drained = this.#drained;
        this.#drained = ALREADY_TOLD;
        drained();
      }
      return;
    }
    this.#busy = true;
    this.#writing = true;
    this.#writingSinceRound = this.#options.watch.rounds;
    // A method that throws instead of rejecting ends up in the same place.
    try {
      this.#options.write(bytes).then(this.#written, this.#failed);
    } catch (error) {
      this.#failed(error);
    }
  };

  readonly #written = (): void => {
    this.#writing = false;
    if (this.#stopped) return;
    if (this.#gathers) this.#goOn();
    else this.#cancelGap = this.#options.clock.after(OUTBOX.chat0GapMs, this.#goOn);
  };

  readonly #goOn = (): void => {
    this.#busy = false;
    if (this.#queue.length > 0 || this.#sourceReady || this.#drained !== null) this.#schedule();
  };

  readonly #failed = (error: unknown): void => {
    this.#writing = false;
    if (!this.#stopped) {
      this.#end({ why: "lost", says: error instanceof Error ? error.message : String(error) });
    }
  };

  /** One write's worth of what is ready. */
  #gather(): Uint8Array | null {
    const first = this.#next(this.#options.limits.writeBytesMax);
    if (first === null) return null;
    let spare = this.#options.limits.writeBytesMax - first.length;
    const second = spare > 0 ? this.#next(spare) : null;
    if (second === null) return first;
    const chunks = [first, second];
    spare -= second.length;
    while (spare > 0) {
      const chunk = this.#next(spare);
      if (chunk === null) break;
      chunks.push(chunk);
      spare -= chunk.length;
    }
    return join(chunks);
  }

  /** The next chunk in order. A queued one that is longer than asked for comes alone: only if it would be the
   * first of its write, which asks for the most. */
  #next(bytesMax: number): Uint8Array | null {
    const queued = this.#queue[this.#head];
    if (queued !== undefined) {
      if (queued.length > bytesMax && this.#gathers && bytesMax < this.#options.limits.writeBytesMax) {
        return null;
      }
      this.#head++;
      this.#queuedBytes -= queued.length;
      if (this.#head === this.#queue.length || this.#head >= WRITTEN_KEPT_MAX) {
        this.#queue.splice(0, this.#head);
        this.#head = 0;
      }
      return queued;
    }
    if (this.#source === null || !this.#sourceReady) return null;
    // Not asked when the longest PDU would not fit: nothing then always means that there is nothing.
    if (this.#gathers && bytesMax < this.#longestPdu) return null;
    const given = this.#source(bytesMax);
    if (given !== null && given.length > 0) return given;
    this.#sourceReady = false;
    return null;
  }
}
