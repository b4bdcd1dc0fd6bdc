import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { gunzipSync } from "node:zlib";
import { pageAnswer, pagePolicy, readPage } from "./page-files.ts";

const script = `console.log("${"x".repeat(2_000)}");`;

async function built() {
  const directory = await Deno.makeTempDir();
  await Deno.mkdir(`${directory}/assets`);
  await Deno.writeTextFile(`${directory}/index.html`, "<!doctype html><title>page</title>");
  await Deno.writeTextFile(`${directory}/assets/main-1a2b.js`, script);
  await Deno.writeTextFile(`${directory}/sw.js`, "// worker");
  await Deno.writeTextFile(`${directory}/notes.tsbuildinfo`, "not for browsers");
  try {
    const page = await readPage(pathToFileURL(directory));
    assert.ok(page !== null);
    return page;
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

const asking = (headers: Record<string, string> = {}, method = "GET") =>
  new Request("http://localhost:4433/", { method, headers });

Deno.test("hashed names are kept for a year, others are asked for anew", async () => {
  const page = await built();
  const index = pageAnswer(page, "/", asking());
  assert.equal(await index?.text(), "<!doctype html><title>page</title>");
  assert.equal(index?.headers.get("content-type"), "text/html; charset=utf-8");
  assert.equal(index?.headers.get("cache-control"), "no-cache");
  const main = pageAnswer(page, "/assets/main-1a2b.js", asking());
  assert.match(main?.headers.get("cache-control") ?? "", /immutable/);
  assert.equal(pageAnswer(page, "/sw.js", asking())?.headers.get("cache-control"), "no-cache");
});

Deno.test("who has it already gets 304, with the policy and no body", async () => {
  const page = await built();
  const etag = pageAnswer(page, "/", asking())?.headers.get("etag") ?? "";
  const again = pageAnswer(page, "/", asking({ "if-none-match": `"other", W/${etag}` }));
  assert.deepEqual([again?.status, await again?.text()], [304, ""]);
  assert.match(again?.headers.get("content-security-policy") ?? "", /default-src 'none'/);
});

Deno.test("gzip for who takes it, the same bytes for who does not", async () => {
  const page = await built();
  const ask = (accepted: string) =>
    pageAnswer(page, "/assets/main-1a2b.js", asking({ "accept-encoding": accepted }));
  const packed = ask("br, gzip;q=0.8");
  assert.equal(packed?.headers.get("content-encoding"), "gzip");
  assert.equal(packed?.headers.get("vary"), "accept-encoding");
  const bytes = new Uint8Array(await packed?.arrayBuffer() ?? new ArrayBuffer(0));
  assert.ok(bytes.length < 200);
  assert.equal(new TextDecoder().decode(gunzipSync(bytes)), script);
  for (const none of ["", "br", "gzip;q=0", "gzip; q=0.00"]) {
    assert.equal(ask(none)?.headers.get("content-encoding"), null, none);
  }
  const head = pageAnswer(page, "/assets/main-1a2b.js", asking({}, "HEAD"));
  assert.deepEqual([head?.headers.get("content-length"), await head?.text()], [String(script.length), ""]);
});

Deno.test("only what the build made for browsers is there, whatever the path tries", async () => {
  const page = await built();
  for (
    const path of [
      "/index.html",
      "/notes.tsbuildinfo",
      "/assets/../sw.js",
      "/assets/",
      "/%2e%2e/sw.js",
      "/constructor",
    ]
  ) {
    assert.equal(pageAnswer(page, path, asking()), null, path);
  }
});

Deno.test("no page: no directory, or none with an index", async () => {
  const directory = await Deno.makeTempDir();
  assert.equal(await readPage(pathToFileURL(`${directory}/missing`)), null);
  assert.equal(await readPage(pathToFileURL(directory)), null);
  await Deno.remove(directory);
});

Deno.test("the policy lets the page talk to the hosts that are named, and nothing inline run", () => {
  const policy = pagePolicy(["https://127.0.0.1:4433"]);
  assert.match(policy, /connect-src 'self' https:\/\/127\.0\.0\.1:4433;/);
  assert.match(policy, /require-trusted-types-for 'script'/);
  assert.doesNotMatch(policy, /unsafe|\*/);
});
