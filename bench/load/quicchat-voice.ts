/** A member of a room as light as it can be: it decodes only what it is asked for, so that the load generator is not
 * what is measured. */
import { fetchLeaf } from "../../src/client/dial/server-leaf.ts";
import { encodePdu } from "../../src/protocol/wire.ts";
import type { Link } from "../../src/transport/link.ts";
import { dialQuic } from "../../src/transport/quic/quic-dial.ts";
import { dialWebTransport } from "../../src/transport/webtransport/webtransport-dial.ts";
import type { Ears, JoinOptions, Voice, Wire, WireName } from "./voice.ts";

const NEWLINE = 0x0a;
/** Where a line's type tells itself: {"type":"CHAT_?. */
const KIND_AT = 14;
const MESSAGE = "M".charCodeAt(0);
const RECEIPT = "R".charCodeAt(0);
/** What may be on its way to one member. A quarter of what our clients grant: they share one thread here, and what is
 * more than a socket's receive buffer holds (208 KB with all its overhead) while another's turn lasts is lost. */
const WINDOW_BYTES = 131_072;
/** Longer than a server under load takes for a TLS handshake. */
const LEAF_MS = 10_000;
const decoder = new TextDecoder();

export function quicchatWire(name: Extract<WireName, `quicchat/${string}`>): Wire {
  return {
    hasReceipts: true,
    hasEcho: true,
    async join(options, ears) {
      const link = await (name === "quicchat/quic" ? overQuic(options) : overWebTransport(options));
      const voice = new QuicchatVoice(link, options, ears);
      await voice.joined;
      return voice;
    },
  };
}

function overQuic({ hostname, port, caCerts }: JoinOptions): Promise<Link> {
  return dialQuic({ hostname, port, caCerts, serverName: "localhost", wire: "quicchat/1" });
}

/** The server's certificate is trusted by its hash, as a browser does it, and asked for over HTTP as a page does. */
async function overWebTransport({ hostname, port }: JoinOptions): Promise<Link> {
  certificateHash ??= await certificateHashOf(hostname, port);
  return await dialWebTransport(`https://${hostname}:${port}/`, { certificateHashes: [certificateHash] });
}

let certificateHash: Uint8Array<ArrayBuffer> | null = null;

async function certificateHashOf(hostname: string, port: number): Promise<Uint8Array<ArrayBuffer>> {
  const { certificateHash } = await fetchLeaf(hostname, port, AbortSignal.timeout(LEAF_MS));
  return certificateHash;
}

class QuicchatVoice implements Voice {
  readonly joined: Promise<void>;
  readonly #link: Link;
  readonly #rooms: readonly string[];
  readonly #ears: Ears;
  readonly #joining = Promise.withResolvers<void>();
  #roomsJoined = 0;
  #rest = new Uint8Array(0);
  #bytes = 0;
  #creditAt = WINDOW_BYTES / 2;

  constructor(link: Link, { name, rooms }: JoinOptions, ears: Ears) {
    this.#link = link;
    this.#rooms = rooms;
    this.#ears = ears;
    this.joined = this.#joining.promise;
    link.open({
      bytes: (chunk) => this.#take(chunk),
      datagram: () => {},
      closed: (end) => {
        if (end.why === "local") return;
        this.#joining.reject(new Error(`the link ended: ${JSON.stringify(end)}`));
        ears.lost(JSON.stringify(end));
      },
    });
    link.push(encodePdu({
      type: "CHAT_HELLO",
      seq: 0,
      ts: 0,
      name,
      window: WINDOW_BYTES,
      rooms: rooms.map((room) => ({ room })),
    }, "quicchat/1"));
  }

  say(number: number, text: string): void {
    const room = this.#rooms[number % this.#rooms.length];
    this.#link.push(encodePdu({ type: "CHAT_MESSAGE", seq: number, ts: 0, room, text }, "quicchat/1"));
  }

  leave(): void {
    this.#link.push(encodePdu({ type: "CHAT_BYE", seq: 0, ts: 0 }, "quicchat/1"));
    this.#link.close();
  }

  #take(chunk: Uint8Array): void {
    this.#bytes += chunk.length;
    if (this.#bytes >= this.#creditAt) {
      this.#link.push(encodePdu({ type: "CHAT_CREDIT", seq: 0, ts: 0, bytes: this.#bytes }, "quicchat/1"));
      this.#creditAt = this.#bytes + WINDOW_BYTES / 2;
    }
    let bytes = chunk;
    if (this.#rest.length > 0) {
      bytes = new Uint8Array(this.#rest.length + chunk.length);
      bytes.set(this.#rest);
      bytes.set(chunk, this.#rest.length);
    }
    let start = 0;
    for (;;) {
      const end = bytes.indexOf(NEWLINE, start);
      if (end < 0) break;
      const line = bytes.subarray(start, end);
      const kind = line[KIND_AT];
      if (kind === MESSAGE) this.#ears.message(() => JSON.parse(decoder.decode(line)).text);
      else if (kind === RECEIPT) this.#ears.receipt(JSON.parse(decoder.decode(line)).ack);
      else this.#other(decoder.decode(line));
      start = end + 1;
    }
    this.#rest = bytes.slice(start);
  }

  #other(line: string): void {
    const pdu = JSON.parse(line);
    if (pdu.type === "CHAT_JOINED" && ++this.#roomsJoined === this.#rooms.length) this.#joining.resolve();
    if (pdu.type !== "CHAT_ERROR") return;
    this.#joining.reject(new Error(`${pdu.code} ${pdu.msg}`));
    this.#ears.lost(`${pdu.code} ${pdu.msg}`);
  }
}
