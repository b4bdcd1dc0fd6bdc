import type { PeerEndpoint } from "./iroh.ts";

export interface SightingsParts {
  readonly endpoint: Pick<PeerEndpoint, "address" | "seenAt" | "notSeenAt">;
  readonly note: (level: "info" | "warn", event: string, fields: Record<string, string>) => void;
}

/** A router that gives each connection another port shows as many as there are members, and none of them is of use. */
const SIGHTINGS_MAX = 4;

/**
 * Where members see this peer, as far as it does not know itself: behind a router that translates addresses it is the
 * router's. Passed on to iroh, which offers it to others: two behind routers of their own then reach each other.
 */
export class Sightings {
  readonly #parts: SightingsParts;
  readonly #by = new Map<string, string>();

  constructor(parts: SightingsParts) {
    this.#parts = parts;
  }

  /** A member says where it sees this peer; undefined: nowhere, as it is reached by a relay. */
  told(member: string, address: string | undefined): void {
    if (address === undefined || address === this.#by.get(member) || !isAddress(address)) return;
    const isNew = !this.#has(address);
    const known = new Set(this.#by.values());
    if (
      isNew && (known.size >= SIGHTINGS_MAX || this.#parts.endpoint.address().addresses.includes(address))
    ) {
      return;
    }
    this.left(member);
    this.#by.set(member, address);
    if (isNew) this.#change("seenAt", address);
  }

  /** Nobody sees it there any more, if this was the last. */
  left(member: string): void {
    const address = this.#by.get(member);
    if (address === undefined) return;
    this.#by.delete(member);
    if (!this.#has(address)) this.#change("notSeenAt", address);
  }

  #has(address: string): boolean {
    return [...this.#by.values()].includes(address);
  }

  #change(how: "seenAt" | "notSeenAt", address: string): void {
    const { endpoint, note } = this.#parts;
    if (how === "seenAt") note("info", "peer-seen-at", { address });
    endpoint[how](address).catch((error: unknown) => {
      note("warn", "peer-address-not-taken", { address, says: String(error) });
    });
  }
}

/** `IP:port` of somewhere that packets can be sent to from elsewhere. */
function isAddress(text: string): boolean {
  const [, host, port] = /^(\d{1,3}(?:\.\d{1,3}){3}|\[[\da-f:.]+\]):(\d{1,5})$/.exec(text) ?? [];
  if (host === undefined || Number(port) < 1 || Number(port) > 65_535) return false;
  if (host.startsWith("[")) return URL.canParse(`udp://${host}`) && !/^\[(::1?|f[ef].*)\]$/.test(host);
  const numbers = host.split(".").map(Number);
  const [first = 0] = numbers;
  return numbers.every((one) => one < 256) && first !== 0 && first !== 127 && first < 224;
}
