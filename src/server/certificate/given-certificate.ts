/** A certificate and key that the operator gave as files (`--cert`, `--key`). */
import { createPrivateKey, createPublicKey } from "node:crypto";
import { certificateHashOf, keyHashOf, leafDerOfPem, leafOf } from "../../transport/quic/leaf.ts";
import type { ServerCertificate } from "./certificate.ts";
import type { Certificates } from "./certificates.ts";
import { reasonOf } from "../private-file.ts";
import { SetupFailure } from "../setup-failure.ts";

/** How often the files are read again: a certificate that an ACME client renewed takes effect without
 * anybody's doing, in far less than the days that such renewals keep in hand. */
const rereadMs = 3_600_000;

/** Browsers take a certificate by its hash only when it is valid for at most this long. */
const byHashMsMax = 14 * 86_400_000;

export interface GivenFiles {
  readonly certificatePath: string;
  readonly keyPath: string;
}

/** Reads and checks both files. Throws `SetupFailure` where they can't be read, don't fit or have expired. */
export async function openGivenCertificate(files: GivenFiles, nowMs: number): Promise<Certificates> {
  return new GivenCertificate(files, await readPair(files, nowMs), nowMs);
}

class GivenCertificate implements Certificates {
  readonly keyStays = false;
  readonly #files: GivenFiles;
  #current: ServerCertificate;
  #readMs: number;

  constructor(files: GivenFiles, current: ServerCertificate, nowMs: number) {
    this.#files = files;
    this.#current = current;
    this.#readMs = nowMs;
  }

  get current(): ServerCertificate {
    return this.#current;
  }

  get keyHash(): string {
    return this.#current.keyHash;
  }

  get hashes(): readonly string[] {
    const { notBeforeMs, notAfterMs, certificateHash } = this.#current;
    return notAfterMs - notBeforeMs <= byHashMsMax ? [certificateHash] : [];
  }

  dueMs(nowMs: number): number {
    // The upper bound is for a clock that was set back.
    return Math.min(rereadMs, Math.max(0, this.#readMs + rereadMs - nowMs));
  }

  async renew(nowMs: number): Promise<boolean> {
    // Also when reading fails, so that the next try comes after the usual time.
    this.#readMs = nowMs;
    const read = await readPair(this.#files, nowMs);
    if (read.certificatePem === this.#current.certificatePem && read.keyPem === this.#current.keyPem) {
      return false;
    }
    this.#current = read;
    return true;
  }
}

async function readPair({ certificatePath, keyPath }: GivenFiles, nowMs: number): Promise<ServerCertificate> {
  const certificatePem = await readGiven(certificatePath, "certificate");
  const keyPem = await readGiven(keyPath, "key");
  const der = checked(certificatePath, "certificate", () => leafDerOfPem(certificatePem));
  const leaf = checked(certificatePath, "certificate", () => leafOf(der));
  const spki = checked(keyPath, "private key", () => spkiOfKey(keyPem));
  if (keyHashOf(spki) !== keyHashOf(leaf.spki)) {
    throw new SetupFailure(
      `the key in ${keyPath} is not the one of the certificate in ${certificatePath}: give the pair that belongs ` +
        `together, the server's own certificate first in its file`,
    );
  }
  if (nowMs > leaf.notAfterMs) {
    throw new SetupFailure(
      `the certificate in ${certificatePath} expired on ${new Date(leaf.notAfterMs).toISOString()}: renew it`,
    );
  }
  if (nowMs < leaf.notBeforeMs) {
    throw new SetupFailure(
      `the certificate in ${certificatePath} is valid only from ${
        new Date(leaf.notBeforeMs).toISOString()
      } on: ` +
        `check this machine's clock, which says ${new Date(nowMs).toISOString()}`,
    );
  }
  const { notBeforeMs, notAfterMs } = leaf;
  const certificateHash = certificateHashOf(der);
  return { certificatePem, keyPem, certificateHash, keyHash: keyHashOf(spki), notBeforeMs, notAfterMs };
}

async function readGiven(path: string, what: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    throw new SetupFailure(
      `can't read the ${what} ${path} (${reasonOf(error)}): give a file that this user may read`,
    );
  }
}

function checked<T>(path: string, what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new SetupFailure(`${path} is not a ${what} in PEM (${reasonOf(error)}): give another file`);
  }
}

/** The public half of a private key in any of PEM's forms (PKCS #8, PKCS #1, SEC 1), unencrypted. */
function spkiOfKey(pem: string): Uint8Array {
  return createPublicKey(createPrivateKey(pem)).export({ type: "spki", format: "der" });
}
