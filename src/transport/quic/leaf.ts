/**
 * Reads of an X.509 leaf certificate what trust on its key needs: the key itself, the days of validity and
 * the names (RFC 5280 §4.1). It verifies nothing: whoever uses it compares the key's hash with one that came
 * by a trusted way, as ssh does.
 */
import { sha256 } from "@noble/hashes/sha2.js";

export interface Leaf {
  /** The SubjectPublicKeyInfo, DER. What `keyHashOf` is taken over: it stays when the certificate is renewed. */
  readonly spki: Uint8Array;
  /** Milliseconds since the epoch; valid from this on … */
  readonly notBeforeMs: number;
  /** … to this, both inclusive. */
  readonly notAfterMs: number;
  /** DNS names and IP addresses of subjectAltName, as in a URL but IPv6 without brackets and uncompressed
   * as `new URL` would print it. */
  readonly names: readonly string[];
}

/** What was read is no certificate, or not one this reader can follow. */
export class LeafFailure extends Error {
  override readonly name = "LeafFailure";
}

const BOOLEAN = 0x01;
const OCTET_STRING = 0x04;
const OID = 0x06;
const UTC_TIME = 0x17;
const GENERALIZED_TIME = 0x18;
const SEQUENCE = 0x30;
/** [0] EXPLICIT version, [3] EXPLICIT extensions of a TBSCertificate. */
const VERSION = 0xa0;
const EXTENSIONS = 0xa3;
/** GeneralName's choices dNSName [2] and iPAddress [7] (RFC 5280 §4.2.1.6). */
const DNS_NAME = 0x82;
const IP_ADDRESS = 0x87;
/** 2.5.29.17, subjectAltName. */
const SUBJECT_ALT_NAME = "551d11";

interface Element {
  readonly tag: number;
  readonly content: Uint8Array;
  /** Tag, length and content. */
  readonly whole: Uint8Array;
}

/** The elements of one constructed DER value, one after the other. */
class Elements {
  #at = 0;
  constructor(readonly bytes: Uint8Array) {}

  get atEnd(): boolean {
    return this.#at >= this.bytes.length;
  }

