import type { Wire } from "../../protocol/wire.ts";
import type { Clock } from "../clock.ts";
import type { LinkTuning } from "../stream-link.ts";

/** How long each step from a packet to a link may take. */
export interface ArrivalLimits {
  readonly handshakeMs: number;
  readonly upgradeMs: number;
  readonly helloMs: number;
}

/** What keeps a connection from becoming a link. `says` may hold what the peer chose: quote it in logs only. */
export class ArrivalFailure extends Error {
  override readonly name = "ArrivalFailure";
  constructor(readonly what: "handshake" | "no-stream" | "webtransport" | "wrong-path", message: string) {
    super(message);
  }
}

export interface ArrivalOptions {
  readonly wires: readonly Wire[];
  readonly limits: ArrivalLimits;
  readonly clock: Clock;
  readonly tuning: LinkTuning;
  /** Called when the handshake is over, however it went: the connection is not half-open any more. */
  readonly handshaken: () => void;
}

export type Streams = ReadableStreamDefaultReader<Deno.QuicBidirectionalStream>;

/** The stream that the client opened first. One that opens none in time is not a client of ours. */
export async function firstStream(streams: Streams, arrival: Arrival): Promise<Deno.QuicBidirectionalStream> {
  const { value } = await arrival.step(streams.read(), arrival.options.limits.helloMs, "no-stream");
  if (value === undefined) {
    throw new ArrivalFailure("no-stream", "the connection ended before its first stream");
  }
  return value;
}

/** Turns away every stream but the first. Left unread each would hold 1.25 MB. */
export function rejectFurther(streams: Streams): void {
  const reject = async () => {
    for (;;) {
      const { value } = await streams.read();
      if (value === undefined) return;
      ignoreFailure(value.readable.cancel());
      ignoreFailure(value.writable.abort());
    }
  };
  ignoreFailure(reject());
}

/** Reads and drops what comes on streams of one direction, which carry no chat. They are kept open, since
 * HTTP/3 forbids to end those that it needs (RFC 9114 §6.2.1, RFC 9204 §4.2). */
export function drainStreams(conn: Deno.QuicConn): void {
  const streams = conn.incomingUnidirectionalStreams.getReader();
  const drain = async (stream: ReadableStream<Uint8Array<ArrayBuffer>>) => {
    const reader = stream.getReader({ mode: "byob" });
    let buffer = new Uint8Array(DRAIN_BYTES);
    for (;;) {
      const { value, done } = await reader.read(buffer);
      if (done || value === undefined) return;
      buffer = new Uint8Array(value.buffer);
    }
  };
  const drainAll = async () => {
    for (;;) {
      const { value } = await streams.read();
      if (value === undefined) return;
      ignoreFailure(drain(value));
    }
  };
  ignoreFailure(drainAll());
}

/** Nothing is expected there but HTTP/3's few bytes. */
const DRAIN_BYTES = 512;

/** For what fails only because the stream or its connection is over, which `conn.closed` tells. */
export function ignoreFailure(promise: Promise<unknown>): void {
  promise.catch(() => {});
}

/**
 * The steps of one connection, each with its time. What waits for `conn.closed` is kept for as long as the connection
 * lives, so all steps share one that does: with one of its own for each step a member costs about 1 KB more.
 */
export class Steps {
  #fail: ((why: string) => void) | null = null;
  #endedAs: string | null = null;

  constructor(closed: Promise<unknown>, readonly clock: Clock) {
    closed.then(
      () => this.#ended("the peer closed the connection"),
      (error) => this.#ended(wordsOf(error)),
    );
  }

  /** The promise's value, or an `ArrivalFailure` when it rejects, the connection ends or the time is over. One step
   * at a time. */
  step<T>(promise: Promise<T>, limitMs: number, what: ArrivalFailure["what"]): Promise<T> {
    return new Promise((resolve, reject) => {
      const over = () => {
        cancel();
        this.#fail = null;
      };
      const fail = (why: string) => {
        over();
        reject(new ArrivalFailure(what, why));
      };
      const cancel = this.clock.after(limitMs, () => fail(`not done after ${limitMs} ms`));
      promise.then((value) => {
        over();
        resolve(value);
      }, (error) => {
        over();
        reject(error instanceof ArrivalFailure ? error : new ArrivalFailure(what, wordsOf(error)));
      });
      this.#fail = fail;
      if (this.#endedAs !== null) fail(this.#endedAs);
    });
  }

  #ended(why: string): void {
    this.#endedAs = why;
    this.#fail?.(why);
  }
}

/** One connection on its way to a link. */
export class Arrival extends Steps {
  constructor(readonly conn: Deno.QuicConn, readonly options: ArrivalOptions) {
    super(conn.closed, options.clock);
  }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
