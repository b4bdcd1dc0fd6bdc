/**
 * Self-signed server certificates: X.509 v3, ECDSA P-256, as browsers' `serverCertificateHashes` and rustls
 * both want them.
 */
import { certificateHashOf, ipBytesOf, keyHashOf } from "../../transport/quic/leaf.ts";
import {
  bits,
  element,
  explicit,
  octets,
  oid,
  sequence,
  set,
  time,
  TRUE,
  unsigned,
  utf8,
} from "./certificate-der.ts";

const dayMs = 86_400_000;

/**
 * Browsers refuse a certificate by its hash when it is valid for more than 14 days (WebTransport, "custom
 * certificate requirements"). One day is left for those that count the last second, or hours, differently.
 */
export const CERTIFICATE_DAYS = 13;

/** A server's key. It stays when certificates are renewed: its hash is what clients remember. */
export interface ServerKey {
  /** PKCS #8. */
  readonly keyPem: string;
  readonly privateKey: CryptoKey;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array<ArrayBuffer>;
  /** SHA-256 of the SPKI, 43 characters of base64url. */
  readonly keyHash: string;
}

/** A certificate with its key, ready for a listener. */
export interface ServerCertificate {
  /** The leaf first, then whatever chain came with it. */
  readonly certificatePem: string;
  readonly keyPem: string;
  /** SHA-256 of the leaf's DER, 64 hexadecimal digits. */
  readonly certificateHash: string;
  readonly keyHash: string;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

const P256 = { name: "ECDSA", namedCurve: "P-256" } as const;

export async function makeKey(): Promise<ServerKey> {
  const pair = await crypto.subtle.generateKey(P256, true, ["sign", "verify"]);
  const pkcs8 = new Uint8Array(await crypto.subtle.exportKey("pkcs8", pair.privateKey));
  return await keyOf(pkcs8, pair.privateKey);
}

/** Reads a P-256 key that `makeKey` made. Throws where it is anything else. */
export async function keyFromPem(pem: string): Promise<ServerKey> {
  const body = /-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END PRIVATE KEY-----/.exec(pem)?.[1];
  if (body === undefined) throw new TypeError("there is no PEM block of a PRIVATE KEY");
  const pkcs8 = Uint8Array.from(atob(body.replace(/\s+/g, "")), (char) => char.charCodeAt(0));
  return await keyOf(pkcs8, await crypto.subtle.importKey("pkcs8", pkcs8, P256, true, ["sign"]));
}

async function keyOf(pkcs8: Uint8Array, privateKey: CryptoKey): Promise<ServerKey> {
  const { x, y } = await crypto.subtle.exportKey("jwk", privateKey);
  if (x === undefined || y === undefined) throw new TypeError("the key has no public part");
  const publicKey = await crypto.subtle.importKey("jwk", { kty: "EC", crv: "P-256", x, y }, P256, true, [
    "verify",
  ]);
  const spki = new Uint8Array(await crypto.subtle.exportKey("spki", publicKey));
  return { keyPem: pemOf("PRIVATE KEY", pkcs8), privateKey, spki, keyHash: keyHashOf(spki) };
}

export interface CertificateWish {
  readonly key: ServerKey;
  /** DNS names and IP addresses (IPv6 without brackets) that it is valid for: at least one. */
  readonly names: readonly string[];
  readonly notBeforeMs: number;
  /** Days of validity. Past 14, browsers refuse it by its hash. */
  readonly days: number;
}

export async function makeCertificate(wish: CertificateWish): Promise<ServerCertificate> {
  if (wish.names.length === 0) throw new RangeError("a certificate needs at least one name");
  // Certificates count whole seconds.
  const notBeforeMs = Math.floor(wish.notBeforeMs / 1000) * 1000;
  const notAfterMs = notBeforeMs + wish.days * dayMs;
  const algorithm = sequence(oid("1.2.840.10045.4.3.2")); // ecdsa-with-SHA256
  const name = sequence(set(sequence(oid("2.5.4.3"), utf8("QUICChat")))); // commonName
  const tbs = sequence(
    explicit(0, unsigned(Uint8Array.of(2))), // v3
    unsigned(serial()),
    algorithm,
    name,
    sequence(time(notBeforeMs), time(notAfterMs)),
    name,
    wish.key.spki,
    explicit(3, sequence(...extensions(wish.names))),
  );
  const raw = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, wish.key.privateKey, tbs);
  const der = sequence(tbs, algorithm, bits(signatureDer(new Uint8Array(raw))));
  return {
    certificatePem: pemOf("CERTIFICATE", der),
    keyPem: wish.key.keyPem,
    certificateHash: certificateHashOf(der),
    keyHash: wish.key.keyHash,
    notBeforeMs,
    notAfterMs,
  };
}

/** RFC 5280 §4.1.2.2 wants at most 20 bytes, positive; CA practice at least 64 random bits. */
function serial(): Uint8Array {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[0] = (bytes[0] ?? 0) & 0x7f | 0x40;
  return bytes;
}

function extensions(names: readonly string[]): Uint8Array[] {
  const extension = (id: string, critical: boolean, value: Uint8Array) =>
    critical ? sequence(oid(id), TRUE, octets(value)) : sequence(oid(id), octets(value));
  return [
    // An empty sequence means CA:FALSE. rustls refuses a leaf that does not say so, or says CA:TRUE.
    extension("2.5.29.19", true, sequence()),
    extension("2.5.29.15", true, bits(Uint8Array.of(0x80), 7)), // keyUsage: digitalSignature
    extension("2.5.29.37", false, sequence(oid("1.3.6.1.5.5.7.3.1"))), // extKeyUsage: serverAuth
    extension("2.5.29.17", false, sequence(...names.map(generalName))), // subjectAltName
  ];
}

function generalName(name: string): Uint8Array {
  const ip = ipBytesOf(name);
  if (ip !== null) return element(0x87, ip);
  if (!/^[A-Za-z0-9_*]([A-Za-z0-9_.-]{0,252})$/.test(name)) {
    throw new RangeError(`${JSON.stringify(name)} is neither a host name in ASCII nor an IP address`);
  }
  return element(0x82, new TextEncoder().encode(name));
}

/** WebCrypto signs as r and s of 32 bytes each; X.509 wants them as a sequence (RFC 5480, appendix A). */
function signatureDer(raw: Uint8Array): Uint8Array {
  return sequence(unsigned(raw.subarray(0, 32)), unsigned(raw.subarray(32)));
}

function pemOf(label: string, der: Uint8Array): string {
  const base64 = btoa(String.fromCharCode(...der)).replace(/.{64}(?!$)/g, "$&\n");
  return `-----BEGIN ${label}-----\n${base64}\n-----END ${label}-----\n`;
}
