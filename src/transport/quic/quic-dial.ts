import type { Wire } from "../../protocol/wire.ts";
import { CONGESTION_CONTROL, LISTENER } from "./quic-listener.ts";
import type { Link } from "../link.ts";
import { QuicLink } from "./quic-link.ts";
import type { LinkTuning } from "../stream-link.ts";

/** Our server says more often that it is alive (`LISTENER.keepAliveMs`), and what it says counts for both sides: with
 * the same pause here both would say it. This is for servers that don't. */
const KEEP_ALIVE_MS = 10_000;

export interface QuicDialOptions {
  readonly hostname: string;
  readonly port: number;
  readonly wire: Wire;
  /** PEM of certificates to trust besides the system's; a self-signed leaf works. */
  readonly caCerts?: readonly string[];
  /** SHA-256 of certificates to trust, in place of the system's and of `caCerts`: the name does not matter then,
   * the dates do. Deno takes them here as for WebTransport, though its types don't say so. */
  readonly certificateHashes?: readonly Uint8Array<ArrayBuffer>[];
  /** The name that the certificate must have, if it is not `hostname`. */
  readonly serverName?: string;
  readonly signal?: AbortSignal;
  readonly tuning?: LinkTuning;
}

/**
 * Connects over raw QUIC, with a UDP socket of its own that is freed with the link. The server sees the link
 * when the first bytes are pushed. Rejects when the server can't be reached, is silent for `LISTENER.idleMs`,
 * is not trusted or does not speak the wire; with the signal's reason when that is aborted.
 */
export async function dialQuic(options: QuicDialOptions): Promise<Link> {
  options.signal?.throwIfAborted();
  const target: Deno.ConnectQuicOptions<false> & { serverCertificateHashes?: WebTransportHash[] } = {
    hostname: options.hostname,
    port: options.port,
    serverName: options.serverName,
    alpnProtocols: [options.wire],
    keepAliveInterval: KEEP_ALIVE_MS,
    maxIdleTimeout: LISTENER.idleMs,
    congestionControl: CONGESTION_CONTROL,
    // A server opens no streams.
    maxConcurrentBidirectionalStreams: 0,
    maxConcurrentUnidirectionalStreams: 0,
  };
  if (options.caCerts !== undefined) target.caCerts = [...options.caCerts];
  if (options.certificateHashes !== undefined) {
    target.serverCertificateHashes = options.certificateHashes.map((value) => ({
      algorithm: "sha-256",
      value,
    }));
  }
  const conn = await orAborted(Deno.connectQuic(target), options.signal);
  try {
    const stream = await orAborted(conn.createBidirectionalStream(), options.signal);
    const datagrams = options.wire === "chat/0"
      ? null
      : { prefix: new Uint8Array(0), receive: () => conn.readDatagram() };
    return new QuicLink({
      ...options.tuning,
      kind: "quic",
      wire: options.wire,
      conn,
      stream,
      datagrams,
      release: () => conn.endpoint.close(),
    });
  } catch (error) {
    letGo(conn);
    throw error;
  }
}

/** Whether a server turned a dial away before its handshake: it is full, or flooded. Deno tells it in words only. */
export function wasRefused(thrown: unknown): boolean {
  return thrown instanceof Error && /refused to accept a new connection/.test(thrown.message);
}

function letGo(conn: Deno.QuicConn): void {
  // It is closed on purpose; nobody is left to be told how it ended.
  conn.closed.catch(() => {});
  conn.close();
  conn.endpoint.close();
}

/** The promise's value, unless the signal is first: then what comes later is closed. */
function orAborted<T extends Deno.QuicConn | Deno.QuicBidirectionalStream>(
  promise: Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const aborted = () => {
      reject(signal.reason);
      promise.then(
        (late) => {
          if ("closed" in late) letGo(late);
        },
        // It failed by itself, and its caller has been told of the abort already.
        () => {},
      );
    };
    signal.addEventListener("abort", aborted, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", aborted));
  });
}
