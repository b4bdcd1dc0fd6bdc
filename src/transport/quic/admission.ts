/** Who may begin a handshake, when more come than can be served. Pure: it is told the time. */

export interface AdmissionLimits {
  /** Connections at once, half-open ones included. */
  readonly connectionsMax: number;
  /** Of one address. */
  readonly perAddressMax: number;
  /** Handshakes under way. */
  readonly halfOpenMax: number;
  /** Of one address. */
  readonly halfOpenPerAddressMax: number;
  /** Up to so many handshakes under way nobody is made to wait. */
  readonly calmMax: number;
  /** Beyond it, or where handshakes come to nothing, at most so many are begun a second. */
  readonly strainedPerSecond: number;
}

export type Refusal = "too-many-connections" | "too-many-half-open";

/** Handshakes that may be begun in one go under strain: each holds everyone up for 0.1 to 0.3 ms. */
const STRAINED_BURST = 64;

/** One connection's place among the others. */
export interface Place {
  /** Its handshake is over, however it went. Idempotent. */
  handshaken(): void;
  /** The connection is over. Idempotent. */
  over(): void;
}

interface Neighbours {
  connections: number;
  halfOpen: number;
}

/**
 * Counts connections and handshakes, in all and by address, and keeps what is wasted on strangers affordable.
 *
 * The address of a first packet can't be asked for before a handshake was begun (Deno takes the packet away from
 * whoever asks), and beginning one is what costs: so where handshakes pile up or come to nothing, they are begun
 * at a pace, and who is over an address's share is let go right after.
 */
export class Admission {
  readonly #neighbours = new Map<string, Neighbours>();
  #connections = 0;
  #halfOpen = 0;
  #tokens = STRAINED_BURST;
  #atMs: number;

  constructor(
    readonly limits: AdmissionLimits,
    /** Addresses whose number of connections is not bounded: proxies on this machine. */
    readonly isExempt: (hostname: string) => boolean,
    nowMs: number,
  ) {
    this.#atMs = nowMs;
  }

  get connections(): number {
    return this.#connections;
  }

  /** Why no handshake may be begun now; null when it may. */
  refusal(nowMs: number): Refusal | null {
    const { connectionsMax, halfOpenMax, calmMax } = this.limits;
    if (this.#connections >= connectionsMax) return "too-many-connections";
    this.#refill(nowMs);
    if (this.#halfOpen >= halfOpenMax || this.#tokens < 1) return "too-many-half-open";
    if (this.#halfOpen >= calmMax) this.#tokens--;
    return null;
  }

  /** A handshake was begun and failed at once: the packet was not worth it. */
  wasted(): void {
    this.#tokens = Math.max(0, this.#tokens - 1);
  }

  /** A handshake was begun with this address. What is refused now counts as wasted. */
  begin(hostname: string): Place | Refusal {
    const address = shareOf(hostname);
    const there = this.#neighbours.get(address) ?? { connections: 0, halfOpen: 0 };
    const { perAddressMax, halfOpenPerAddressMax } = this.limits;
    const refusal: Refusal | null = there.halfOpen >= halfOpenPerAddressMax
      ? "too-many-half-open"
      : there.connections >= perAddressMax && !this.isExempt(hostname)
      ? "too-many-connections"
      : null;
    if (refusal !== null) {
      this.wasted();
      return refusal;
    }
    this.#neighbours.set(address, there);
    this.#connections++;
    this.#halfOpen++;
    there.connections++;
    there.halfOpen++;
    let isHalfOpen = true;
    let isOver = false;
    const handshaken = () => {
      if (!isHalfOpen) return;
      isHalfOpen = false;
      this.#halfOpen--;
      there.halfOpen--;
    };
    const over = () => {
      handshaken();
      if (isOver) return;
      isOver = true;
      this.#connections--;
      if (--there.connections === 0) this.#neighbours.delete(address);
    };
    return { handshaken, over };
  }

  #refill(nowMs: number): void {
    const passedMs = Math.max(0, nowMs - this.#atMs);
    this.#atMs = nowMs;
    this.#tokens = Math.min(STRAINED_BURST, this.#tokens + passedMs * this.limits.strainedPerSecond / 1000);
  }
}

/** What counts as one address: of IPv6 the half that a network hands out, as anybody has all of the other. */
export function shareOf(hostname: string): string {
  if (!hostname.includes(":") || hostname.includes(".")) return hostname;
  const [head = "", tail] = hostname.split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  const groups = [...before, ...Array.from({ length: zeros }, () => "0"), ...after];
  return `${groups.slice(0, 4).map((group) => group.replace(/^0+(?=.)/, "")).join(":")}::/64`;
}
