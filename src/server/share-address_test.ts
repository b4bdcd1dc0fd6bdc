import assert from "node:assert/strict";
import {
  addressesToShare,
  hostInUrl,
  isLoopback,
  namesToCertify,
  type NetworkInterface,
} from "./share-address.ts";

const interfaces: NetworkInterface[] = [
  { name: "lo", family: "IPv4", address: "127.0.0.1" },
  { name: "docker0", family: "IPv4", address: "172.17.0.1" },
  { name: "eth1", family: "IPv4", address: "203.0.113.9" },
  { name: "usb0", family: "IPv4", address: "169.254.3.4" },
  { name: "tun0", family: "IPv4", address: "10.8.0.2" },
  { name: "wlan0", family: "IPv4", address: "192.168.7.20" },
  { name: "lo", family: "IPv6", address: "::1" },
  { name: "wlan0", family: "IPv6", address: "fe80::1" },
  { name: "wlan0", family: "IPv6", address: "2001:db8::5" },
  { name: "wlan0", family: "IPv6", address: "fd00::5" },
];

Deno.test("every interface: the local network's address comes first, containers' and link-local ones never", () => {
  assert.deepEqual(addressesToShare("0.0.0.0", interfaces), ["192.168.7.20", "10.8.0.2", "203.0.113.9"]);
  assert.deepEqual(addressesToShare("::", interfaces).slice(3), ["fd00::5", "2001:db8::5"]);
  assert.deepEqual(addressesToShare("0.0.0.0", interfaces.slice(0, 2)), []);
});

Deno.test("a host that was named is shared as it is, loopback not at all", () => {
  assert.deepEqual(addressesToShare("10.8.0.2", interfaces), ["10.8.0.2"]);
  assert.deepEqual(addressesToShare("chat.example.org", interfaces), ["chat.example.org"]);
  assert.deepEqual(addressesToShare("127.0.0.1", interfaces), []);
});

Deno.test("certificates name loopback, and what is shared", () => {
  assert.deepEqual(namesToCertify("127.0.0.1", interfaces), ["localhost", "127.0.0.1", "::1"]);
  assert.deepEqual(namesToCertify("chat.example.org", interfaces).slice(3), ["chat.example.org"]);
  assert.deepEqual(namesToCertify("0.0.0.0", interfaces).slice(3), [
    "192.168.7.20",
    "10.8.0.2",
    "203.0.113.9",
  ]);
});

Deno.test("loopback in all its spellings", () => {
  for (
    const host of [
      "localhost",
      "LOCALHOST",
      "a.localhost",
      "127.0.0.1",
      "127.9.9.9",
      "::1",
      "::ffff:127.0.0.1",
    ]
  ) {
    assert.ok(isLoopback(host), host);
  }
  for (
    const host of [
      "0.0.0.0",
      "::",
      "10.0.0.1",
      "localhost.example.org",
      "notlocalhost",
      "::2",
      "1::1",
      "::ffff:10.0.0.1",
      "",
    ]
  ) assert.ok(!isLoopback(host), host);
});

Deno.test("IPv6 stands in brackets in a URL", () => {
  assert.equal(hostInUrl("2001:db8::5"), "[2001:db8::5]");
  assert.equal(hostInUrl("10.0.0.1"), "10.0.0.1");
});
