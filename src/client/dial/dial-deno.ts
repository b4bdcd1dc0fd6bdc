import { type Clock, realClock } from "../../transport/clock.ts";
import type { Link } from "../../transport/link.ts";
import type { Wire } from "../../protocol/wire.ts";
import { dialQuic, wasRefused } from "../../transport/quic/quic-dial.ts";
import { dialWebSocket } from "../../transport/websocket/websocket-dial.ts";
import { trustingWebSocket } from "../../transport/websocket/websocket-trust.ts";
import { type Address, isThisMachine } from "./address.ts";
import type { Dial } from "./dial.ts";
import { DialRace } from "./dial-race.ts";
import { ChatFailure } from "../failure.ts";
import { insist } from "./insistence.ts";
import { KnownServers } from "./known-servers.ts";
import { fetchLeaf, type ServerLeaf } from "./server-leaf.ts";

export interface DenoDialOptions {
  readonly clock?: Clock | undefined;
  /** The wire for raw QUIC; `quicchat/1` unless given. Only that one has a WebSocket to fall back to. */
  readonly wire?: Wire | undefined;
  /** The server key's hash, where it came by a trusted way; else an invite's, else as in `knownServers`. */
  readonly keyHash?: string | undefined;
  /** Where keys are remembered that were trusted at the first meeting. In memory unless given. */
  readonly knownServers?: KnownServers | undefined;
  /** PEM of certificates to trust; then nothing is asked over TCP. */
  readonly caPem?: string | undefined;
  /** A WebSocket and no QUIC: for who passes on the stream's bytes and nothing else. */
  readonly onlyWebSocket?: boolean | undefined;
  /** No check at all. The process must run with `--unsafely-ignore-certificate-errors` for it. */
  readonly insecure?: boolean | undefined;
}

/** What `dial-deno` uses of the machine; a test hands in its own. */
export interface DenoDialers {
  readonly leaf: typeof fetchLeaf;
  readonly quic: typeof dialQuic;
  readonly webSocket: typeof dialWebSocket;
}

/** What to trust for one connection, besides the system's roots. */
interface Trust {
  /** One certificate whose key was compared already, whatever its names are. */
  readonly certificateHash: Uint8Array<ArrayBuffer> | null;
  /** PEM. A WebSocket can't do with a hash. */
  readonly caPem: string | null;
  /** To be remembered once the server has proved that it has the key. */
  readonly remember: (() => Promise<void>) | null;
}

/**
 * Dials from Deno: raw QUIC, and for `http(s)` a WebSocket where UDP gets no answer. Who the server is, is
 * settled anew for each connection, from its TLS certificate on the TCP port of the same number: the key's
 * hash that was given, or the system's roots (`https`), or the key that it had at the first meeting.
 */
export function denoDial(
  address: Address,
  options: DenoDialOptions = {},
  dialers: DenoDialers = { leaf: fetchLeaf, quic: dialQuic, webSocket: dialWebSocket },
): Dial {
  const { hostname, port, scheme } = address;
  const wire = options.wire ?? "quicchat/1";
  const known = options.knownServers ?? new KnownServers(null);
  const clock = options.clock ?? realClock;
  const race = new DialRace(clock);
  const quic = (signal: AbortSignal, { certificateHash, caPem }: Trust) => {
    const target = { hostname, port, wire, signal };
    if (certificateHash !== null) return dialers.quic({ ...target, certificateHashes: [certificateHash] });
    return dialers.quic(caPem === null ? target : { ...target, caCerts: [caPem] });
  };
  // A server speaks plain HTTP to its own machine only.
  const plain = scheme === "http" && isThisMachine(hostname);
  const webSocketUrl = `${plain ? address.origin : address.origin.replace(/^http:/, "https:")}/quicchat/1`;
  const webSocket = (signal: AbortSignal, { caPem }: Trust) =>
    dialers.webSocket(webSocketUrl, {
      signal,
      ...(caPem === null || plain ? {} : { makeWebSocket: trustingWebSocket([caPem]) }),
    });
  return async ({ signal, onlyBetter = false }) => {
    const trust = await trustIn(address, options, known, dialers.leaf, signal);
    const link: Link = options.onlyWebSocket
      ? await webSocket(signal, trust)
      : scheme === "quic" || wire === "chat/0"
      // With no other way in.
      ? await insist((of) => quic(of, trust), wasRefused, signal, clock)
      : onlyBetter
      ? await race.better((of) => quic(of, trust), signal)
      : await race.run((of) => quic(of, trust), (of) => webSocket(of, trust), signal);
    try {
      await trust.remember?.();
    } catch (thrown) {
      link.open({ bytes() {}, datagram() {}, closed() {} });
      link.close();
      throw thrown;
    }
    return link;
  };
}

/** SHA-256 of the certificate that the server shows now, if its key is the one that is trusted; null where the
 * system's roots vouch for it. Rejects as the dialler does. */
export async function trustedCertificate(
  address: Address,
  options: DenoDialOptions,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer> | null> {
  const known = options.knownServers ?? new KnownServers(null);
  return (await trustIn(address, options, known, fetchLeaf, signal)).certificateHash;
}

async function trustIn(
  { hostname, port, scheme, keyHash: invited }: Address,
  options: DenoDialOptions,
  known: KnownServers,
  leafOf: typeof fetchLeaf,
  signal: AbortSignal,
): Promise<Trust> {
  const asItIs: Trust = { certificateHash: null, caPem: null, remember: null };
  if (options.caPem !== undefined) return { ...asItIs, caPem: options.caPem };
  if (options.insecure) return asItIs;
  let leaf: ServerLeaf;
  try {
    leaf = await leafOf(hostname, port, signal);
  } catch (thrown) {
    if (scheme !== "quic" || signal.aborted) throw thrown;
    const { message } = thrown instanceof Error ? thrown : new Error(String(thrown));
    throw new Error(
      `${message}. Where a server has no TCP port, give its certificate (--ca) or use --insecure`,
    );
  }
  const trusted: Trust = { certificateHash: leaf.certificateHash, caPem: leaf.pem, remember: null };
  const pinned = options.keyHash ?? invited;
  if (pinned !== undefined) {
    if (leaf.keyHash === pinned) return trusted;
    const says =
      `the key of ${hostname}:${port} is ${leaf.keyHash}, not ${pinned} as the invite or the key hash ` +
      "says: ask the server's owner for a new invite, and don't go on without one";
    throw ChatFailure.local("key-changed", says);
  }
  if (leaf.vouched && scheme !== "http") return asItIs;
  // Who could sit in between on this machine could as well read what is typed.
  if (scheme === "http" && isThisMachine(hostname)) return trusted;
  const hostPort = hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
  const before = await known.keyHashOf(hostPort);
  if (before === leaf.keyHash) return trusted;
  if (before !== null) throw ChatFailure.local("key-changed", known.changed(hostPort));
  return { ...trusted, remember: () => known.remember(hostPort, leaf.keyHash) };
}
