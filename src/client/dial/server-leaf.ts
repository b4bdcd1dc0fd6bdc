import { connect } from "node:tls";
import { isIP } from "node:net";
import { sha256 } from "@noble/hashes/sha2.js";
import { keyHashOf, leafOf } from "../../transport/quic/leaf.ts";

/** What a server shows on its TCP port before anything of it is believed. */
export interface ServerLeaf {
  /** PEM, as `caCerts` wants it. */
  readonly pem: string;
  /** SHA-256 of the certificate. */
  readonly certificateHash: Uint8Array<ArrayBuffer>;
  /** SHA-256 of its key's SPKI, base64url. */
  readonly keyHash: string;
  /** Whether the system's roots vouch for it, for this host. */
  readonly vouched: boolean;
}

/**
 * Host and certificate of those that the roots vouched for, in a handshake that looked. A resumed session shows the
 * certificate of the one that it continues, checks nothing, and calls itself authorized all the same.
 */
const vouchedFor = new Set<string>();

/** Fetches a server's certificate by a TLS handshake that believes anything. Rejects where there is no TLS. */
export function fetchLeaf(hostname: string, port: number, signal: AbortSignal): Promise<ServerLeaf> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const name = isIP(hostname) === 0 ? { servername: hostname } : {};
    // Nothing is sent and nothing believed: the key is compared before the certificate is used.
    const socket = connect({ host: hostname, port, rejectUnauthorized: false, ...name });
    const settle = (act: () => void) => {
      signal.removeEventListener("abort", aborted);
      socket.destroy();
      act();
    };
    const aborted = () => settle(() => reject(signal.reason));
    signal.addEventListener("abort", aborted, { once: true });
    socket.once("secureConnect", () => {
      // Read before `settle` closes it: then there is none any more.
      const { authorized } = socket;
      const isResumed = socket.isSessionReused();
      const der = new Uint8Array(socket.getPeerCertificate(true).raw);
      settle(() => {
        try {
          const { spki, names } = leafOf(der);
          const certificateHash = Uint8Array.from(sha256(der));
          const which = `${hostname} ${certificateHash.toHex()}`;
          if (!isResumed && authorized && names.some((one) => covers(one, hostname))) vouchedFor.add(which);
          resolve({
            pem: pemOf(der),
            certificateHash,
            keyHash: keyHashOf(spki),
            vouched: vouchedFor.has(which),
          });
        } catch (thrown) {
          reject(thrown);
        }
      });
    });
    socket.once(
      "error",
      (error) => settle(() => reject(new Error(`${hostname}:${port} can't be reached: ${error.message}`))),
    );
    socket.once(
      "close",
      () =>
        settle(() =>
          reject(new Error(`${hostname}:${port} ended the connection: is there a quicchat server?`))
        ),
    );
  });
}

/** Whether a certificate's name is the host's (RFC 9525 §6.3: one star, for one whole label). */
function covers(name: string, hostname: string): boolean {
  const [wanted, host] = [name.toLowerCase(), hostname.toLowerCase()];
  return wanted === host || (wanted.startsWith("*.") && wanted.slice(1) === host.replace(/^[^.]+/, ""));
}

function pemOf(der: Uint8Array): string {
  const base64 = btoa(String.fromCharCode(...der)).replace(/.{64}(?=.)/g, "$&\n");
  return `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`;
}
