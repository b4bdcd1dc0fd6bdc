/** A session of quicchat/1 as light as it can be: it cuts what arrives into lines, gives credit, and decodes nothing
 * that it is not asked for, so that the load generator is not what is measured. */
import { LIMITS } from "../../src/protocol/limits.ts";
import { encodePdu } from "../../src/protocol/wire.ts";
import type { Link } from "../../src/transport/link.ts";
import { dialQuic } from "../../src/transport/quic/quic-dial.ts";

const NEWLINE = 0x0a;
/** Where a line's type tells itself: {"type":"CHAT_?. */
const KIND_AT = 14;
const ZERO = 0x30;
const NINE = 0x39;

/** What a line is, by one letter of its type. */
export const KIND = {
  /** CHAT_MESSAGE. */
  message: "M".charCodeAt(0),
  /** CHAT_RECEIPT, CHAT_REACT, CHAT_ROOMS. */
  receipt: "R".charCodeAt(0),
  /** CHAT_JOINED. */
  joined: "J".charCodeAt(0),
  /** CHAT_BYE. */
  bye: "B".charCodeAt(0),
  /** CHAT_ERROR, CHAT_EDIT. */
  error: "E".charCodeAt(0),
} as const;

const decoder = new TextDecoder();
const OFFSET = new TextEncoder().encode('"offset":');

export interface SessionEars {
  /** A line without its newline. The bytes are the session's own: what is kept must be copied. */
  line(kind: number, line: Uint8Array): void;
  /** The connection ended, which nobody asked for. */
  lost(says: string): void;
}

/** Where a server is, and what to trust. */
export interface ServerAt {
  readonly hostname: string;
  readonly port: number;
  readonly caCerts: readonly string[];
}

export class QuicchatSession {
  readonly #link: Link;
  readonly #ears: SessionEars;
  #isOver = false;
  #rest = new Uint8Array(0);
  #bytes = 0;
  #creditAt = LIMITS.windowBytesDefault / 2;

  /** Says CHAT_HELLO with these fields. */
  constructor(link: Link, hello: object, ears: SessionEars) {
    this.#link = link;
    this.#ears = ears;
    link.open({
      bytes: (chunk) => this.#take(chunk),
      datagram: () => {},
      closed: (end) => {
        if (end.why !== "local") this.#lost(JSON.stringify(end));
      },
    });
    this.say({ type: "CHAT_HELLO", seq: 0, ts: 0, window: LIMITS.windowBytesDefault, ...hello });
  }

  say(pdu: object): void {
    this.#link.push(encodePdu(pdu, "quicchat/1"));
  }

  leave(): void {
    this.#isOver = true;
    this.say({ type: "CHAT_BYE", seq: 0, ts: 0 });
    this.#link.close();
  }

  #lost(says: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#link.close();
    this.#ears.lost(says);
  }

  #take(chunk: Uint8Array): void {
    this.#bytes += chunk.length;
    if (this.#bytes >= this.#creditAt) {
      this.say({ type: "CHAT_CREDIT", seq: 0, ts: 0, bytes: this.#bytes });
      this.#creditAt = this.#bytes + LIMITS.windowBytesDefault / 2;
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
      const kind = bytes[start + KIND_AT] ?? 0;
      if (kind === KIND.bye) return this.#lost("the server said goodbye");
      this.#ears.line(kind, bytes.subarray(start, end));
      start = end + 1;
    }
    this.#rest = bytes.slice(start);
  }
}

/** Over raw QUIC, with a socket of its own. */
export function dialSessionLink(
  { hostname, port, caCerts }: ServerAt,
  signal?: AbortSignal,
): Promise<Link> {
  const target = { hostname, port, caCerts, serverName: "localhost", wire: "quicchat/1" } as const;
  return dialQuic(signal === undefined ? target : { ...target, signal });
}

/** The whole of a line; JSON of our server, so nothing is checked. */
export function read(line: Uint8Array): Record<string, unknown> {
  return JSON.parse(decoder.decode(line));
}

/** The first `offset` in a line, without decoding it; NaN where there is none. A sender's text comes after it. */
export function offsetOf(line: Uint8Array): number {
  let at = find(line);
  if (at < 0) return NaN;
  let offset = 0;
  for (let digit = line[at]; digit !== undefined && digit >= ZERO && digit <= NINE; digit = line[++at]) {
    offset = offset * 10 + digit - ZERO;
  }
  return offset;
}

/** Behind `"offset":`. */
function find(line: Uint8Array): number {
  const [quote = 0] = OFFSET;
  for (let at = line.indexOf(quote); at >= 0; at = line.indexOf(quote, at + 1)) {
    let matched = 1;
    while (matched < OFFSET.length && line[at + matched] === OFFSET[matched]) matched++;
    if (matched === OFFSET.length) return at + matched;
  }
  return -1;
}
