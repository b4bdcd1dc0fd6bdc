/** A TCP connection of a member: what is sent while a write is under way goes with the next one. */

/** What one read takes at most: what a burst to one member comes to. */
const READ_BYTES = 65_536;

/** Looks at what has arrived and not been taken yet; gives how many bytes of it are done with. */
export type Take = (bytes: Uint8Array) => number;

interface TcpOptions {
  readonly hostname: string;
  readonly port: number;
}

export class Tcp {
  readonly #connection: Deno.TcpConn;
  #waiting: Uint8Array[] = [];
  #isWriting = false;
  #isClosed = false;

  private constructor(connection: Deno.TcpConn, readonly onLost: (says: string) => void) {
    this.#connection = connection;
  }

  static async dial({ hostname, port }: TcpOptions, onLost: (says: string) => void): Promise<Tcp> {
    const connection = await Deno.connect({ hostname, port });
    connection.setNoDelay(true);
    return new Tcp(connection, onLost);
  }

  /** From now on everything that arrives is given to `take`. */
  listen(take: Take): void {
    this.#read(take).catch((error: unknown) => this.#lost(String(error)));
  }

  push(bytes: Uint8Array): void {
    this.#waiting.push(bytes);
    if (this.#isWriting) return;
    this.#isWriting = true;
    this.#write().catch((error: unknown) => this.#lost(String(error)));
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#connection.close();
  }

  async #read(take: Take): Promise<void> {
    // What is read goes behind what was left over, so that nothing is copied unless something is left.
    let buffer = new Uint8Array(READ_BYTES);
    let length = 0;
    for (;;) {
      const count = await this.#connection.read(buffer.subarray(length));
      if (count === null) return this.#lost("the server closed the connection");
      length += count;
      const taken = take(buffer.subarray(0, length));
      buffer.copyWithin(0, taken, length);
      length -= taken;
      if (length < buffer.length) continue;
      const grown = new Uint8Array(buffer.length * 2);
      grown.set(buffer);
      buffer = grown;
    }
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const bytes = joined(this.#waiting);
      this.#waiting = [];
      for (let at = 0; at < bytes.length;) at += await this.#connection.write(bytes.subarray(at));
    }
    this.#isWriting = false;
  }

  #lost(says: string): void {
    if (this.#isClosed) return;
    this.close();
    this.onLost(says);
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const [first] = parts;
  if (parts.length === 1 && first !== undefined) return first;
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
