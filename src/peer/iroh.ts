/** Connections between peers, on @number0/iroh: QUIC dialled by key. The only file that calls it. */
import { Buffer } from "node:buffer";
import { createRequire } from "node:module";
import { SetupFailure } from "../server/setup-failure.ts";
import type {
  Native,
  NativeConnection,
  NativeEndpoint,
  NativeIncoming,
  NativeRelayMode,
  NativeStream,
} from "./iroh-native.ts";

/** Where a peer can be reached. */
export interface PeerAddress {
  /** Ed25519 public key, 64 hexadecimal digits. */
  readonly id: string;
  /** `IP:port`. */
  readonly addresses: readonly string[];
  readonly relay?: string | undefined;
}

/** How a connection goes at the moment. */
export interface Path {
  readonly isRelayed: boolean;
  readonly address: string;
  /** Milliseconds; null until measured. */
  readonly rttMs: number | null;
}

export interface ConnectionHandler {
  /** What is read waits until the promise resolves, and so does the other side when it has sent much. */
  bytes(chunk: Uint8Array): void | Promise<void>;
  closed(why: string): void;
}

export interface PeerConnection {
  readonly remote: string;
  readonly isDialler: boolean;
  /** To be called once. */
  open(handler: ConnectionHandler): void;
  send(bytes: Uint8Array): void;
  /** What was sent before arrives, unless the other side does not read. */
  close(why: string): void;
  path(): Path | null;
}

export interface PeerEndpoint {
  readonly id: string;
  readonly port: number;
  address(): PeerAddress;
  /** Resolves true once a relay can be used and the address tells which, false when none could within 8 s, or none was
   * asked for. One that was named is in the address from the start. */
  onRelay(): Promise<boolean>;
  /** An address (`IP:port`) at which others see this endpoint, for example their router's; it counts as one of its own. */
  seenAt(address: string): Promise<void>;
  notSeenAt(address: string): Promise<void>;
  /** Only by relays that this endpoint uses itself, whatever the address says. Rejects with what iroh says. */
  dial(address: PeerAddress): Promise<PeerConnection>;
  close(): Promise<void>;
}

export interface EndpointOptions {
  /** The built library's file. */
  readonly library: string;
  readonly seed: Uint8Array;
  /** `none`; `public`: iroh's own; or a relay's URL. */
  readonly relay: string;
  /** The UDP port that it had before and others remember; another is taken where that is in use. 0: any. */
  readonly port: number;
  readonly onConnection: (connection: PeerConnection) => void;
  readonly onTrouble: (event: string, says: string) => void;
}

const ALPN = [...new TextEncoder().encode("quicchat-peer/1")];
/** Bytes in one call, either way: as an array of numbers they take eight times as much, and above 128 KB V8 keeps them
 * until its next big collection. */
const CALL_BYTES = 12_288;
/** What waits to be written to one peer: it reads slower than the group talks, and catches up later. */
const QUEUE_BYTES_MAX = 16_777_216;
const DIAL_MS = 10_000;
/** A relay far away answers within one, one that does not tell addresses within four; without internet nobody should wait
 * for long. */
const RELAY_MS = 8_000;
const HANDSHAKE_MS = 5_000;
/** Handshakes at a time: strangers can begin as many as they like. */
const HANDSHAKES_MAX = 32;
/** iroh waits for 3 s for the answers of those that it can't reach, and whoever stops a peer waits with it. */
const CLOSE_MS = 500;
/** What a goodbye gets to arrive. */
const LINGER_MS = 100;

