import type { Link, LinkEnd } from "../link.ts";
import { type LinkTuning, StreamLink } from "../stream-link.ts";

export interface WebTransportDialOptions {
  /** SHA-256 of certificates to trust, in place of the browser's own roots. Browsers want such a certificate to
   * be ECDSA and to live at most 14 days. */
  readonly certificateHashes?: readonly Uint8Array<ArrayBuffer>[];
  readonly signal?: AbortSignal;
  readonly tuning?: LinkTuning;
}

/**
 * Connects over the platform's own WebTransport: browsers, and Deno. The server sees the link when the first
 * bytes are pushed. Rejects when the server can't be reached (UDP may be blocked: try a WebSocket) or is not
 * trusted; with the signal's reason when that is aborted.
 */
export async function dialWebTransport(
  url: string | URL,
  options: WebTransportDialOptions = {},
): Promise<Link> {
  const { signal, certificateHashes } = options;
  signal?.throwIfAborted();
  const session = new WebTransport(
    url,
    certificateHashes === undefined ? {} : {
      serverCertificateHashes: certificateHashes.map((value) => ({ algorithm: "sha-256", value })),
    },
  );
  // Each is unhandled otherwise when the connection fails; `ready` and the link's own handler tell of it.
  session.closed.catch(() => {});
  let aborted = () => {};
  const abort = new Promise<never>((_resolve, reject) => {
    aborted = () => reject(signal?.reason);
    signal?.addEventListener("abort", aborted, { once: true });
  });
  // When the session is ready first, nobody waits for the abort any more.
  abort.catch(() => {});
  try {
    await Promise.race([session.ready, abort]);
    const stream = await Promise.race([session.createBidirectionalStream(), abort]);
    return new WebTransportLink(url, session, stream, options.tuning ?? {});
  } catch (error) {
    session.ready.then(() => session.close(), () => {});
    throw error;
  } finally {
    signal?.removeEventListener("abort", aborted);
  }
}

class WebTransportLink extends StreamLink {
  readonly kind = "webtransport";
  readonly remote: string;
  readonly hasDatagrams = true;
  readonly #session: WebTransport;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #datagrams: WritableStreamDefaultWriter<Uint8Array>;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;

  constructor(
    url: string | URL,
    session: WebTransport,
    stream: WebTransportBidirectionalStream,
    tuning: LinkTuning,
  ) {
    super("quicchat/1", tuning);
    this.remote = new URL(url).host;
    this.#session = session;
    this.#writer = stream.writable.getWriter();
    this.#reader = stream.readable.getReader();
    this.#datagrams = session.datagrams.writable.getWriter();
    session.closed.then(
      () => this.#over({ why: "peer" }),
      (error) => this.#over({ why: "lost", says: error instanceof Error ? error.message : String(error) }),
    );
  }

  protected sendDatagram(payload: Uint8Array): void {
    // The platform's queue is full: what can't be sent soon is not worth sending.
    if ((this.#datagrams.desiredSize ?? 0) <= 0) return;
    // May be lost in any case.
    this.#datagrams.write(payload).catch(() => {});
  }

  protected write(bytes: Uint8Array): Promise<void> {
    return this.#writer.write(bytes);
  }

  protected startReading(): void {
    this.#readStream().catch((error) => this.broken(error));
    this.#readDatagrams();
  }

  protected finish(): boolean {
    // If it fails the session is over, which `closed` tells.
    this.#writer.close().catch(() => {});
    // Deno keeps the end of a WebTransport stream to itself, so nobody answers it.
    return !("Deno" in globalThis);
  }

  protected cut(): void {
    try {
      this.#session.close();
    } catch {
      // It was not connected any more.
    }
  }

  /** After what was read already is delivered: its promise may be behind this one. */
  #over(end: LinkEnd): void {
    this.clock.atEndOfTurn(() => this.gone(end));
  }

  async #readStream(): Promise<void> {
    for (;;) {
      const { value, done } = await this.#reader.read();
      if (done || value === undefined) return this.peerFinished();
      const held = this.deliver(value);
      if (held !== undefined) await held;
      if (this.isEnded) return;
    }
  }

  async #readDatagrams(): Promise<void> {
    try {
      const reader: ReadableStreamDefaultReader<Uint8Array> = this.#session.datagrams.readable.getReader();
      for (;;) {
        const { value, done } = await reader.read();
        if (done || value === undefined || this.isEnded) return;
        this.deliverDatagram(value);
      }
    } catch {
      // The session is over, which `closed` tells, or its datagrams are: a link can live without them.
    }
  }
}
