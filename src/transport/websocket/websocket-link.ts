import type { CancelTimer } from "../clock.ts";
import type { LinkEnd } from "../link.ts";
import { type LinkTuning, StreamLink } from "../stream-link.ts";

/** The WebSocket subprotocol of quicchat/1: a token may not hold a slash (RFC 6455 §4.1). */
export const WEBSOCKET_PROTOCOL = "quicchat.1";

/** Bytes that the platform may hold unsent before a write counts as pending: a write's worth in the socket and
 * one behind it, so that the network never waits for us. */
const BUFFERED_BYTES_MAX = 262_144;
/** How often a full socket is looked at, since a WebSocket does not say when it has drained. With the bound
 * above that allows 50 MB a second. */
const DRAIN_POLL_MS = 5;
/** Before a WebSocket is closed its peer, which was told why, gets this long to fall silent: Deno 2.9 takes what
 * comes after its own closing for an error and resets the connection, which destroys the last words. */
const QUIET_MS = 50;
/** What may have arrived while the link's owner reads no further. A WebSocket can't be paused, so a peer that
 * goes on sending is cut off. Far more than the protocol's own pace allows a peer to send. */
const INBOUND_BYTES_MAX = 4_194_304;

/** How long a peer has to answer a WebSocket's end. One that stopped in the middle of a message never does, and what
 * it sent of it stays in memory. */
const HANG_UP_MS = 1_000;

const WRITTEN = Promise.resolve();
const encoder = new TextEncoder();

/** Normal closure, going away, and none given (RFC 6455 §7.4.1). */
const CLOSED_BY_CHOICE = new Set([1000, 1001, 1005]);
/** A WebSocket on either side. Frames carry pieces of the stream: their edges mean nothing. */
export class WebSocketLink extends StreamLink {
  readonly kind = "websocket";
  readonly hasDatagrams = false;
  readonly #socket: WebSocket;
  readonly #opened: Promise<void>;
  #isOpen = false;
  readonly #inbound: Uint8Array[] = [];
  #inboundBytes = 0;
  /** Something arrived since this was set to false. */
  #hasHeard = false;
  #cancelQuiet: CancelTimer | null = null;
  /** `deliver` may be called: the link is open and no promise of its owner is pending. */
  #mayDeliver = false;
  /** The socket closed while bytes were still to be delivered. */
  #goneAs: LinkEnd | null = null;

  readonly #hangUp: (() => void) | undefined;

  constructor(socket: WebSocket, readonly remote: string, tuning: LinkTuning, hangUp?: () => void) {
    super("quicchat/1", tuning);
    this.#socket = socket;
    this.#hangUp = hangUp;
    socket.binaryType = "arraybuffer";
    this.#opened = new Promise((resolve) => {
      const opened = () => {
        this.#isOpen = true;
        resolve();
      };
      if (socket.readyState === 1) opened();
      else socket.addEventListener("open", opened);
      // Whoever waits for it to open must learn that it won't: the write then fails.
      socket.addEventListener("close", () => resolve());
    });
    socket.addEventListener("message", (event: MessageEvent<unknown>) => this.#received(event.data));
    socket.addEventListener("close", ({ code, reason }) => this.#closed(code, reason));
    // An error is always followed by a close, which says the same.
    socket.addEventListener("error", (event) => event.preventDefault());
  }

  protected sendDatagram(): void {}

  protected write(bytes: Uint8Array): Promise<void> {
    if (!this.#isOpen || this.#socket.bufferedAmount > BUFFERED_BYTES_MAX) return this.#writeLater(bytes);
    this.#send(bytes);
    return this.#socket.bufferedAmount <= BUFFERED_BYTES_MAX ? WRITTEN : this.#hasDrained();
  }

  protected startReading(): void {
    this.#mayDeliver = true;
    this.#deliverAll();
  }

  protected finish(): boolean {
    this.#closeWhenQuiet();
    return true;
  }

  protected cut(): void {
    this.#inbound.length = 0;
    this.#cancelQuiet?.();
    this.#close();
    const hangUp = this.#hangUp;
    if (hangUp !== undefined) this.clock.after(HANG_UP_MS, hangUp);
  }

  async #writeLater(bytes: Uint8Array): Promise<void> {
    await this.#opened;
    await this.#hasDrained();
    this.#send(bytes);
  }

  #send(bytes: Uint8Array): void {
    if (this.#socket.readyState !== 1) throw new Error("the WebSocket is closed");
    // Never shared memory: the DOM's type is only narrower than ours.
    this.#socket.send(bytes as Uint8Array<ArrayBuffer>);
  }

  #hasDrained(): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (this.#socket.readyState !== 1) reject(new Error("the WebSocket is closed"));
        else if (this.#socket.bufferedAmount <= BUFFERED_BYTES_MAX) resolve();
        else this.clock.after(DRAIN_POLL_MS, look);
      };
      look();
    });
  }

  #received(data: unknown): void {
    const chunk = typeof data === "string"
      ? encoder.encode(data)
      : data instanceof ArrayBuffer
      ? new Uint8Array(data)
      : null;
    if (chunk === null || chunk.length === 0 || this.isEnded) return;
    this.#hasHeard = true;
    this.#inbound.push(chunk);
    this.#inboundBytes += chunk.length;
    if (this.#inboundBytes > INBOUND_BYTES_MAX && !this.#mayDeliver) {
      this.gone({
        why: "lost",
        says: `the peer sent ${this.#inboundBytes} bytes faster than they were read`,
      });
    } else this.#deliverAll();
  }

  #deliverAll(): void {
    while (this.#mayDeliver) {
      const chunk = this.#inbound.shift();
      if (chunk === undefined) break;
      this.#inboundBytes -= chunk.length;
      const held = this.deliver(chunk);
      if (held === undefined) continue;
      this.#mayDeliver = false;
      held.then(() => {
        this.#mayDeliver = true;
        this.#deliverAll();
      }, (error) => this.broken(error));
    }
    if (this.#goneAs !== null && this.#inbound.length === 0) this.gone(this.#goneAs);
  }

  #closed(code: number, reason: string): void {
    const end: LinkEnd = CLOSED_BY_CHOICE.has(code)
      ? { why: "peer" }
      : { why: "lost", says: `the WebSocket closed with ${code}${reason === "" ? "" : ` ${reason}`}` };
    this.#goneAs = end;
    // Unlike QUIC's, these bytes have all arrived: they are delivered first.
    if (this.#inbound.length === 0) this.gone(end);
  }

  /** `StreamLink` bounds how long this may take. */
  #closeWhenQuiet(): void {
    this.#hasHeard = false;
    this.#cancelQuiet = this.clock.after(QUIET_MS, () => {
      if (this.#hasHeard) this.#closeWhenQuiet();
      else this.#close();
    });
  }

  #close(): void {
    try {
      this.#socket.close(1000);
    } catch {
      // It has not opened yet: a platform may then want no code.
      this.#socket.close();
    }
  }
}
