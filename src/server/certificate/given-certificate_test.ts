import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { CERTIFICATE_DAYS, makeCertificate, makeKey } from "./certificate.ts";
import { type GivenFiles, openGivenCertificate } from "./given-certificate.ts";
import { SetupFailure } from "../setup-failure.ts";

const dayMs = 86_400_000;
const nowMs = Date.UTC(2026, 10, 22);

async function withPair(days: number, test: (files: GivenFiles) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir();
  const files = { certificatePath: `${directory}/cert.pem`, keyPath: `${directory}/key.pem` };
  try {
    await writePair(files, days);
    await test(files);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

async function writePair(files: GivenFiles, days: number): Promise<void> {
  const key = await makeKey();
  const made = await makeCertificate({ key, names: ["chat.example.org"], notBeforeMs: nowMs - dayMs, days });
  await Deno.writeTextFile(files.certificatePath, made.certificatePem);
  await Deno.writeTextFile(files.keyPath, made.keyPem);
}

async function refused(files: GivenFiles, says: RegExp, atMs = nowMs): Promise<void> {
  await assert.rejects(openGivenCertificate(files, atMs), (error) => {
    assert.ok(error instanceof SetupFailure, String(error));
    assert.match(error.message, says);
    assert.doesNotMatch(error.message, /\n|BEGIN/);
    return true;
  });
}

Deno.test("a pair that belongs together is taken", () =>
  withPair(CERTIFICATE_DAYS, async (files) => {
    const given = await openGivenCertificate(files, nowMs);
    assert.equal(given.hashes.length, 1);
    assert.equal(given.keyStays, false);
    assert.equal(given.keyHash, given.current.keyHash);
  }));

Deno.test("one that is valid for months is not offered by its hash: browsers refuse that", () =>
  withPair(90, async (files) => {
    assert.deepEqual((await openGivenCertificate(files, nowMs)).hashes, []);
  }));

Deno.test("wrong files are told in one sentence each", () =>
  withPair(CERTIFICATE_DAYS, async (files) => {
    await refused(
      { ...files, certificatePath: "/nowhere/c.pem" },
      /can't read the certificate \/nowhere\/c\.pem \(there is no such file\)/,
    );
    await refused({ ...files, keyPath: "/nowhere/k.pem" }, /can't read the key \/nowhere\/k\.pem/);
    await refused({ ...files, certificatePath: files.keyPath }, /key\.pem is not a certificate in PEM/);
    await refused({ ...files, keyPath: files.certificatePath }, /cert\.pem is not a private key in PEM/);
    await refused(files, /expired on 2026-12-04T/, nowMs + 20 * dayMs);
    await refused(files, /valid only from 2026-11-21T/, nowMs - 20 * dayMs);
    await Deno.writeTextFile(files.keyPath, (await makeKey()).keyPem);
    await refused(files, /is not the one of the certificate/);
  }));

Deno.test("keys in the other forms of PEM are read too", () =>
  withPair(CERTIFICATE_DAYS, async (files) => {
    const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
    await Deno.writeTextFile(files.keyPath, rsa.export({ type: "pkcs1", format: "pem" }).toString());
    await refused(files, /is not the one of the certificate/);
    const ec = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
    await Deno.writeTextFile(files.keyPath, ec.export({ type: "sec1", format: "pem" }).toString());
    await refused(files, /is not the one of the certificate/);
  }));

Deno.test("renewed files are taken at the next reading; a bad pair changes nothing", () =>
  withPair(CERTIFICATE_DAYS, async (files) => {
    const given = await openGivenCertificate(files, nowMs);
    const former = given.current.certificateHash;
    assert.equal(given.dueMs(nowMs), 3_600_000);
    assert.equal(given.dueMs(nowMs + 9_000_000), 0);
    assert.equal(given.dueMs(nowMs - 900 * dayMs), 3_600_000);
    assert.equal(await given.renew(nowMs + 3_600_000), false);
    await Deno.writeTextFile(files.keyPath, (await makeKey()).keyPem);
    await assert.rejects(given.renew(nowMs + 7_200_000), SetupFailure);
    assert.equal(given.current.certificateHash, former);
    assert.equal(given.dueMs(nowMs + 7_200_000), 3_600_000);
    await writePair(files, CERTIFICATE_DAYS);
    assert.equal(await given.renew(nowMs + 9_000_000), true);
    assert.notEqual(given.current.certificateHash, former);
  }));
