import {
  type Arrival,
  ArrivalFailure,
  drainStreams,
  firstStream,
  rejectFurther,
} from "../quic/arrival-steps.ts";
import type { Link } from "../link.ts";
import { type DatagramPath, QuicLink } from "../quic/quic-link.ts";

/** The one path that is served (docs/protocol.md). */
export const WEBTRANSPORT_PATH = "/quicchat/1";

/** What stands before the bytes of a client's stream (draft-ietf-webtrans-http3 §4.3): the type 0x41 and the
 * session's id, both as variable-length integers. The id is that of the CONNECT stream, which is the first. */
const STREAM_HEADER = new Uint8Array([0x40, 0x41, 0x00]);
/** The same for a datagram (RFC 9297 §2.1): the session's id divided by four. */
const DATAGRAM_HEADER = new Uint8Array([0x00]);

/**
 * Turns a connection that speaks HTTP/3 into a link over the stream that its client opens. The runtime does
 * the handshake of HTTP/3 only: its own streams can't be ended and its reader of streams stops for good at
 * the first bad one, so the streams are taken from the connection.
 */
export async function acceptWebTransport(arrival: Arrival): Promise<Link> {
  const { conn, options } = arrival;
  const { limits } = options;
  const session = await arrival.step(Deno.upgradeWebTransport(conn), limits.upgradeMs, "webtransport");
  // Uncaught, each ends the process when the client goes away. `conn.closed` tells the same.
  session.closed.catch(() => {});
  session.ready.catch(() => {});
  const path = pathOf(session.url);
  if (path !== WEBTRANSPORT_PATH) {
    throw new ArrivalFailure("wrong-path", `asked for ${JSON.stringify(path)}, not ${WEBTRANSPORT_PATH}`);
  }
  drainStreams(conn);
  const streams = conn.incomingBidirectionalStreams.getReader();
  const stream = await firstStream(streams, arrival);
  rejectFurther(streams);
  await arrival.step(skipHeader(stream.readable), limits.helloMs, "no-stream");
  return new QuicLink({
    ...options.tuning,
    kind: "webtransport",
    wire: "quicchat/1",
    conn,
    stream,
    datagrams: datagramsOf(session),
  });
}

function pathOf(url: string): string | null {
  return URL.canParse(url) ? new URL(url).pathname : null;
}

async function skipHeader(readable: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
  const reader = readable.getReader({ mode: "byob" });
  let at = 0;
  while (at < STREAM_HEADER.length) {
    const { value, done } = await reader.read(new Uint8Array(STREAM_HEADER.length - at));
    if (done || value === undefined) {
      throw new ArrivalFailure("no-stream", "the first stream ended in its header");
    }
    for (const byte of value) {
      if (byte !== STREAM_HEADER[at++]) {
        throw new ArrivalFailure("webtransport", "the first stream is not one of the session");
      }
    }
  }
  reader.releaseLock();
}

/** The runtime reads datagrams itself and strips their header. `session` is held by this, and must be: it
 * holds the streams without which HTTP/3 ends. */
function datagramsOf(session: WebTransport): DatagramPath {
  const reader: ReadableStreamDefaultReader<Uint8Array> = session.datagrams.readable.getReader();
  return {
    prefix: DATAGRAM_HEADER,
    receive: async () => (await reader.read()).value ?? null,
  };
}
