/** A resumed TLS session is called authorized though nobody checked a certificate: a client that reconnects to a
 * server with a self-signed one took it for one that the system's roots vouch for, and was refused by the connection
 * that then relied on them, for as long as there were tickets. */
import assert from "node:assert/strict";
import { connect } from "../../src/client/mod.ts";
import { addressOf } from "../../src/client/dial/address.ts";
import { denoDial } from "../../src/client/dial/dial-deno.ts";
import { fetchLeaf } from "../../src/client/dial/server-leaf.ts";
import { startServer } from "./running-server.ts";

const ROUNDS = 8;
/** The tickets of a session come after its handshake. */
const TICKETS_MS = 50;

Deno.test("a self-signed certificate is vouched for by nobody, however often one asks", async () => {
  await using server = await startServer();
  for (let round = 0; round < ROUNDS; round++) {
    const leaf = await fetchLeaf("127.0.0.1", server.port, new AbortController().signal);
    assert.equal(leaf.vouched, false, `round ${round}`);
    await new Promise((resolve) => setTimeout(resolve, TICKETS_MS));
  }
  const url = `quic://127.0.0.1:${server.port}`;
  const statuses: string[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const client = connect(url, {
      name: "Ada",
      dial: denoDial(addressOf(url)),
      onStatus: ({ state }) => void statuses.push(state),
    });
    await client.live();
    await client.close();
  }
  assert.ok(!statuses.includes("reconnecting"), `every dial was the first that worked: ${statuses.join()}`);
});
