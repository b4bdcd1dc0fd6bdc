/** Both wires, bytes to JSON values and back (docs/protocol.md, Framing). */
import { LIMITS } from "./limits.ts";
import type { FailureName } from "./failures.ts";

/** The ALPN names, which are also what the wires are called. */
export type Wire = "quicchat/1" | "chat/0";

export type Decoded =
  | { readonly value: unknown }
  /** The bytes can't be followed any further: the decoder ignores everything after it. */
  | { readonly failure: Extract<FailureName, "malformed" | "pdu-too-large">; readonly says: string };

/** Turns chunks, cut anywhere, into JSON values. Holds at most one unfinished PDU. */
export interface Decoder {
  /** Everything that this chunk completes, in order. The chunk is not kept. */
  push(chunk: Uint8Array): Decoded[];
  /** Bytes of an unfinished PDU: not zero at the end of a stream means that it was cut. */
  readonly pendingBytes: number;
}

export function decoderOf(wire: Wire): Decoder {
  return wire === "chat/0" ? new ObjectDecoder() : new LineDecoder();
}

const encoder = new TextEncoder();

/** One PDU as its wire wants it: quicchat/1 ends it with a newline, chat/0 has no delimiter at all. */
export function encodePdu(pdu: object, wire: Wire): Uint8Array {
  return encoder.encode(wire === "chat/0" ? JSON.stringify(pdu) : JSON.stringify(pdu) + "\n");
}

const NEWLINE = 0x0a;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || byte === NEWLINE || byte === 0x0d;
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const NOT_AN_OBJECT = { failure: "malformed", says: "a PDU is one JSON object in UTF-8" } as const;
const TOO_DEEP = { failure: "malformed", says: `nested deeper than ${LIMITS.nestingMax}` } as const;
const TOO_LONG = {
  failure: "pdu-too-large",
  says: `a PDU is longer than ${LIMITS.pduBytesMax} bytes`,
} as const;

function parse(bytes: Uint8Array): Decoded {
  try {
    const text = utf8.decode(bytes);
    if (isTooDeep(text)) return TOO_DEEP;
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { value } : NOT_AN_OBJECT;
  } catch {
    // Both the decoder's and the parser's message may quote the input, which may be a private text.
    return NOT_AN_OBJECT;
  }
}

/** Follows the structure of JSON text by its bytes or its UTF-16 units: all its marks are ASCII, so a cut
 * inside a character does not matter. */
class Structure {
  depth = 0;
  #inString = false;
  #escaped = false;

  /** Takes one byte or unit; true when it closed the outermost value. */
  take(byte: number): boolean {
    if (this.#inString) {
      if (this.#escaped) this.#escaped = false;
      else if (byte === BACKSLASH) this.#escaped = true;
      else if (byte === QUOTE) this.#inString = false;
      return false;
    }
    if (byte === QUOTE) this.#inString = true;
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) this.depth++;
    else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) return --this.depth === 0;
    return false;
  }
}

/** Whether `mark` stands in the text more than `times` times. */
function hasMoreThan(text: string, mark: string, times: number): boolean {
  let seen = 0;
  for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at + 1)) {
    if (++seen > times) return true;
  }
  return false;
}

/** Asked before parsing, since 64 KiB of brackets cost the parser twenty times what a text of that size does. */
function isTooDeep(text: string): boolean {
  // Nearly every PDU has a handful of brackets: two native searches (0.04 µs) spare it the walk.
  const half = LIMITS.nestingMax / 2;
  if (!hasMoreThan(text, "{", half) && !hasMoreThan(text, "[", half)) return false;
  const structure = new Structure();
  for (let at = 0; at < text.length; at++) {
    structure.take(text.charCodeAt(at));
    if (structure.depth > LIMITS.nestingMax) return true;
  }
  return false;
}

/** A datagram holds exactly one PDU. */
export function decodeDatagram(payload: Uint8Array): Decoded {
  return parse(payload);
}

/** The bytes of one unfinished PDU, in a buffer that grows to the limit and no further. */
class Unfinished {
  #bytes = new Uint8Array(0);
  length = 0;

