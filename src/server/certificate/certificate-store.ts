/** The certificates that a server makes for itself, in its data directory. The key stays for good. */
import {
  canonicalIpv6,
  certificateHashOf,
  keyHashOf,
  leafDerOfPem,
  LeafFailure,
  leafOf,
} from "../../transport/quic/leaf.ts";
import {
  CERTIFICATE_DAYS,
  keyFromPem,
  makeCertificate,
  makeKey,
  type ServerCertificate,
  type ServerKey,
} from "./certificate.ts";
import { backdateMs, dueOf, nextBeginsOf, planOf } from "./certificate-plan.ts";
import type { Certificates } from "./certificates.ts";
import { readPrivate, reasonOf, writePrivate } from "../private-file.ts";
import { SetupFailure } from "../setup-failure.ts";

const keyFile = "key.pem";
const currentFile = "certificate.pem";
const nextFile = "certificate-next.pem";

export interface CertificateStore {
  readonly directory: string;
  /** Every DNS name and address that the certificates must be valid for. */
  readonly names: readonly string[];
  readonly nowMs: number;
}

/** Opens the store, making what is missing or no longer fits. Throws `SetupFailure`. */
export async function openCertificates(store: CertificateStore): Promise<Certificates> {
  const { directory, nowMs } = store;
  // One spelling per address, since the names are compared with those of stored certificates.
  const names = store.names.map((name) => canonicalIpv6(name) ?? name);
  const key = await openKey(directory);
  const read = async (name: string) => certificateOf(await readPrivate(`${directory}/${name}`), key, names);
  const made = new MadeCertificates(directory, names, key, await read(currentFile), await read(nextFile));
  await made.renew(nowMs);
  return made;
}

async function openKey(directory: string): Promise<ServerKey> {
  const pem = await readPrivate(`${directory}/${keyFile}`);
  if (pem === null) {
    const key = await makeKey();
    await writePrivate(directory, keyFile, key.keyPem);
    return key;
  }
  try {
    return await keyFromPem(pem);
  } catch (error) {
    // Never replaced by itself: everyone who trusts this server knows it by this key.
    throw new SetupFailure(
      `${directory}/${keyFile} is not a P-256 key in PKCS #8 PEM (${
        reasonOf(error)
      }): restore it from a copy, ` +
        `or remove it and send new invites`,
    );
  }
}

/** A stored certificate, or null where it is missing, damaged, of another key or lacks a name: all of that a
 * new one mends. */
function certificateOf(
  pem: string | null,
  key: ServerKey,
  names: readonly string[],
): ServerCertificate | null {
  if (pem === null) return null;
  try {
    const der = leafDerOfPem(pem);
    const leaf = leafOf(der);
    const keyHash = keyHashOf(leaf.spki);
    if (keyHash !== key.keyHash || names.some((name) => !leaf.names.includes(name))) return null;
    const { notBeforeMs, notAfterMs } = leaf;
    const certificateHash = certificateHashOf(der);
    return { certificatePem: pem, keyPem: key.keyPem, certificateHash, keyHash, notBeforeMs, notAfterMs };
  } catch (error) {
    if (error instanceof LeafFailure) return null;
    throw error;
  }
}

class MadeCertificates implements Certificates {
  readonly keyStays = true;
  readonly #directory: string;
  readonly #names: readonly string[];
  readonly #key: ServerKey;
  #current: ServerCertificate | null;
  #next: ServerCertificate | null;

  constructor(
    directory: string,
    names: readonly string[],
    key: ServerKey,
    current: ServerCertificate | null,
    next: ServerCertificate | null,
  ) {
    this.#directory = directory;
    this.#names = names;
    this.#key = key;
    this.#current = current;
    this.#next = next;
  }

  get current(): ServerCertificate {
    if (this.#current === null) throw new Error("renew() comes before current");
    return this.#current;
  }

  get keyHash(): string {
    return this.#key.keyHash;
  }

  get hashes(): readonly string[] {
    return [this.#current, this.#next].flatMap((certificate) => certificate?.certificateHash ?? []);
  }

  dueMs(nowMs: number): number {
    return Math.max(0, dueOf(this.current) - nowMs);
  }

  async renew(nowMs: number): Promise<boolean> {
    const plan = planOf(this.#current, this.#next, nowMs);
    const current = plan.current === "keep"
      ? this.#current
      : plan.current === "promote next"
      ? this.#next
      : await this.#make(nowMs - backdateMs);
    if (current === null) throw new Error("the plan keeps or promotes only what is there");
    const next = plan.next === "keep" ? this.#next : await this.#make(nextBeginsOf(current));
    // The current one first: a crash between the two leaves one that serves, and a next that is made anew.
    if (current !== this.#current) await writePrivate(this.#directory, currentFile, current.certificatePem);
    if (next !== null && next !== this.#next) {
      await writePrivate(this.#directory, nextFile, next.certificatePem);
    }
    const changed = current !== this.#current;
    this.#current = current;
    this.#next = next;
    return changed;
  }

  #make(notBeforeMs: number): Promise<ServerCertificate> {
    return makeCertificate({ key: this.#key, names: this.#names, notBeforeMs, days: CERTIFICATE_DAYS });
  }
}
