import {
  Arrival,
  ArrivalFailure,
  type ArrivalOptions,
  drainStreams,
  firstStream,
  rejectFurther,
} from "./arrival-steps.ts";
import type { Link } from "../link.ts";
import { QuicLink } from "./quic-link.ts";
import { acceptWebTransport } from "../webtransport/webtransport-accept.ts";
import type { Wire } from "../../protocol/wire.ts";

/**
 * Leads an accepted connection to its one link: handshake, for `h3` the WebTransport session, the first
 * stream. Rejects with an `ArrivalFailure`; the connection is then closed. Every step has its time, since a
 * peer may stop at any byte.
 */
export async function arrive(conn: Deno.QuicConn, options: ArrivalOptions): Promise<Link> {
  const arrival = new Arrival(conn, options);
  try {
    try {
      // Resolves when the handshake fails, too: that the connection ended comes before or with the next step.
      await arrival.step(conn.handshake, options.limits.handshakeMs, "handshake");
    } finally {
      options.handshaken();
    }
    const protocol = conn.protocol;
    if (protocol === "h3") return await acceptWebTransport(arrival);
    const wire = options.wires.find((name) => name === protocol);
    if (wire === undefined) throw new ArrivalFailure("handshake", "the handshake failed");
    const streams = conn.incomingBidirectionalStreams.getReader();
    const stream = await firstStream(streams, arrival);
    rejectFurther(streams);
    drainStreams(conn);
    return new QuicLink({
      ...options.tuning,
      kind: "quic",
      wire,
      conn,
      stream,
      datagrams: datagramsOf(conn, wire),
    });
  } catch (error) {
    conn.close({ closeCode: 0, reason: error instanceof ArrivalFailure ? error.what : "" });
    throw error;
  }
}

const NO_PREFIX = new Uint8Array(0);

function datagramsOf(conn: Deno.QuicConn, wire: Wire) {
  return wire === "chat/0" ? null : { prefix: NO_PREFIX, receive: () => conn.readDatagram() };
}
