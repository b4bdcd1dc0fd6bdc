import assert from "node:assert/strict";
import { type Testimony, Witness } from "./witness.ts";

const said = (lastId: number): Testimony => ({
  epoch: "e".repeat(24),
  opening: "o".repeat(24),
  nextOpening: null,
  lastId,
  file: { inode: 1, bornMs: 2, modifiedMs: 3, changedMs: 4 },
});

function withFile(body: (path: string) => void): void {
  const path = Deno.makeTempFileSync();
  try {
    body(path);
  } finally {
    Deno.removeSync(path);
  }
}

function write(path: string, ...all: Testimony[]): void {
  const { witness } = Witness.open(path);
  for (const testimony of all) witness.write(testimony);
  witness.close();
}

function read(path: string): Testimony | null {
  const opened = Witness.open(path);
  opened.witness.close();
  return opened.said;
}

Deno.test("witness: an empty file says nothing", () => withFile((path) => assert.equal(read(path), null)));

Deno.test("witness: the newest of what was written is said, also after a reopening", () =>
  withFile((path) => {
    write(path, said(1), said(2), said(3));
    assert.deepEqual(read(path), said(3));
    write(path, { ...said(4), file: null, epoch: "short" });
    assert.deepEqual(read(path), { ...said(4), file: null, epoch: "short" });
  }));

Deno.test("witness: when the newest is torn, the one before is said; when both are, nothing", () =>
  withFile((path) => {
    write(path, said(1), said(2), said(3));
    const bytes = Deno.readFileSync(path);
    const newest = new TextDecoder().decode(bytes).indexOf('"lastId":3');
    assert.ok(newest > 0);
    bytes.fill(0, newest, newest + 40);
    Deno.writeFileSync(path, bytes);
    assert.deepEqual(read(path), said(2));
    Deno.writeFileSync(path, bytes.fill(0x20));
    assert.equal(read(path), null);
  }));
