import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { certificateHashOf, keyHashOf, leafDerOfPem, leafOf } from "../../transport/quic/leaf.ts";
import { CERTIFICATE_DAYS, keyFromPem, makeCertificate, makeKey } from "./certificate.ts";

const dayMs = 86_400_000;
const names = ["localhost", "127.0.0.1", "::1", "192.168.7.20", "chat.example.org"];

Deno.test("a certificate says what was asked for, and the reader reads the same", async () => {
  const key = await makeKey();
  const notBeforeMs = Date.UTC(2026, 10, 22, 12, 0, 0);
  const made = await makeCertificate({ key, names, notBeforeMs, days: CERTIFICATE_DAYS });
  const der = leafDerOfPem(made.certificatePem);
  const leaf = leafOf(der);
  assert.deepEqual(leaf.names, names);
  assert.equal(leaf.notBeforeMs, notBeforeMs);
  assert.equal(leaf.notAfterMs, notBeforeMs + CERTIFICATE_DAYS * dayMs);
  assert.equal(leaf.notAfterMs, made.notAfterMs);
  assert.deepEqual(leaf.spki, key.spki);
  assert.equal(keyHashOf(leaf.spki), made.keyHash);
  assert.match(made.keyHash, /^[A-Za-z0-9_-]{43}$/);
  assert.equal(certificateHashOf(der), made.certificateHash);
  assert.match(made.certificateHash, /^[0-9a-f]{64}$/);
  assert.ok(leaf.notAfterMs - leaf.notBeforeMs < 14 * dayMs);
});

Deno.test("an independent parser agrees: names, usage, never a CA, signed by its own key", async () => {
  const key = await makeKey();
  const made = await makeCertificate({ key, names, notBeforeMs: Date.now(), days: CERTIFICATE_DAYS });
  const x509 = new X509Certificate(made.certificatePem);
  assert.equal(x509.ca, false);
  assert.equal(x509.subject, "CN=QUICChat");
  assert.equal(x509.issuer, "CN=QUICChat");
  assert.equal(new Date(x509.validTo).getTime(), made.notAfterMs);
  for (const name of names) {
    assert.ok(x509.subjectAltName?.includes(name), name);
  }
  assert.equal(x509.fingerprint256.replaceAll(":", "").toLowerCase(), made.certificateHash);
});

Deno.test("openssl verifies the certificate for each of its names", async (t) => {
  const made = await makeCertificate({
    key: await makeKey(),
    names,
    notBeforeMs: Date.now() - 3_600_000,
    days: CERTIFICATE_DAYS,
  });
  const file = await Deno.makeTempFile({ suffix: ".pem" });
  try {
    await Deno.writeTextFile(file, made.certificatePem);
    const openssl = async (...args: string[]) => {
      const { success, stdout, stderr } = await new Deno.Command("openssl", { args }).output();
      const decoder = new TextDecoder();
      return { success, says: decoder.decode(stdout) + decoder.decode(stderr) };
    };
    try {
      await openssl("version");
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound) && !(error instanceof Deno.errors.NotCapable)) throw error;
      await t.step({ name: "skipped: openssl can't be run here", ignore: true, fn: () => {} });
      return;
    }
    for (const name of names) {
      const host = /^[\d.]+$|:/.test(name) ? "-verify_ip" : "-verify_hostname";
      const verified = await openssl("verify", "-CAfile", file, "-purpose", "sslserver", host, name, file);
      assert.ok(verified.success, `${name}: ${verified.says}`);
    }
    const wrong = await openssl("verify", "-CAfile", file, "-verify_hostname", "other.example.org", file);
    assert.equal(wrong.success, false);
    const { says } = await openssl("x509", "-in", file, "-noout", "-text");
    assert.match(says, /Signature Algorithm: ecdsa-with-SHA256/);
    assert.match(says, /Basic Constraints: critical\s+CA:FALSE/);
    assert.match(says, /Key Usage: critical\s+Digital Signature\n/);
    assert.match(says, /TLS Web Server Authentication/);
    assert.match(says, /Serial Number/);
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("many keys and signatures: every length of r and s comes out as valid DER", async () => {
  for (let round = 0; round < 40; round++) {
    const key = await makeKey();
    const made = await makeCertificate({ key, names: ["localhost"], notBeforeMs: 0, days: 1 });
    const x509 = new X509Certificate(made.certificatePem);
    assert.equal(x509.verify(x509.publicKey), true);
  }
});

Deno.test("a key survives being written and read", async () => {
  const key = await makeKey();
  const again = await keyFromPem(key.keyPem);
  assert.equal(again.keyHash, key.keyHash);
  const made = await makeCertificate({ key: again, names, notBeforeMs: 0, days: 1 });
  assert.equal(made.keyHash, key.keyHash);
  await assert.rejects(keyFromPem("garbage"), /no PEM block/);
});

Deno.test("a certificate after 2049 has its times in the longer form", async () => {
  const notBeforeMs = Date.UTC(2049, 11, 31);
  const made = await makeCertificate({ key: await makeKey(), names, notBeforeMs, days: 2 });
  const leaf = leafOf(leafDerOfPem(made.certificatePem));
  assert.equal(leaf.notBeforeMs, notBeforeMs);
  assert.equal(leaf.notAfterMs, Date.UTC(2050, 0, 2));
});

Deno.test("names that are neither host name nor address are refused", async () => {
  const key = await makeKey();
  for (const name of ["", "a b", "bücher.example", "-x", "a\0b", "fe80::1%eth0"]) {
    await assert.rejects(makeCertificate({ key, names: [name], notBeforeMs: 0, days: 1 }), RangeError);
  }
  await assert.rejects(makeCertificate({ key, names: [], notBeforeMs: 0, days: 1 }), RangeError);
});
