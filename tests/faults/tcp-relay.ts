import type { Seeded } from "../fixtures/seeded.ts";
import { CALM, type Weather } from "./weather.ts";

const HOST = "127.0.0.1";
const CHUNK_BYTES_MAX = 16_384;
/** A kernel waits at least this long before it sends a lost segment again. */
const RETRANSMISSION_MS = 200;
/** Bytes of a connection that may wait out their delay; a window of the path. */
const WAITING_BYTES_MAX = 1_048_576;

interface Pair {
  readonly ends: readonly Deno.Conn[];
  isSilent: boolean;
}

/** Carries TCP connections to a server: late in bad weather, and until they are cut. */
export class TcpRelay {
  weather: Weather = CALM;
  /** New connections are silent too. */
  isSilent = false;
  readonly #listener: Deno.TcpListener;
  readonly #pairs = new Set<Pair>();

  constructor(readonly serverPort: number, readonly port: number, readonly chance: Seeded) {
    this.#listener = Deno.listen({ hostname: HOST, port });
    this.#accept();
  }

  /** Both ends of every connection see it end. */
  cut(): void {
    for (const pair of this.#pairs) this.#end(pair);
  }

  /** The connections that are there carry nothing any more, and neither end is told: what becomes of them when
   * the client's address is another one. New ones work. */
  silence(): void {
    for (const pair of this.#pairs) pair.isSilent = true;
  }

  close(): void {
    this.#listener.close();
    this.cut();
  }

  async #accept(): Promise<void> {
    for await (const client of this.#listener) this.#join(client);
  }

  async #join(client: Deno.Conn): Promise<void> {
    let server: Deno.Conn;
    try {
      server = await Deno.connect({ hostname: HOST, port: this.serverPort });
    } catch {
      // The server is down: as if it had refused the client itself.
      return client.close();
    }
    const pair: Pair = { ends: [client, server], isSilent: this.isSilent };
    this.#pairs.add(pair);
    await Promise.all([this.#carry(pair, client, server), this.#carry(pair, server, client)]);
    if (!pair.isSilent) this.#end(pair);
  }

  async #carry(pair: Pair, from: Deno.Conn, to: Deno.Conn): Promise<void> {
    let lastAtMs = 0;
    let waitingBytes = 0;
    let turn: Promise<void> = Promise.resolve();
    const room = { made: Promise.withResolvers<void>() };
    const deliver = async (chunk: Uint8Array, atMs: number) => {
      const waitMs = atMs - performance.now();
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
      if (!pair.isSilent) await writeAll(to, chunk);
      waitingBytes -= chunk.length;
      room.made.resolve();
      room.made = Promise.withResolvers();
    };
    try {
      for (;;) {
        const buffer = new Uint8Array(CHUNK_BYTES_MAX);
        const length = await from.read(buffer);
        if (length === null) break;
        if (pair.isSilent) continue;
        const { weather, chance } = this;
        const lostMs = chance.next() < weather.loss ? RETRANSMISSION_MS + 2 * weather.delayMs : 0;
        lastAtMs = Math.max(
          lastAtMs,
          performance.now() + weather.delayMs + weather.jitterMs * chance.next() + lostMs,
        );
        const atMs = lastAtMs;
        waitingBytes += length;
        turn = turn.then(() => deliver(buffer.subarray(0, length), atMs));
        // Whoever waits below, or in the end, hears of it.
        turn.catch(() => {});
        while (waitingBytes > WAITING_BYTES_MAX) await Promise.race([room.made.promise, turn]);
      }
      await turn;
      if (!pair.isSilent) await to.closeWrite();
    } catch {
      // Either end is gone, so that the other shall be; unless nobody would be told.
      if (!pair.isSilent) this.#end(pair);
    }
  }

  #end(pair: Pair): void {
    this.#pairs.delete(pair);
    for (const end of pair.ends) {
      try {
        end.close();
      } catch {
        // It was closed already.
      }
    }
  }
}

async function writeAll(to: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;) written += await to.write(bytes.subarray(written));
}
