import type { Wire } from "../../protocol/wire.ts";
import { Admission } from "./admission.ts";
import { ArrivalFailure } from "./arrival-steps.ts";
import { type Clock, realClock } from "../clock.ts";
import type { Link } from "../link.ts";
import { arrive } from "./quic-arrival.ts";
import type { LinkTuning } from "../stream-link.ts";
import { type Trouble, TroubleGate } from "../trouble.ts";

/** The bounds of a listener, each a defence against one kind of peer. */
export const LISTENER = {
  /** Connections at once. One costs 51 to 180 KB: at most 2 GB. Who comes after is told at once. */
  connectionsMax: 10_000,
  /** Of one address, or one /64 of IPv6. Many people may share one (a hall's Wi-Fi), and none may take it all. */
  perAddressMax: 2_048,
  /** Handshakes under way. One costs 48 KB: at most 25 MB for a flood from forged addresses. Who comes after is
   * refused, which costs 20 µs and is told at once: a client of ours tries again a moment later. */
  halfOpenMax: 512,
  /** Of one address: a flood from one place leaves half to everyone else. */
  halfOpenPerAddressMax: 256,
  /** Handshakes under way that are nothing unusual: a thousand clients that come back within a second have about
   * a hundred. */
  calmMax: 128,
  /** The pace beyond that. A handshake that comes to nothing costs about 0.2 ms, and its memory for another 3 s
   * and longer: 50 MB in all. */
  strainedPerSecond: 120,
  /** From the first packet to the end of the handshake: two round trips, and two losses (the first packets are
   * sent again after 1 and 3 s). */
  handshakeMs: 4_000,
  /** From the handshake to the WebTransport session: two round trips. A half-sent request hangs for ever. */
  upgradeMs: 4_000,
  /** From there to the first bytes on the first stream: a client's first act is to say hello. */
  helloMs: 5_000,
  /** Keep-alive: Chromium sends none, and a third of the idle time survives the loss of two. */
  keepAliveMs: 5_000,
  /** Silence after which a peer is gone. A phone changes its network in less. */
  idleMs: 15_000,
  /** Streams that a client may have open: HTTP/3's request and WebTransport's one, and some slack. Unread data
   * holds up to 1.25 MB of each. */
  bidirectionalMax: 4,
  /** A browser needs three for HTTP/3 itself; with fewer it hangs. */
  unidirectionalMax: 6,
} as const;

/**
 * BBR, which goes by the pace at which packets arrive. The default takes each loss for congestion: on a path that
 * loses 20 % by itself it ends at two packets a round trip, and a message then takes up to half a minute
 * (docs/faults.md). On a path without loss both do the same.
 */
export const CONGESTION_CONTROL = "low-latency";

export type ListenerLimits = { readonly [name in keyof typeof LISTENER]: number };

export interface QuicListenerOptions {
  readonly hostname: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** PEM: the chain, its leaf first, without CA:TRUE (rustls refuses that), and its key. */
  readonly cert: string;
  readonly key: string;
  /** What is spoken, the preferred first. `quicchat/1` includes WebTransport. */
  readonly wires: readonly Wire[];
  /** A link whose client has sent its first bytes. */
  readonly onLink: (link: Link) => void;
  /** What did not become a link; summed up, at most one call a second of each kind. */
  readonly onTrouble: (trouble: Trouble) => void;
  readonly limits?: Partial<ListenerLimits>;
  /** Addresses that may have more connections than `perAddressMax`; none unless given. */
  readonly isExempt?: (hostname: string) => boolean;
  readonly tuning?: LinkTuning;
}

export interface QuicListener {
  readonly port: number;
  /** Half-open and live, for metrics. */
  readonly connections: number;
  /** Serves a new certificate from now on; whoever is connected stays. Throws if it can't be used, and then
   * the old one is still served. */
  renew(pair: { readonly cert: string; readonly key: string }): void;
  /** Takes nobody any more and ends every connection: close the links first. Idempotent. */
  close(): void;
}

/** Serves raw QUIC and WebTransport on one UDP port. Throws what the runtime throws when the address can't be
 * bound (`Deno.errors.AddrInUse`) or the certificate not used. */
