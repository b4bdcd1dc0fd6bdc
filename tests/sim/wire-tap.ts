import type { Link, LinkEnd, LinkEvents, Source } from "../../src/transport/link.ts";

/** Who looks at what passes, or alters it. */
export interface Tap {
  /** From this side into the network. Null: it never was. */
  out(bytes: Uint8Array): Uint8Array | null;
  /** From the network to this side. */
  in(bytes: Uint8Array): Uint8Array | null;
}

export const UNTOUCHED: Tap = { out: (bytes) => bytes, in: (bytes) => bytes };

/** A link with somebody in between; and one whose process can end, which then neither says nor hears anything. */
export class TappedLink implements Link {
  readonly kind: Link["kind"];
  readonly wire: Link["wire"];
  readonly remote: string;
  readonly hasDatagrams: boolean;
  /** The most that was ever queued. */
  queuedBytesMost = 0;
  #isDead = false;

  constructor(
    readonly inner: Link,
    readonly tap: Tap,
    readonly onClosed: (link: TappedLink) => void = () => {},
  ) {
    this.kind = inner.kind;
    this.wire = inner.wire;
    this.remote = inner.remote;
    this.hasDatagrams = inner.hasDatagrams;
  }

  get queuedBytes(): number {
    return this.inner.queuedBytes;
  }

  open(events: LinkEvents): void {
    this.inner.open({
      bytes: (chunk) => {
        if (this.#isDead) return;
        const bytes = this.tap.in(chunk);
        if (bytes !== null) return events.bytes(bytes);
      },
      datagram: (payload) => {
        if (!this.#isDead) events.datagram(payload);
      },
      closed: (end: LinkEnd) => {
        this.onClosed(this);
        if (!this.#isDead) events.closed(end);
      },
    });
  }

  push(bytes: Uint8Array): void {
    if (this.#isDead) return;
    const passed = this.tap.out(bytes);
    if (passed !== null) this.inner.push(passed);
    this.queuedBytesMost = Math.max(this.queuedBytesMost, this.inner.queuedBytes);
  }

  setSource(source: Source): void {
    this.inner.setSource((bytesMax) => {
      if (this.#isDead) return null;
      const bytes = source(bytesMax);
      // Null would mean that there is nothing more.
      return bytes === null ? null : this.tap.out(bytes) ?? new Uint8Array();
    });
  }

  ready(): void {
    if (!this.#isDead) this.inner.ready();
  }

  datagram(payload: Uint8Array): void {
    if (!this.#isDead) this.inner.datagram(payload);
  }

  close(): void {
    if (!this.#isDead) this.inner.close();
  }

  /** Its process is no more. */
  die(): void {
    this.#isDead = true;
    // Only so that it lets go of its timers: nothing of it reaches anybody.
    this.inner.close();
  }
}
