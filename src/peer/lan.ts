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
const ASK_AT_MS = [0, 500, 2_000];
const ASK_EVERY_MS = 30_000;
const TTL_S = 120;

/** Announces this peer and looks for others of its group, until closed. Trouble is told, not thrown. */
export function findOnLan(options: LanOptions): Lan {
  const tag = tagOf(options.group);
  const me = options.address().id;
  const mdns = multicastDns();
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
    mdns.respond({
      answers: [
        { name: SERVICE, type: "PTR", ttl: TTL_S, data: instance },
        { name: instance, type: "SRV", ttl: TTL_S, data: { port, target: `${id.slice(0, 16)}.local` } },
        {
          name: instance,
          type: "TXT",
          ttl: TTL_S,
          data: [`group=${tag}`, `id=${id}`, ...addresses.slice(0, 8).map((address) => `at=${address}`)],
        },
      ],
    });
  }
  const ask = () => {
    mdns.query({ questions: [{ name: SERVICE, type: "PTR" }] });
    announce();
  };
  const timers = ASK_AT_MS.map((ms) => setTimeout(ask, ms));
  const again = setInterval(ask, ASK_EVERY_MS);
  return {
    close() {
      timers.forEach(clearTimeout);
      clearInterval(again);
      mdns.destroy();
    },
  };
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
