/** NATS's text protocol as far as a member needs it: lines, and after a MSG its payload. */

const NEWLINE = 0x0a;
const SPACE = 0x20;
const DIGIT_0 = 0x30;
const CRLF_BYTES = 2;
const MSG = "M".charCodeAt(0);
/** MSG and a space. */
const SUBJECT_AT = 4;
const decoder = new TextDecoder();

export interface NatsEars {
  /** A MSG; both give views of what was read. */
  message(subject: Uint8Array, payload: Uint8Array): void;
  /** Any other line: INFO, PING, PONG, -ERR. */
  line(text: string): void;
}

/** Gives each whole message and line; returns the bytes that they took. */
export function takeNats(bytes: Uint8Array, ears: NatsEars): number {
  let at = 0;
  for (;;) {
    const end = bytes.indexOf(NEWLINE, at);
    if (end < 0) return at;
    if (bytes[at] !== MSG) {
      ears.line(decoder.decode(bytes.subarray(at, end - 1)));
      at = end + 1;
      continue;
    }
    const length = lengthBefore(bytes, end - 1);
    const start = end + 1;
    if (bytes.length < start + length + CRLF_BYTES) return at;
    const subject = at + SUBJECT_AT;
    ears.message(
      bytes.subarray(subject, bytes.indexOf(SPACE, subject)),
      bytes.subarray(start, start + length),
    );
    at = start + length + CRLF_BYTES;
  }
}

/** The decimal number that ends before `end`. */
function lengthBefore(bytes: Uint8Array, end: number): number {
  let length = 0;
  for (let at = end - 1, unit = 1;; at--, unit *= 10) {
    const byte = bytes[at] ?? SPACE;
    if (byte === SPACE) return length;
    length += (byte - DIGIT_0) * unit;
  }
}
