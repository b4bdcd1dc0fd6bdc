import type { ServerCertificate } from "./certificate.ts";

/** Where the listeners get their certificate from, and when the next. */
export interface Certificates {
  readonly current: ServerCertificate;
  /** SHA-256 of the certificates that a page may meet, now or next, in hexadecimal: for
   * `serverCertificateHashes`. Empty where the certificate is valid for too long for browsers to take it so. */
  readonly hashes: readonly string[];
  /** SHA-256 of the key, base64url: what invites carry. */
  readonly keyHash: string;
  /** Whether the key is ours, and stays: only then may an invite carry its hash. */
  readonly keyStays: boolean;
  /** Milliseconds from `nowMs` until `renew` has something to do; at least 0. Ask again after each renewal,
   * and let no timer run longer than a day: clocks are set, machines sleep. */
  dueMs(nowMs: number): number;
  /** Does what is due. True when `current` is another one now and the listeners must be given it. Throws
   * `SetupFailure`, after which everything is as it was before. */
  renew(nowMs: number): Promise<boolean>;
}
