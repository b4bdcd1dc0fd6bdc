/** A writer of DER (X.690 §10), as much of it as one self-signed certificate needs. */
type Bytes = Uint8Array<ArrayBuffer>;

/** One element: tag, length, and the contents one after the other. */
export function element(tag: number, ...contents: readonly Uint8Array[]): Bytes {
  const content = joined(contents);
  return joined([Uint8Array.of(tag), lengthOf(content.length), content]);
}

export function sequence(...contents: readonly Uint8Array[]): Bytes {
  return element(0x30, ...contents);
}

export function set(...contents: readonly Uint8Array[]): Bytes {
  return element(0x31, ...contents);
}

/** An element that an explicit context tag wraps: `[number] EXPLICIT`. */
export function explicit(number: number, content: Uint8Array): Bytes {
  return element(0xa0 | number, content);
}

export function octets(content: Uint8Array): Bytes {
  return element(0x04, content);
}

export function utf8(text: string): Bytes {
  return element(0x0c, new TextEncoder().encode(text));
}

export const TRUE: Bytes = Uint8Array.of(0x01, 0x01, 0xff);

/** Bits, the first one being the highest of the first byte; `unused` of the last byte's bits don't count. */
export function bits(content: Uint8Array, unused = 0): Bytes {
  return element(0x03, Uint8Array.of(unused), content);
}

/** A number that is not negative, from its big-endian bytes: as short as it can be, and with a zero in front
 * where its first bit would make it negative. */
export function unsigned(bytes: Uint8Array): Bytes {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start++;
  const short = bytes.subarray(start);
  return element(0x02, (short[0] ?? 0) & 0x80 ? joined([Uint8Array.of(0), short]) : short);
}

/** An object identifier in its usual notation: "1.2.840.10045.4.3.2". */
export function oid(dotted: string): Bytes {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  const bytes = [first * 40 + second];
  for (const arc of rest) {
    const low = [arc & 0x7f];
    for (let high = Math.floor(arc / 128); high > 0; high = Math.floor(high / 128)) {
      low.unshift(0x80 | (high & 0x7f));
    }
    bytes.push(...low);
  }
  return element(0x06, Uint8Array.from(bytes));
}

/** A certificate's time: UTCTime up to 2049, GeneralizedTime after it (RFC 5280 §4.1.2.5). */
export function time(ms: number): Bytes {
  const digits = new Date(ms).toISOString().replace(/\.\d+Z$/, "Z").replace(/[-:T]/g, "");
  const text = new TextEncoder();
  return Number(digits.slice(0, 4)) < 2050
    ? element(0x17, text.encode(digits.slice(2)))
    : element(0x18, text.encode(digits));
}

function lengthOf(length: number): Bytes {
  if (length < 0x80) return Uint8Array.of(length);
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest & 0xff);
  return Uint8Array.of(0x80 | bytes.length, ...bytes);
}

function joined(parts: readonly Uint8Array[]): Bytes {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