export function listenQuic(options: QuicListenerOptions): QuicListener {
  return new Listener(options);
}

class Listener implements QuicListener {
  readonly #options: QuicListenerOptions;
  readonly #limits: ListenerLimits;
  readonly #endpoint: Deno.QuicEndpoint;
  readonly #clock: Clock;
  readonly #trouble: TroubleGate;
  #listener: Deno.QuicListener;
  #pair: { readonly cert: string; readonly key: string };
  readonly #admission: Admission;
  #closed = false;

  constructor(options: QuicListenerOptions) {
    this.#options = options;
    this.#limits = { ...LISTENER, ...options.limits };
    const clock = this.#clock = options.tuning?.clock ?? realClock;
    this.#trouble = new TroubleGate(clock, options.onTrouble);
    this.#admission = new Admission(this.#limits, options.isExempt ?? (() => false), clock.nowMs());
    this.#pair = options;
    this.#endpoint = new Deno.QuicEndpoint({ hostname: options.hostname, port: options.port });
    try {
      this.#listener = this.#listen(options);
    } catch (error) {
      this.#endpoint.close();
      throw error;
    }
  }

  get port(): number {
    return this.#endpoint.addr.port;
  }

  get connections(): number {
    return this.#admission.connections;
  }

  renew(pair: { readonly cert: string; readonly key: string }): void {
    if (this.#closed) return;
    const old = this.#listener;
    old.stop();
    try {
      this.#listener = this.#listen(pair);
      this.#pair = pair;
    } catch (error) {
      this.#listener = this.#listen(this.#pair);
      throw error;
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#listener.stop();
    this.#endpoint.close({ closeCode: 0, reason: "" });
    this.#trouble.close();
  }

  #listen({ cert, key }: { readonly cert: string; readonly key: string }): Deno.QuicListener {
    const { wires } = this.#options;
    const listener = this.#endpoint.listen({
      cert,
      key,
      alpnProtocols: wires.includes("quicchat/1") ? [...wires, "h3"] : [...wires],
      keepAliveInterval: this.#limits.keepAliveMs,
      maxIdleTimeout: this.#limits.idleMs,
      congestionControl: CONGESTION_CONTROL,
      maxConcurrentBidirectionalStreams: this.#limits.bidirectionalMax,
      maxConcurrentUnidirectionalStreams: this.#limits.unidirectionalMax,
    });
    this.#takeAll(listener);
    return listener;
  }

  /** Goes on after a renewal too: what an old listener is given is accepted with the new certificate. It must
   * also go on so that the old listener is not collected, which would stop the endpoint. */
  async #takeAll(listener: Deno.QuicListener): Promise<void> {
    try {
      for (;;) this.#take(await listener.incoming());
    } catch (error) {
      if (!this.#closed) this.#trouble.tell("listener", error);
    }
  }

  /** Never waits, or one peer that stalls would keep everyone out. Must not touch the incoming's getters: each
   * consumes it. */
  #take(incoming: Deno.QuicIncoming): void {
    try {
      const refusal = this.#admission.refusal(this.#clock.nowMs());
      if (refusal === null) return this.#admit(incoming.accept({ zeroRtt: true }));
      incoming.refuse();
      this.#trouble.tell(refusal);
    } catch (error) {
      // An ALPN that is not spoken here, nonsense, or an incoming that is over.
      this.#admission.wasted();
      this.#trouble.tell("handshake", error);
    }
  }

  #admit(conn: Deno.QuicConn): void {
    const place = this.#admission.begin(conn.remoteAddr.hostname);
    if (typeof place === "string") {
      conn.closed.catch(() => {}); // It is closed on purpose.
      conn.close({ closeCode: 0, reason: place });
      return this.#trouble.tell(place);
    }
    conn.closed.then(place.over, place.over);
    arrive(conn, {
      wires: this.#options.wires,
      limits: this.#limits,
      clock: this.#clock,
      tuning: this.#options.tuning ?? {},
      handshaken: place.handshaken,
    }).then(
      (link) => this.#options.onLink(link),
      (error) => this.#trouble.tell(error instanceof ArrivalFailure ? error.what : "listener", error),
    ).catch((error) => this.#trouble.tell("listener", error));
  }
}
