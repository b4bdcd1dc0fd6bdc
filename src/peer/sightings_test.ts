import assert from "node:assert/strict";
import { Sightings } from "./sightings.ts";

function sightings() {
  const taken = new Set<string>();
  return {
    taken: () => [...taken],
    of: new Sightings({
      endpoint: {
        address: () => ({ id: "", addresses: ["192.168.1.2:5000"] }),
        seenAt: (address) => Promise.resolve(void taken.add(address)),
        notSeenAt: (address) => Promise.resolve(void taken.delete(address)),
      },
      note: () => {},
    }),
  };
}

Deno.test("sightings: an address holds as long as one member sees this peer there", () => {
  const { of, taken } = sightings();
  of.told("ann", "203.0.113.1:5000");
  of.told("bob", "203.0.113.1:5000");
  of.told("bob", undefined);
  of.left("ann");
  assert.deepEqual(taken(), ["203.0.113.1:5000"]);
  of.told("bob", "203.0.113.1:6000");
  assert.deepEqual(taken(), ["203.0.113.1:6000"]);
  of.left("bob");
  assert.deepEqual(taken(), []);
});

Deno.test("sightings: what this peer knows itself, what leads nowhere, and more than a few, are not taken", () => {
  const { of, taken } = sightings();
  const wrong = [
    "192.168.1.2:5000",
    "127.0.0.1:5000",
    "0.0.0.0:1",
    "224.0.0.251:5353",
    "10.0.0.256:1",
    "10.0.0.1:0",
  ];
  for (
    const at of [...wrong, "10.0.0.1:65536", "[::1]:5", "[fe80::1]:5", "[ff02::1]:5", "[:::]:5", "name:5", ""]
  ) {
    of.told("ann", at);
  }
  assert.deepEqual(taken(), []);
  of.told("ann", "[2001:db8::1]:5000");
  for (let port = 1; port <= 9; port++) of.told(`member ${port}`, `203.0.113.1:${port}`);
  assert.equal(taken().length, 4);
});
