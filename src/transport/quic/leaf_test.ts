import assert from "node:assert/strict";
import { canonicalIpv6, ipBytesOf, keyHashOf, leafDerOfPem, LeafFailure, leafOf } from "./leaf.ts";

// Made with `openssl req -x509 -newkey ec … -days 3650`, so that the reader is tested on another's writing.
const byOpenssl = `-----BEGIN CERTIFICATE-----
MIIB4DCCAYagAwIBAgIUct2jhOXhgp1zrldqVZse5hWgM2UwCgYIKoZIzj0EAwIw
JTENMAsGA1UECgwEVGVzdDEUMBIGA1UEAwwLZXhhbXBsZS5vcmcwHhcNMjYxMTIy
MjMzOTI4WhcNMzYxMTE5MjMzOTI4WjAlMQ0wCwYDVQQKDARUZXN0MRQwEgYDVQQD
DAtleGFtcGxlLm9yZzBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABAzstQ0fMoUM
jPu8W4vBmM0RCStZiPbMuLiybalwrvzF1IId/7nYeN4snU/f9hYrwxrQ86v1S5Sp
p4Y/fdiHoLOjgZMwgZAwHQYDVR0OBBYEFAz6JAPlHmrMAw68UjXu/kutp4P4MB8G
A1UdIwQYMBaAFAz6JAPlHmrMAw68UjXu/kutp4P4MA8GA1UdEwEB/wQFMAMBAf8w
PQYDVR0RBDYwNIILZXhhbXBsZS5vcmeCDSouZXhhbXBsZS5vcmeHBAoBAgOHECAB
DbgAAAAAAAAAAAAAAAUwCgYIKoZIzj0EAwIDSAAwRQIhANFBGayFslYV2n2xJpFw
54Gi+Wvm9ExSzHi1i0gcfkVAAiB2nPYX7BHrwXuq+Z60Ux0NhK4zyZORsWYh3Wvq
NC2Ohw==
-----END CERTIFICATE-----
`;

Deno.test("a certificate that openssl made", () => {
  const leaf = leafOf(leafDerOfPem(byOpenssl));
  assert.deepEqual(leaf.names, ["example.org", "*.example.org", "10.1.2.3", "2001:db8::5"]);
  assert.equal(new Date(leaf.notBeforeMs).toISOString(), "2026-11-22T23:39:28.000Z");
  assert.equal(new Date(leaf.notAfterMs).toISOString(), "2036-11-19T23:39:28.000Z");
  assert.equal(keyHashOf(leaf.spki), "F-ZKevVT_7xvGalMVdT10a9KRYbrZB-ePWaT2pQMQ84");
});

Deno.test("the first certificate of a chain is the leaf", () => {
  const chain = `Bag Attributes\n${byOpenssl}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`;
  assert.deepEqual(leafDerOfPem(chain), leafDerOfPem(byOpenssl));
});

Deno.test("every cut and many damages end in a LeafFailure, never in anything else", () => {
  const der = leafDerOfPem(byOpenssl);
  for (let end = 0; end < der.length; end++) assert.throws(() => leafOf(der.subarray(0, end)), LeafFailure);
  for (let at = 0; at < der.length; at++) {
    for (const value of [0x00, 0x30, 0x80, 0x84, 0xff]) {
      const damaged = der.slice();
      damaged[at] = value;
      try {
        leafOf(damaged);
      } catch (error) {
        assert.ok(error instanceof LeafFailure, `byte ${at}: ${error}`);
      }
    }
  }
  assert.throws(() => leafDerOfPem("nothing"), LeafFailure);
  assert.throws(() => leafDerOfPem("-----BEGIN CERTIFICATE-----\nA\n-----END CERTIFICATE-----"), LeafFailure);
});

Deno.test("addresses become bytes, names don't", () => {
  assert.deepEqual(ipBytesOf("127.0.0.1"), Uint8Array.of(127, 0, 0, 1));
  assert.deepEqual(ipBytesOf("::1"), Uint8Array.of(...new Array<number>(15).fill(0), 1));
  assert.deepEqual(
    ipBytesOf("fe80::1:2"),
    Uint8Array.of(0xfe, 0x80, ...new Array<number>(11).fill(0), 1, 0, 2),
  );
  assert.deepEqual(
    ipBytesOf("1:2:3:4:5:6:7:8"),
    Uint8Array.of(0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8),
  );
  for (const name of ["localhost", "256.1.1.1", "1.2.3", "::1::", "a:b", ""]) {
    assert.equal(ipBytesOf(name), null);
  }
  assert.equal(canonicalIpv6("2001:DB8:0:0:0:0:0:5"), "2001:db8::5");
});
