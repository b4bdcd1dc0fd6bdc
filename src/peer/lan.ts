/** How peers of a group find each other on one network with nobody's help: DNS-SD over mDNS (RFC 6763, 6762). */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import multicastDns from "multicast-dns";
import type { PeerAddress } from "./iroh.ts";

export interface LanOptions {
  /** The group's id. */
  readonly group: string;
  readonly address: () => PeerAddress;
  readonly onFound: (address: PeerAddress) => void;
  readonly onTrouble: (says: string) => void;
}

export interface Lan {
  close(): void;
}

const SERVICE = "_quicchat-peer._udp.local";
/** Asked at the start, as somebody may be there and a packet may be lost, and then now and then: networks change. */
const ASK_AT_MS = [0, 500, 2_000, 6_000];
const ASK_EVERY_MS = 30_000;
const TTL_S = 120;

/** Announces this peer and looks for others of its group, until closed. Trouble is told, not thrown. */
export function findOnLan(options: LanOptions): Lan {
  const tag = tagOf(options.group);
  const me = options.address().id;
  const mdns = multicastDns();
  const speakers = new Speakers(options.onTrouble);
  // Without a network there is nothing to find, and this comes for each interface that has none.
  mdns.on("error", (error: Error) => options.onTrouble(error.message));
  mdns.on("warning", () => {}); // A packet of somebody else's that can't be read.
  mdns.on("query", ({ questions = [] }) => {
    if (questions.some(({ name, type }) => name === SERVICE && type === "PTR")) {
      announce();
    }
  });
  mdns.on("response", ({ answers = [], additionals = [] }) => {
    for (
      const { name, type, data } of [...answers, ...additionals] as {
        name: string;
        type: string;
        data: unknown;
      }[]
    ) {
      if (type !== "TXT" || !name.endsWith(`.${SERVICE}`)) continue;
      const found = addressIn(data, tag);
      if (found !== null && found.id !== me) options.onFound(found);
    }
  });

  function announce(): void {
    const { id, addresses } = options.address();
    const instance = `${id.slice(0, 16)}.${SERVICE}`;
    const port = Number(/:(\d+)$/.exec(addresses[0] ?? "")?.[1] ?? 0);
    const answer = {
      answers: [
        { name: SERVICE, type: "PTR" as const, ttl: TTL_S, data: instance },
        {
          name: instance,
          type: "SRV" as const,
          ttl: TTL_S,
          data: { port, target: `${id.slice(0, 16)}.local` },
        },
        {
          name: instance,
          type: "TXT" as const,
          ttl: TTL_S,
          data: [`group=${tag}`, `id=${id}`, ...addresses.slice(0, 8).map((address) => `at=${address}`)],
        },
      ],
    };
    speakers.each((speaker) => speaker.respond(answer));
  }
  const ask = () => {
    speakers.follow(ownAddresses());
    speakers.each((speaker) => speaker.query({ questions: [{ name: SERVICE, type: "PTR" }] }));
    announce();
  };
  const timers = ASK_AT_MS.map((ms) => setTimeout(ask, ms));
  const again = setInterval(ask, ASK_EVERY_MS);
  return {
    close() {
      timers.forEach(clearTimeout);
      clearInterval(again);
      speakers.follow([]);
      mdns.destroy();
    },
  };
}

type Mdns = ReturnType<typeof multicastDns>;

/**
 * One socket for each address of this machine, to speak from: where there is no default route, as on a network without
 * internet, the kernel knows by the sender's address alone which way a multicast goes (Linux, ip_route_output_key).
 * Such a socket hears nothing; the one that listens is bound to none.
 */
class Speakers {
  readonly #onTrouble: (says: string) => void;
  readonly #by = new Map<string, Mdns>();

  constructor(onTrouble: (says: string) => void) {
    this.#onTrouble = onTrouble;
  }

  follow(addresses: readonly string[]): void {
    for (const [address, speaker] of this.#by) {
      if (addresses.includes(address)) continue;
      speaker.destroy();
      this.#by.delete(address);
    }
    for (const address of addresses) {
      if (this.#by.has(address)) continue;
      const speaker = multicastDns({ interface: address });
      speaker.on("error", (error: Error) => this.#onTrouble(error.message));
      speaker.on("warning", () => {}); // Of what it hears, which is nothing.
      this.#by.set(address, speaker);
    }
  }

  each(act: (speaker: Mdns) => void): void {
    for (const speaker of this.#by.values()) act(speaker);
  }
}

function ownAddresses(): string[] {
  return Deno.networkInterfaces()
    .filter(({ family, address }) => family === "IPv4" && !address.startsWith("127."))
    .map(({ address }) => address);
}

/** Who hears it learns that there is a group, and whether it is the same as yesterday's, and not which. */
function tagOf(group: string): string {
  return createHash("sha256").update(`quicchat-peer/1 lan ${group}`).digest("hex").slice(0, 16);
}

/** The peer of the group with this tag that a TXT record names; null for any other. */
export function addressIn(data: unknown, tag: string): PeerAddress | null {
  if (!Array.isArray(data)) return null;
  let id = "";
  let isOurs = false;
  const addresses: string[] = [];
  for (const part of data) {
    const text = Buffer.isBuffer(part) || part instanceof Uint8Array
      ? Buffer.from(part).toString()
      : String(part);
    if (text === `group=${tag}`) isOurs = true;
    else if (/^id=[0-9a-f]{64}$/.test(text)) id = text.slice(3);
    else if (/^at=[\d.:a-f[\]%\w]{3,64}$/.test(text) && addresses.length < 16) addresses.push(text.slice(3));
  }
  return isOurs && id !== "" && addresses.length > 0 ? { id, addresses } : null;
}