  peekTag(): number | undefined {
    return this.bytes[this.#at];
  }

  next(tag?: number): Element {
    const start = this.#at;
    const found = this.#byte();
    if (tag !== undefined && found !== tag) {
      throw new LeafFailure(
        `not a certificate: DER tag 0x${found.toString(16)} where 0x${tag.toString(16)} belongs`,
      );
    }
    let length = this.#byte();
    if (length > 0x84 || length === 0x80) {
      throw new LeafFailure("not a certificate: a DER length is malformed");
    }
    if (length > 0x80) {
      let bytes = length & 0x7f;
      for (length = 0; bytes > 0; bytes--) length = length * 256 + this.#byte();
    }
    const end = this.#at + length;
    if (end > this.bytes.length) throw new LeafFailure("not a certificate: the DER is cut off");
    const content = this.bytes.subarray(this.#at, end);
    this.#at = end;
    return { tag: found, content, whole: this.bytes.subarray(start, end) };
  }

  #byte(): number {
    const byte = this.bytes[this.#at++];
    if (byte === undefined) throw new LeafFailure("not a certificate: the DER is cut off");
    return byte;
  }
}

/** Reads one certificate. Throws `LeafFailure`. */
export function leafOf(der: Uint8Array): Leaf {
  const tbs = new Elements(new Elements(new Elements(der).next(SEQUENCE).content).next(SEQUENCE).content);
  if (tbs.peekTag() === VERSION) tbs.next();
  tbs.next(); // serialNumber
  tbs.next(SEQUENCE); // signature
  tbs.next(SEQUENCE); // issuer
  const validity = new Elements(tbs.next(SEQUENCE).content);
  const notBeforeMs = timeOf(validity.next());
  const notAfterMs = timeOf(validity.next());
  tbs.next(SEQUENCE); // subject
  const spki = tbs.next(SEQUENCE).whole;
  let names: readonly string[] = [];
  while (!tbs.atEnd) {
    const element = tbs.next();
    if (element.tag === EXTENSIONS) names = namesIn(new Elements(element.content).next(SEQUENCE).content);
  }
  return { spki: spki.slice(), notBeforeMs, notAfterMs, names };
}

/** The first certificate of a PEM text, which is the server's own (RFC 8446 §4.4.2). Throws `LeafFailure`. */
export function leafDerOfPem(pem: string): Uint8Array {
  const found = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/.exec(pem)?.[1];
  if (found === undefined) throw new LeafFailure("there is no PEM block of a CERTIFICATE");
  try {
    return Uint8Array.from(atob(found.replace(/\s+/g, "")), (char) => char.charCodeAt(0));
  } catch {
    // atob's own message quotes nothing and helps nobody.
    throw new LeafFailure("the CERTIFICATE's base64 is malformed");
  }
}

/** SHA-256 of a certificate's DER in 64 hexadecimal digits: what `serverCertificateHashes` wants. */
export function certificateHashOf(der: Uint8Array): string {
  return hexOf(sha256(der));
}

/** What invites carry and clients remember: SHA-256 of the SPKI in 43 characters of base64url. */
export function keyHashOf(spki: Uint8Array): string {
  return btoa(String.fromCharCode(...sha256(spki)))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** An IPv4 or IPv6 address as its 4 or 16 bytes; null for anything else, a host name for example. */
export function ipBytesOf(address: string): Uint8Array<ArrayBuffer> | null {
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(address)) {
    const bytes = address.split(".").map(Number);
    return bytes.every((byte) => byte <= 255) ? Uint8Array.from(bytes) : null;
  }
  if (!address.includes(":")) return null;
  const canonical = canonicalIpv6(address);
  if (canonical === null) return null;
  const [head = "", tail] = canonical.split("::");
  const groups = (part: string) => part === "" ? [] : part.split(":").map((group) => parseInt(group, 16));
  const front = groups(head);
  const back = tail === undefined ? [] : groups(tail);
  const zeros = new Array<number>(8 - front.length - back.length).fill(0);
  return Uint8Array.from([...front, ...zeros, ...back].flatMap((group) => [group >> 8, group & 0xff]));
}

/** One spelling per address (RFC 5952), so that names can be compared as strings. */
export function canonicalIpv6(address: string): string | null {
  try {
    const host = new URL(`http://[${address}]/`).hostname;
    return host.startsWith("[") ? host.slice(1, -1) : null;
  } catch {
    return null; // not an IPv6 address, which is the answer
  }
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** UTCTime and GeneralizedTime as RFC 5280 §4.1.2.5 restricts them: seconds, and always Z. */
function timeOf(element: Element): number {
  const text = String.fromCharCode(...element.content);
  const digits = element.tag === GENERALIZED_TIME
    ? text
    : element.tag === UTC_TIME
    ? (Number(text.slice(0, 2)) < 50 ? "20" : "19") + text
    : "";
  const part = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(digits);
  if (part === null) throw new LeafFailure(`not a certificate: ${JSON.stringify(text)} is no time`);
  const [, year, month, day, hour, minute, second] = part.map(Number);
  return Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute, second);
}

function namesIn(extensions: Uint8Array): string[] {
  const list = new Elements(extensions);
  while (!list.atEnd) {
    const extension = new Elements(list.next(SEQUENCE).content);
    const oid = extension.next(OID).content;
    if (extension.peekTag() === BOOLEAN) extension.next(); // critical
    if (hexOf(oid) !== SUBJECT_ALT_NAME) continue;
    const names: string[] = [];
    const general = new Elements(new Elements(extension.next(OCTET_STRING).content).next(SEQUENCE).content);
    while (!general.atEnd) {
      const { tag, content } = general.next();
      if (tag === DNS_NAME) names.push(String.fromCharCode(...content));
      if (tag === IP_ADDRESS) names.push(ipTextOf(content));
    }
    return names;
  }
  return [];
}

function ipTextOf(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  const groups: string[] = [];
  for (let at = 0; at + 1 < bytes.length; at += 2) {
    groups.push((((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)).toString(16));
  }
  return canonicalIpv6(groups.join(":")) ?? hexOf(bytes);
}
