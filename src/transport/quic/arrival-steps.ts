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
export async function firstStream(
  streams: Streams,
  conn: Deno.QuicConn,
  { limits, clock }: ArrivalOptions,
): Promise<Deno.QuicBidirectionalStream> {
  const { value } = await inTime(streams.read(), conn, clock, limits.helloMs, "no-stream");
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

/** The promise's value, or an `ArrivalFailure` when it rejects, the connection ends or the time is over. */
export async function inTime<T>(
  promise: Promise<T>,
  conn: Deno.QuicConn,
  clock: Clock,
  limitMs: number,
  what: ArrivalFailure["what"],
): Promise<T> {
  let cancel = () => {};
  const late = new Promise<never>((_resolve, reject) => {
    cancel = clock.after(limitMs, () => reject(new ArrivalFailure(what, `not done after ${limitMs} ms`)));
  });
  const ended = conn.closed.then(() => {
    throw new ArrivalFailure(what, "the peer closed the connection");
  });
  try {
    return await Promise.race([promise, ended, late]);
  } catch (error) {
    if (error instanceof ArrivalFailure) throw error;
    throw new ArrivalFailure(what, error instanceof Error ? error.message : String(error));
  } finally {
    cancel();
  }
}
