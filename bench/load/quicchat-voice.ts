/** A member of a room that talks quicchat/1. */
import { fetchLeaf } from "../../src/client/dial/server-leaf.ts";
import type { Link } from "../../src/transport/link.ts";
import { dialWebTransport } from "../../src/transport/webtransport/webtransport-dial.ts";
import { dialSessionLink, KIND, QuicchatSession, read } from "./quicchat-session.ts";
import type { Ears, JoinOptions, Voice, Wire, WireName } from "./voice.ts";

/** Longer than a server under load takes for a TLS handshake. */
const LEAF_MS = 10_000;

export function quicchatWire(name: Extract<WireName, `quicchat/${string}`>): Wire {
  return {
    hasReceipts: true,
    hasEcho: true,
    async join(options, ears) {
      const link = await (name === "quicchat/quic" ? dialSessionLink(options) : overWebTransport(options));
      const voice = new QuicchatVoice(link, options, ears);
      await voice.joined;
      return voice;
    },
  };
}

/** The server's certificate is trusted by its hash, as a browser does it, and asked for over TCP as our clients do. */
async function overWebTransport({ hostname, port }: JoinOptions): Promise<Link> {
  certificateHash ??= await certificateHashOf(hostname, port);
  return await dialWebTransport(`https://${hostname}:${port}/quicchat/1`, {
    certificateHashes: [certificateHash],
  });
}

let certificateHash: Uint8Array<ArrayBuffer> | null = null;

async function certificateHashOf(hostname: string, port: number): Promise<Uint8Array<ArrayBuffer>> {
  const { certificateHash } = await fetchLeaf(hostname, port, AbortSignal.timeout(LEAF_MS));
  return certificateHash;
}

class QuicchatVoice implements Voice {
  readonly joined: Promise<void>;
  readonly #session: QuicchatSession;
  readonly #rooms: readonly string[];
  readonly #ears: Ears;
  readonly #joining = Promise.withResolvers<void>();
  #roomsJoined = 0;

  constructor(link: Link, { name, rooms }: JoinOptions, ears: Ears) {
    this.#rooms = rooms;
    this.#ears = ears;
    this.joined = this.#joining.promise;
    this.#session = new QuicchatSession(link, { name, rooms: rooms.map((room) => ({ room })) }, {
      line: (kind, line) => this.#heard(kind, line),
      lost: (says) => this.#lost(`the link ended: ${says}`),
    });
  }

  say(number: number, text: string): void {
    const room = this.#rooms[number % this.#rooms.length];
    this.#session.say({ type: "CHAT_MESSAGE", seq: number, ts: 0, room, text });
  }

  leave(): void {
    this.#session.leave();
  }

  #heard(kind: number, line: Uint8Array): void {
    if (kind === KIND.message) this.#ears.message(() => String(read(line)["text"]));
    else if (kind === KIND.receipt) this.#ears.receipt(Number(read(line)["ack"]));
    else if (kind === KIND.joined) {
      if (++this.#roomsJoined === this.#rooms.length) this.#joining.resolve();
    } else if (kind === KIND.error) {
      const { code, msg } = read(line);
      this.#lost(`${code} ${msg}`);
    }
  }

  #lost(says: string): void {
    this.#joining.reject(new Error(says));
    this.#ears.lost(says);
  }
}
