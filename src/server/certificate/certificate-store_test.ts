import assert from "node:assert/strict";
import { openCertificates } from "./certificate-store.ts";
import { SetupFailure } from "../setup-failure.ts";

const dayMs = 86_400_000;
const startMs = Date.UTC(2026, 10, 22);
const names = ["localhost", "127.0.0.1"];

async function inDirectory(test: (directory: string) => Promise<void>): Promise<void> {
  const parent = await Deno.makeTempDir();
  try {
    await test(`${parent}/data`);
  } finally {
    await Deno.remove(parent, { recursive: true });
  }
}

Deno.test("the first start makes three private files, the second one uses them", () =>
  inDirectory(async (directory) => {
    const first = await openCertificates({ directory, names, nowMs: startMs });
    const files = [...Deno.readDirSync(directory)].map((file) => file.name).sort();
    assert.deepEqual(files, ["certificate-next.pem", "certificate.pem", "key.pem"]);
    for (const file of files) {
      const { mode } = await Deno.stat(`${directory}/${file}`);
      if (mode !== null) assert.equal(mode & 0o777, 0o600, file);
    }
    assert.equal(first.hashes.length, 2);
    assert.equal(first.hashes[0], first.current.certificateHash);
    const second = await openCertificates({ directory, names, nowMs: startMs + dayMs });
    assert.deepEqual(second.hashes, first.hashes);
    assert.equal(second.keyHash, first.keyHash);
    assert.equal(second.dueMs(startMs), first.dueMs(startMs));
  }));

Deno.test("at renewal the published next one becomes current, and survives a restart", () =>
  inDirectory(async (directory) => {
    const certificates = await openCertificates({ directory, names, nowMs: startMs });
    const [, published] = certificates.hashes;
    const dueMs = certificates.dueMs(startMs);
    assert.ok(dueMs > 8 * dayMs && dueMs < 10 * dayMs);
    assert.equal(await certificates.renew(startMs + dueMs - 1), false);
    assert.equal(await certificates.renew(startMs + dueMs), true);
    assert.equal(certificates.current.certificateHash, published);
    assert.ok(certificates.current.notBeforeMs < startMs + dueMs);
    assert.equal(certificates.hashes.length, 2);
    assert.equal(certificates.dueMs(startMs + dueMs) > 0, true);
    const restarted = await openCertificates({ directory, names, nowMs: startMs + dueMs + dayMs });
    assert.deepEqual(restarted.hashes, certificates.hashes);
    assert.equal(restarted.keyHash, certificates.keyHash);
  }));

Deno.test("off for a month, or the clock set back by years: new certificates, the same key", () =>
  inDirectory(async (directory) => {
    const first = await openCertificates({ directory, names, nowMs: startMs });
    for (const nowMs of [startMs + 31 * dayMs, startMs - 900 * dayMs]) {
      const later = await openCertificates({ directory, names, nowMs });
      assert.equal(later.keyHash, first.keyHash);
      assert.ok(later.current.notBeforeMs < nowMs && nowMs < later.current.notAfterMs);
      assert.notEqual(later.current.certificateHash, first.current.certificateHash);
      assert.ok(later.dueMs(nowMs) > 0);
    }
  }));

Deno.test("another name, a damaged certificate, one of another key: made anew, the key stays", () =>
  inDirectory(async (directory) => {
    const first = await openCertificates({ directory, names, nowMs: startMs });
    const wider = await openCertificates({ directory, names: [...names, "10.0.0.7"], nowMs: startMs });
    assert.notEqual(wider.current.certificateHash, first.current.certificateHash);
    const respelt = await openCertificates({ directory, names: ["0:0:0::1"], nowMs: startMs });
    assert.notDeepEqual(respelt.hashes, wider.hashes);
    const narrower = await openCertificates({ directory, names: ["::1"], nowMs: startMs });
    assert.deepEqual(narrower.hashes, respelt.hashes);
    await Deno.writeTextFile(`${directory}/certificate.pem`, "half a fi");
    const mended = await openCertificates({ directory, names, nowMs: startMs });
    assert.equal(mended.keyHash, first.keyHash);
    await Deno.remove(`${directory}/key.pem`);
    const rekeyed = await openCertificates({ directory, names, nowMs: startMs });
    assert.notEqual(rekeyed.keyHash, first.keyHash);
    assert.equal(rekeyed.current.keyHash, rekeyed.keyHash);
  }));

Deno.test("a damaged key is never replaced by itself", () =>
  inDirectory(async (directory) => {
    await openCertificates({ directory, names, nowMs: startMs });
    await Deno.writeTextFile(`${directory}/key.pem`, "scribble");
    await assert.rejects(
      openCertificates({ directory, names, nowMs: startMs }),
      (error) =>
        error instanceof SetupFailure && /key\.pem is not a P-256 key.*restore it/.test(error.message),
    );
    assert.equal(await Deno.readTextFile(`${directory}/key.pem`), "scribble");
  }));

Deno.test("a key that others could read is closed to them", () =>
  inDirectory(async (directory) => {
    await openCertificates({ directory, names, nowMs: startMs });
    await Deno.chmod(`${directory}/key.pem`, 0o644);
    await openCertificates({ directory, names, nowMs: startMs });
    const { mode } = await Deno.stat(`${directory}/key.pem`);
    if (mode !== null) assert.equal(mode & 0o777, 0o600);
  }));

Deno.test("a data directory that can't be written is told in one sentence", () =>
  inDirectory(async (directory) => {
    await Deno.mkdir(directory.replace(/\/data$/, ""), { recursive: true });
    await Deno.writeTextFile(directory, "a file where the directory belongs");
    await assert.rejects(openCertificates({ directory, names, nowMs: startMs }), SetupFailure);
  }));
