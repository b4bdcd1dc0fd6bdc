import { CERTIFICATE_DAYS, makeCertificate, makeKey } from "../server/certificate/certificate.ts";
import { readPrivate, writePrivate } from "../server/private-file.ts";
import { numberOf, valueOf } from "./arguments.ts";
import { type Command, type Given, Trouble } from "./command.ts";

const HOUR_MS = 3_600_000;
const KEY_FILE = "key.pem";
const CERTIFICATE_FILE = "certificate.pem";

export const cert: Command = {
  name: "cert",
  summary: "Make a certificate for development",
  words: "",
  wordsMax: 0,
  flags: {
    out: { value: "DIR", says: `where to put ${CERTIFICATE_FILE} and ${KEY_FILE} (the current directory)` },
    host: {
      value: "NAME",
      says: "a name or address that it is for, besides localhost; may be repeated",
      many: true,
    },
    days: { value: "N", says: `how long it is valid, at most ${CERTIFICATE_DAYS} (${CERTIFICATE_DAYS})` },
    help: { says: "this" },
  },
  notes: `The server makes and renews certificates by itself; this is for other programs, and for
"quicchat serve --cert certificate.pem --key key.pem". It prints the hashes that pages
(serverCertificateHashes) and clients (--key-hash) want.`,
  run: runCert,
};

async function runCert(given: Given): Promise<number> {
  const directory = valueOf(given, "out") ?? ".";
  const days = numberOf(given, "days", 1, CERTIFICATE_DAYS) ?? CERTIFICATE_DAYS;
  const names = [...new Set(["localhost", "127.0.0.1", "::1", ...(given.flags["host"] ?? [])])];
  if (await readPrivate(`${directory}/${KEY_FILE}`) !== null) {
    throw new Trouble(
      `${directory}/${KEY_FILE} exists and is not overwritten: remove it, or choose another --out`,
    );
  }
  const key = await makeKey();
  const made = await makeCertificate({ key, names, notBeforeMs: Date.now() - HOUR_MS, days });
  await writePrivate(directory, KEY_FILE, made.keyPem);
  await writePrivate(directory, CERTIFICATE_FILE, made.certificatePem);
  console.log(`${directory}/${CERTIFICATE_FILE}  for ${names.join(", ")}, valid for ${days} days
${directory}/${KEY_FILE}
certificate hash (SHA-256)  ${made.certificateHash}
key hash (SHA-256)          ${made.keyHash}`);
  return 0;
}
