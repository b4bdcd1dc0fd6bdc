import assert from "node:assert/strict";
import { hostOf, isHost, isOurHost, isOurOrigin, pathOf } from "./origin.ts";

const local = { loopbackOnly: true };
const shared = { loopbackOnly: false };

Deno.test("a server on loopback answers to loopback's names only", () => {
  for (
    const host of [
      "localhost",
      "localhost:4433",
      "127.0.0.1:4433",
      "[::1]:4433",
      "a.localhost:1",
      "127.1.2.3",
    ]
  ) {
    assert.ok(isOurHost(host, local), host);
  }
  for (
    const host of [
      "evil.example",
      "evil.example:4433",
      "127.0.0.1.evil.example",
      "localhost.evil.example",
      "10.0.0.1",
      null,
    ]
  ) {
    assert.ok(!isOurHost(host, local), String(host));
  }
  assert.ok(isOurHost("chat.example.org", { loopbackOnly: true, hostNames: ["Chat.example.org"] }));
  assert.ok(isOurHost("whatever.example:9", shared));
  assert.ok(!isOurHost(null, shared));
});

Deno.test("a WebSocket is for our own page and for those that are no page", () => {
  const host = "192.168.7.20:4433";
  assert.ok(isOurOrigin(null, host, true, shared));
  assert.ok(isOurOrigin("https://192.168.7.20:4433", host, true, shared));
  assert.ok(isOurOrigin("http://localhost:4433", "localhost:4433", false, local));
  assert.ok(isOurOrigin("https://chat.example.org", "chat.example.org", false, local)); // a proxy ends TLS
  assert.ok(isOurOrigin("https://chat.example.org", "chat.example.org:443", true, shared));
  const foreign = [
    "https://evil.example",
    "https://192.168.7.20",
    "https://192.168.7.20:4434",
    "http://192.168.7.20:4433", // anybody on the network could have made that page
    "https://192.168.7.20:4433.evil.example",
    "https://192.168.7.20:4433/",
    "https://evil.example@192.168.7.20:4433",
    "null",
    "",
    "file://",
    "chrome-extension://abcdef",
  ];
  for (const origin of foreign) assert.ok(!isOurOrigin(origin, host, true, shared), origin);
  assert.ok(!isOurOrigin("https://a", null, true, shared));
  assert.ok(!isOurOrigin("https://a:99999", "a:99999", true, shared));
  assert.ok(
    isOurOrigin("https://app.example", host, true, { loopbackOnly: false, origins: ["https://app.example"] }),
  );
});

Deno.test("hosts", () => {
  for (const host of ["a", "a.b-c_d:1", "[::1]:4433", "10.0.0.1"]) assert.ok(isHost(host), host);
  for (const host of ["", "a b", "a/b", "a:", "a:b", "u@h", "[::1", "a\r\nb", "a:123456", "é"]) {
    assert.ok(!isHost(host), host);
  }
  assert.equal(hostOf(new Request("https://H2.example:4433/x")), "h2.example:4433");
});

Deno.test("a path is what follows the host, whatever the client made of it", () => {
  assert.equal(pathOf("https://h:1/a/b?c=d#e"), "/a/b?c=d");
  assert.equal(pathOf("http://a b/c//evil/../abs"), "/c//evil/../abs");
  assert.equal(pathOf("http://h"), "/");
  assert.equal(pathOf("http://h?x"), "/?x");
});