  /** False when it would pass the limit. */
  add(part: Uint8Array): boolean {
    const length = this.length + part.length;
    if (length > LIMITS.pduBytesMax) return false;
    if (length > this.#bytes.length) {
      const grown = new Uint8Array(Math.min(LIMITS.pduBytesMax, Math.max(512, length * 2)));
      grown.set(this.#bytes.subarray(0, this.length));
      this.#bytes = grown;
    }
    this.#bytes.set(part, this.length);
    this.length = length;
    return true;
  }

  /** What was gathered; valid until the next `add`. */
  take(): Uint8Array {
    const bytes = this.#bytes.subarray(0, this.length);
    this.length = 0;
    // A big buffer is not kept for a session that once sent one big PDU.
    if (this.#bytes.length > 4096) this.#bytes = new Uint8Array(0);
    return bytes;
  }
}

/** quicchat/1: one JSON object a line; empty lines are allowed and mean nothing. */
class LineDecoder implements Decoder {
  #unfinished = new Unfinished();
  #dead = false;

  get pendingBytes(): number {
    return this.#unfinished.length;
  }

  push(chunk: Uint8Array): Decoded[] {
    const decoded: Decoded[] = [];
    let start = 0;
    while (!this.#dead && start < chunk.length) {
      const end = chunk.indexOf(NEWLINE, start);
      const part = chunk.subarray(start, end < 0 ? chunk.length : end);
      if (end < 0 || this.#unfinished.length > 0) {
        if (!this.#unfinished.add(part)) return this.#die(decoded, TOO_LONG);
        if (end < 0) return decoded;
      }
      const line = this.#unfinished.length > 0 ? this.#unfinished.take() : part;
      start = end + 1;
      if (line.length === 0 || (line.length === 1 && line[0] === 0x0d)) continue;
      const result = line.length > LIMITS.pduBytesMax ? TOO_LONG : parse(line);
      if ("failure" in result) return this.#die(decoded, result);
      decoded.push(result);
    }
    return decoded;
  }

  #die(decoded: Decoded[], failure: Decoded): Decoded[] {
    this.#dead = true;
    this.#unfinished.take();
    decoded.push(failure);
    return decoded;
  }
}

/** chat/0: JSON objects one after the other with nothing, or white space, between them. */
class ObjectDecoder implements Decoder {
  #unfinished = new Unfinished();
  #structure: Structure | null = null;
  #dead = false;

  get pendingBytes(): number {
    return this.#unfinished.length;
  }

  push(chunk: Uint8Array): Decoded[] {
    const decoded: Decoded[] = [];
    if (this.#dead) return decoded;
    let start = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at]!;
      if (this.#structure === null) {
        if (isSpace(byte)) continue;
        if (byte !== OPEN_BRACE) {
          return this.#die(decoded, NOT_AN_OBJECT);
        }
        this.#structure = new Structure();
        start = at;
      }
      const closed = this.#structure.take(byte);
      if (this.#structure.depth > LIMITS.nestingMax) {
        // How the bytes were cut must not decide which of two failures it is.
        const bytes = this.#unfinished.length + at + 1 - start;
        return this.#die(decoded, bytes > LIMITS.pduBytesMax ? TOO_LONG : TOO_DEEP);
      }
      if (!closed) continue;
      this.#structure = null;
      const part = chunk.subarray(start, at + 1);
      start = at + 1;
      if (!this.#unfinished.add(part)) return this.#die(decoded, TOO_LONG);
      const result = parse(this.#unfinished.take());
      if ("failure" in result) return this.#die(decoded, result);
      decoded.push(result);
    }
    if (this.#structure !== null && !this.#unfinished.add(chunk.subarray(start))) {
      return this.#die(decoded, TOO_LONG);
    }
    return decoded;
  }

  #die(decoded: Decoded[], failure: Decoded): Decoded[] {
    this.#dead = true;
    this.#unfinished.take();
    decoded.push(failure);
    return decoded;
  }
}
