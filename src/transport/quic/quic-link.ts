import type { Wire } from "../../protocol/wire.ts";
import type { LinkEnd } from "../link.ts";
import { type LinkTuning, StreamLink } from "../stream-link.ts";

/** How datagrams travel on a connection. */
export interface DatagramPath {
  /** Stands before every payload that is sent. */
  readonly prefix: Uint8Array;
  /** The next payload without its prefix; null when there will be none. May reject. */
  receive(): Promise<Uint8Array | null>;
}

export interface QuicLinkParts extends LinkTuning {
  readonly kind: "quic" | "webtransport";
  readonly wire: Wire;
  readonly conn: Deno.QuicConn;
  readonly stream: Deno.QuicBidirectionalStream;
  /** Null where the wire has no datagrams (chat/0). */
  readonly datagrams: DatagramPath | null;
  /** Called once, when nothing of the connection is needed any more. */
  readonly release?: () => void;
}

/** A quiet peer costs one buffer of this size: 10 MB for 10,000 of them (a stream's own default: 640 MB). What people
 * type fits. */
const READ_BYTES_MIN = 1_024;
/** A peer that sends fast gets buffers up to this, so that bulk takes few reads. */
const READ_BYTES_MAX = 65_536;
/** Datagrams on their way to the network at once. What can't be sent soon is not worth sending: drop it. */
const DATAGRAMS_PENDING_MAX = 16;

/** A raw QUIC connection's one stream, or the one WebTransport stream of a connection that we serve. */
export class QuicLink extends StreamLink {
  readonly kind: "quic" | "webtransport";
  readonly #parts: QuicLinkParts;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  #datagramsPending = 0;
  /** A read is pending, which may have bytes that came before the connection's end. */
  #reading = false;
  #goneAs: LinkEnd | null = null;

  constructor(parts: QuicLinkParts) {
    super(parts.wire, parts);
    this.kind = parts.kind;
    this.#parts = parts;
    this.#writer = parts.stream.writable.getWriter();
    parts.conn.closed.then(
      () => this.#closed({ why: "peer" }),
      (error) => this.#closed({ why: "lost", says: error instanceof Error ? error.message : String(error) }),
    );
  }

  get remote(): string {
    const { hostname, port } = this.#parts.conn.remoteAddr;
    return hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
  }

  get hasDatagrams(): boolean {
    return this.#parts.datagrams !== null;
  }

  protected sendDatagram(payload: Uint8Array): void {
    const { conn, datagrams } = this.#parts;
    if (datagrams === null || this.#datagramsPending >= DATAGRAMS_PENDING_MAX) return;
    let whole = payload;
    if (datagrams.prefix.length > 0) {
      whole = new Uint8Array(datagrams.prefix.length + payload.length);
      whole.set(datagrams.prefix);
      whole.set(payload, datagrams.prefix.length);
    }
    this.#datagramsPending++;
    // May be lost in any case: too long for the path, or the connection has just ended.
    const over = () => void this.#datagramsPending--;
    conn.sendDatagram(whole).then(over, over);
  }

  protected write(bytes: Uint8Array): Promise<void> {
    return this.#writer.write(bytes);
  }

  protected startReading(): void {
    this.#readStream().catch((error) => this.#readingFailed(error));
    if (this.#parts.datagrams !== null) this.#readDatagrams(this.#parts.datagrams);
  }

  protected finish(): boolean {
    // An original chat/0 peer may take the stream's end for an empty chunk and try to parse it.
    if (this.wire === "chat/0") return false;
    // If it fails the connection is gone, which `closed` tells.
    this.#writer.close().catch(() => {});
    return true;
  }

  protected cut(end: LinkEnd): void {
    this.#parts.conn.close({ closeCode: 0, reason: end.why === "lost" ? "" : end.why });
    this.#parts.release?.();
  }

  #closed(end: LinkEnd): void {
    if (this.#reading) this.#goneAs = end;
    else this.gone(end);
  }

  async #readStream(): Promise<void> {
    const reader = this.#parts.stream.readable.getReader({ mode: "byob" });
    let buffer = new Uint8Array(READ_BYTES_MIN);
    for (;;) {
      const capacity = buffer.length;
      this.#reading = true;
      const { value, done } = await reader.read(buffer);
      this.#reading = false;
      if (done || value === undefined) break;
      let chunk = value;
      if (value.length * 2 <= capacity) {
        chunk = value.slice();
        buffer = new Uint8Array(value.buffer);
      } else {
        buffer = new Uint8Array(
          value.length === capacity ? Math.min(capacity * 4, READ_BYTES_MAX) : capacity,
        );
      }
      const held = this.deliver(chunk);
      if (this.#goneAs !== null) return this.gone(this.#goneAs);
      if (held !== undefined) await held;
      if (this.isEnded) return;
    }
    this.peerFinished();
    if (this.#goneAs !== null) this.gone(this.#goneAs);
  }

  #readingFailed(error: unknown): void {
    this.#reading = false;
    if (this.#goneAs !== null) this.gone(this.#goneAs);
    else this.broken(error);
  }

  async #readDatagrams(path: DatagramPath): Promise<void> {
    try {
      while (!this.isEnded) {
        const payload = await path.receive();
        if (payload === null) return;
        this.deliverDatagram(payload);
      }
    } catch {
      // The connection is gone, which `closed` tells, or its datagrams are: a link can live without them.
    }
  }
}