/** Throws `SetupFailure` where the library or the socket can't be had. */
export async function openEndpoint(options: EndpointOptions): Promise<PeerEndpoint> {
  const iroh = load(options.library);
  const relays = relaysOf(iroh, options.relay);
  let endpoint: NativeEndpoint;
  try {
    endpoint = await bind(iroh, options, relays).catch((error) => {
      if (options.port === 0) throw error;
      return bind(iroh, { ...options, port: 0 }, relays);
    });
  } catch (error) {
    throw new SetupFailure(`can't open a UDP port for the other peers (${firstLine(error)})`);
  }
  accept(endpoint, options);
  const relayUrls = relays.relayMap().urls();
  return {
    id: endpoint.id().toString(),
    port: portOf(endpoint.boundSockets()[0]),
    address: () => addressOf(endpoint, options.relay === "public" ? undefined : relayUrls[0]),
    onRelay: async () => {
      if (relayUrls.length === 0) return false;
      return await inTime(endpoint.online(), RELAY_MS, () => {}).then(() => true, () => false);
    },
    seenAt: (address) => endpoint.addExternalAddr(address),
    notSeenAt: async (address) => void await endpoint.removeExternalAddr(address),
    dial: (address) => {
      // iroh would connect to any relay that somebody names.
      const isOurs = address.relay !== undefined && relayUrls.includes(address.relay);
      return dial(iroh, endpoint, isOurs ? address : { ...address, relay: undefined });
    },
    close: () => inTime(endpoint.close(), CLOSE_MS, () => {}).catch(() => {}), // Who does not answer finds out later.
  };
}

function relaysOf({ RelayMode }: Native, relay: string): NativeRelayMode {
  if (relay === "none") return RelayMode.disabled();
  if (relay === "public") return RelayMode.defaultMode();
  try {
    return RelayMode.customFromUrls([relay]);
  } catch (error) {
    throw new SetupFailure(`--relay ${relay} can't be used (${firstLine(error)})`);
  }
}

async function bind(
  iroh: Native,
  options: EndpointOptions,
  relays: NativeRelayMode,
): Promise<NativeEndpoint> {
  const builder = iroh.Endpoint.builder();
  builder.applyMinimal();
  builder.relayMode(relays);
  builder.secretKey([...options.seed]);
  builder.alpns([ALPN]);
  if (options.port !== 0) builder.bindAddr(`0.0.0.0:${options.port}`);
  return await builder.bind();
}

function portOf(socket: string | undefined): number {
  return Number(/:(\d+)$/.exec(socket ?? "")?.[1] ?? 0);
}

function load(library: string): Native {
  try {
    return createRequire(import.meta.url)(library);
  } catch (error) {
    throw new SetupFailure(
      `${library} can't be loaded (${firstLine(error)}): run npm install @number0/iroh again`,
    );
  }
}

function addressOf(endpoint: NativeEndpoint, relayNamed: string | undefined): PeerAddress {
  const addr = endpoint.addr();
  const direct = addr.directAddresses();
  const relay = addr.relayUrl() ?? relayNamed;
  // With no network at all there is still this machine.
  const port = portOf(endpoint.boundSockets()[0]);
  const addresses = direct.length === 0 && port !== 0 ? [`127.0.0.1:${port}`] : direct;
  return { id: endpoint.id().toString(), addresses: addresses.slice(0, 16), relay };
}

async function dial(iroh: Native, endpoint: NativeEndpoint, to: PeerAddress): Promise<PeerConnection> {
  const id = iroh.EndpointId.fromString(to.id);
  const addr = new iroh.EndpointAddr(id, to.relay ?? null, [...to.addresses]);
  const connecting = endpoint.connect(addr, ALPN);
  const connection = await inTime(connecting, DIAL_MS, (late) => late.close(0n, []));
  return new IrohConnection(connection, await inTime(connection.openBi(), HANDSHAKE_MS, () => {}), true);
}

/** Runs until the endpoint closes; a stranger can't end it. */
async function accept(endpoint: NativeEndpoint, options: EndpointOptions): Promise<void> {
  let handshakes = 0;
  for (;;) {
    try {
      const incoming = await endpoint.acceptNext();
      if (incoming === null) return;
      if (handshakes >= HANDSHAKES_MAX) {
        await incoming.refuse();
        continue;
      }
      handshakes++;
      welcome(incoming).then(options.onConnection, (error) => {
        options.onTrouble("peer-handshake-failed", firstLine(error));
      }).finally(() => handshakes--);
    } catch (error) {
      if (endpoint.isClosed()) return;
      options.onTrouble("peer-accept-failed", firstLine(error));
    }
  }
}

