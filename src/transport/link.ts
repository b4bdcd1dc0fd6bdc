import type { Wire } from "../protocol/wire.ts";

/** How a link ended. `lost` is everything that nobody decided: idle timeout, reset, network gone. */
export type LinkEnd =
  | { readonly why: "local" }
  | { readonly why: "peer" }
  | { readonly why: "lost"; readonly says: string }
  /** A write was pending longer than `OUTBOX.stuckMs`: the peer does not read. */
  | { readonly why: "stuck" }
  /** More was queued than `OUTBOX.queueBytesMax`. */
  | { readonly why: "full" };

/** What a link tells its owner. No method may throw. */
export interface LinkEvents {
  /** Bytes of the one stream, cut anywhere, in order. The chunk is the receiver's to keep. While a returned
   * promise is pending the link reads no further, so that the peer feels it. */
  bytes(chunk: Uint8Array): void | Promise<void>;
  /** One datagram: may be lost, doubled, reordered. */
  datagram(payload: Uint8Array): void;
  /** Exactly once, last. */
  closed(end: LinkEnd): void;
}

/** Gives what is ready to be sent, at most `bytesMax` bytes (a single larger PDU is given alone), or null.
 * The returned bytes are never written to again by the giver. */
export type Source = (bytesMax: number) => Uint8Array | null;

/**
 * One connection to one peer: an ordered stream of bytes both ways, and datagrams where there are any. It
 * knows no chat. What is sent goes through an outbox (`outbox.ts`): first everything pushed, in order, then
 * what the source has; gathered per turn of the event loop into one write, one write in flight.
 */
export interface Link {
  readonly kind: "quic" | "webtransport" | "websocket" | "memory";
  readonly wire: Wire;
  /** The peer's address, for logs only: it changes while the link lives (RFC 9000 §9). */
  readonly remote: string;
  /** Whether `datagram` can do anything. */
  readonly hasDatagrams: boolean;
  /** Bytes pushed and not yet handed to the network. */
  readonly queuedBytes: number;
  /** Starts delivering; call once. Nothing that arrived before is lost. */
  open(events: LinkEvents): void;
  /** Queues whole PDUs. Past the outbox's bound the link ends as `full`. */
  push(bytes: Uint8Array): void;
  /** What to pull from when nothing pushed is left. */
  setSource(source: Source): void;
  /** Tells the link that its source may have something. Cheap; call as often as you like. */
  ready(): void;
  /** Sends one datagram if it can; may be lost, and is dropped without a word when it can't be sent. */
  datagram(payload: Uint8Array): void;
  /** Ends the link after what was pushed had a chance to arrive: writes it out, waits for the peer to
   * close or `OUTBOX.goodbyeMs`, then closes. The source is not pulled any more. Idempotent. */
  close(): void;
}
