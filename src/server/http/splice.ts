/** Two TCP connections made into one: what either says, the other hears. */

import { LIMITS } from "../../protocol/limits.ts";

/** Towards the server come requests and chat lines, … */
const upBytesMax = 4_096;
/** … from it pages and batches of lines; a TLS record holds 16,384 bytes. */
const downBytesMax = 16_384;

/** How long a web server on this machine may take to read what is before it. */
const catchUpMs = 2_000;

/** After the server's last word its client may take this long to hang up. Closing at once could destroy what
 * is still on its way to the client (RFC 9112 §9.6). */
const lingerMs = 5_000;

export interface SplicePair {
  readonly client: Deno.TcpConn;
  readonly server: Deno.TcpConn;
  /** What was read of the client before: it goes first. Not kept. */
  readonly first: Uint8Array;
  /** Now in milliseconds on a clock that never goes back. */
  readonly clock: () => number;
  /** Neither side saying anything for this long ends it. */
  readonly idleMs: number;
}

/**
 * One spliced pair. Each direction has one buffer and reads no further before what it read was written, so
 * that back-pressure passes through and memory is bounded. A half-close passes through as one; any failure
 * ends both sides.
 */
export class Splice {
  /** Resolves when both connections are closed. Never rejects. */
  readonly done: Promise<void>;
  /** A WebSocket runs over it: it is not idle at the end of a request, and not cut at the end of a server. */
  upgraded = false;
  /** What came up since a WebSocket's message ended. The web server behind would gather up to 64 MB of one in
   * memory before it gives any of it. */
  #unendedBytes = 0;
  #whenEnded: (() => void) | null = null;
  readonly #pair: SplicePair;
  #lastMs: number;
  #serverEnded = false;
  #closed = false;

  constructor(pair: SplicePair) {
    this.#pair = pair;
    this.#lastMs = pair.clock();
    this.done = this.#run();
  }

  /** To be called now and then: closes the pair when it was silent too long. */
  sweep(nowMs: number): void {
    const silentMsMax = this.#serverEnded ? lingerMs : this.#pair.idleMs;
    if (nowMs - this.#lastMs > silentMsMax) this.close();
  }

  /** A WebSocket's message arrived whole. */
  messageEnded(): void {
    this.#unendedBytes = 0;
    this.#whenEnded?.();
  }

  /** What was passed on may be on its way to the web server still: nothing more is, until a message ends. False when
   * none does. */
  async #catchesUp(): Promise<boolean> {
    const ended = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => ended.resolve(false), catchUpMs);
    this.#whenEnded = () => ended.resolve(true);
    const caughtUp = await ended.promise;
    this.#whenEnded = null;
    clearTimeout(timer);
    return caughtUp;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    closeQuietly(this.#pair.client);
    closeQuietly(this.#pair.server);
  }

  async #run(): Promise<void> {
    const { client, server, first } = this.#pair;
    const up = writeAll(server, first).then(() => this.#copy(client, server, upBytesMax));
    const down = this.#copy(server, client, downBytesMax).then(() => {
      this.#serverEnded = true;
      this.#lastMs = this.#pair.clock();
    });
    try {
      await Promise.all([up, down]);
    } catch {
      // A reset, a closed peer, our own close(): however one direction failed, the pair is over, and nobody
      // could do anything about the reason.
    }
    this.close();
    await Promise.allSettled([up, down]);
  }

  async #copy(from: Deno.TcpConn, to: Deno.TcpConn, bytesMax: number): Promise<void> {
    const buffer = new Uint8Array(bytesMax);
    for (;;) {
      const length = await from.read(buffer);
      if (length === null) break;
      this.#lastMs = this.#pair.clock();
      if (this.upgraded && from === this.#pair.client) {
        this.#unendedBytes += length;
        if (this.#unendedBytes > LIMITS.messageBytesMax && !await this.#catchesUp()) return this.close();
      }
      await writeAll(to, buffer.subarray(0, length));
    }
    await to.closeWrite();
  }
}

export async function writeAll(connection: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}

export function closeQuietly(connection: Deno.TcpConn): void {
  try {
    connection.close();
  } catch (error) {
    // Closed already: by the other side's failure or by a timer.
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  }
}
