/** A member can name any relay as its own: iroh would connect to it, and so tell its owner where this peer is. */
import assert from "node:assert/strict";
import { irohLibrary } from "../../bin/iroh.mjs";
import { openEndpoint } from "../../src/peer/iroh.ts";
import { ROOT } from "../fixtures/hosts.ts";
import { whyNoPeers } from "../fixtures/rogue.ts";

const whyNot = whyNoPeers();
if (whyNot !== null) console.log(`skipped: relays that nobody asked for: ${whyNot}`);

/** Says when somebody came. */
function listen() {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  let callers = 0;
  (async () => {
    for await (const caller of listener) {
      callers++;
      caller.close();
    }
  })();
  return {
    url: `http://127.0.0.1:${listener.addr.port}/`,
    callers: () => callers,
    [Symbol.dispose]: () => listener.close(),
  };
}

Deno.test("peers: of all relays only one's own is asked, whatever an address names", {
  ignore: whyNot !== null,
}, async () => {
  using own = listen();
  using named = listen();
  const nothing = () => {};
  const endpoint = await openEndpoint({
    library: irohLibrary(ROOT) ?? "",
    seed: new Uint8Array(32).fill(7),
    relay: own.url,
    port: 0,
    onConnection: nothing,
    onTrouble: nothing,
  });
  assert.equal(endpoint.address().relay, own.url, "it is in the ticket before it was reached");
  const id = "8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c";
  // It never comes to an end by itself here.
  endpoint.dial({ id, addresses: ["127.0.0.1:9"], relay: named.url }).catch(nothing);
  const untilMs = performance.now() + 10_000;
  while (own.callers() === 0 && performance.now() < untilMs) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  await endpoint.close();
  assert.ok(own.callers() > 0, "its own is");
  assert.equal(named.callers(), 0);
});