async function welcome(incoming: NativeIncoming): Promise<PeerConnection> {
  const accepting = await incoming.accept();
  const connection = await inTime(accepting.connect(), HANDSHAKE_MS, (late) => late.close(0n, []));
  try {
    return new IrohConnection(connection, await inTime(connection.acceptBi(), HANDSHAKE_MS, () => {}), false);
  } catch (error) {
    connection.close(0n, []);
    throw error;
  }
}

class IrohConnection implements PeerConnection {
  readonly remote: string;
  readonly #connection: NativeConnection;
  readonly #stream: NativeStream;
  #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #isWriting = false;
  #isClosed = false;
  #handler: ConnectionHandler | null = null;

  constructor(connection: NativeConnection, stream: NativeStream, readonly isDialler: boolean) {
    this.#connection = connection;
    this.#stream = stream;
    this.remote = connection.remoteId().toString();
  }

  open(handler: ConnectionHandler): void {
    this.#handler = handler;
    this.#read(handler);
  }

  send(bytes: Uint8Array): void {
    if (this.#isClosed) return;
    this.#queue.push(bytes);
    this.#queuedBytes += bytes.length;
    if (this.#queuedBytes > QUEUE_BYTES_MAX) return this.#end("it reads too slowly");
    if (!this.#isWriting) this.#write();
  }

  close(why: string): void {
    if (this.#isClosed) return;
    // Bytes that were written just before a close are lost.
    setTimeout(() => this.#end(why), LINGER_MS);
  }

  path(): Path | null {
    if (this.#isClosed) return null;
    const paths = this.#connection.paths();
    const path = paths.find(({ isSelected }) => isSelected) ?? paths[0];
    if (path === undefined) return null;
    return { isRelayed: path.isRelay, address: path.remoteAddr, rttMs: this.#connection.rtt() };
  }

  async #read(handler: ConnectionHandler): Promise<void> {
    const { recv } = this.#stream;
    try {
      for (;;) {
        const chunk = await recv.read(CALL_BYTES);
        if (chunk.length === 0) return this.#end("it ended");
        await handler.bytes(Uint8Array.from(chunk));
      }
    } catch (error) {
      this.#end(firstLine(error));
    }
  }

  /** All that is there, in as few calls as may be. */
  async #write(): Promise<void> {
    this.#isWriting = true;
    try {
      while (this.#queue.length > 0 && !this.#isClosed) {
        const bytes = Buffer.concat(this.#queue);
        this.#queue = [];
        this.#queuedBytes = 0;
        for (let at = 0; at < bytes.length; at += CALL_BYTES) {
          await this.#stream.send.writeAll(Array.from(bytes.subarray(at, at + CALL_BYTES)));
        }
      }
    } catch (error) {
      this.#end(firstLine(error));
    }
    this.#isWriting = false;
  }

  #end(why: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#queue = [];
    this.#connection.close(0n, [...new TextEncoder().encode(why.slice(0, 100))]);
    this.#handler?.closed(why);
  }
}

async function inTime<T>(promise: Promise<T>, ms: number, late: (value: T) => void): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isLate = false;
  promise.then((value) => isLate && late(value), () => {}); // Told to the caller, or too late for anyone.
  try {
    return await Promise.race([
      promise,
      new Promise<never>((_, reject) => {
        timer = setTimeout(() => {
          isLate = true;
          reject(new Error("no answer"));
        }, ms);
      }),
    ]);
  } finally {
    clearTimeout(timer);
  }
}

function firstLine(error: unknown): string {
  const says = error instanceof Error ? error.message : String(error);
  return (says.split("\n")[0] ?? "").replace(/^Error: /, "").slice(0, 200);
}
