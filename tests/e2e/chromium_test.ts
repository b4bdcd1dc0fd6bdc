/** A real browser against our server: WebTransport, with a self-signed certificate known by its hash. */
import assert from "node:assert/strict";
import { chromium, type Page } from "playwright-core";
import { BrowserPeer } from "../interop/browser-peer.ts";
import { installedChromium } from "../interop/foreign-programs.ts";
import { startServer } from "./running-server.ts";

const browserProgram = await installedChromium();

/** As little as possible besides the test: no look-ups of the vendor's hosts, which a closed network would
 * let wait. QUIC stays on, WebTransport is made of it. */
const browserArgs = [
  "--no-sandbox",
  "--disable-gpu",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Loopback over plain HTTP is a secure context, which WebTransport wants. */
function blankPage(): Deno.HttpServer<Deno.NetAddr> {
  return Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response("<!doctype html><title>chat</title>", { headers: { "content-type": "text/html" } }),
  );
}

async function certificateHashes(serverUrl: string): Promise<string[]> {
  const response = await fetch(`${serverUrl}/.well-known/quicchat`);
  assert.equal(response.status, 200);
  const { certificateHashes } = await response.json();
  assert(Array.isArray(certificateHashes) && certificateHashes.length > 0, "hashes for browsers");
  return certificateHashes.map(({ algorithm, value }) => {
    assert.equal(algorithm, "sha-256");
    assert.match(value, /^[0-9a-f]{64}$/);
    return value;
  });
}

Deno.test({
  name: "Chromium chats over WebTransport",
  ignore: "missing" in browserProgram,
  async fn(t) {
    assert("program" in browserProgram);
    await using server = await startServer();
    await using web = blankPage();
    await using browser = await chromium.launch({
      executablePath: browserProgram.program,
      headless: true,
      args: browserArgs,
    });
    const target = {
      url: `https://127.0.0.1:${server.port}/quicchat/1`,
      hashes: await certificateHashes(server.url),
    };
    async function newPage(): Promise<Page> {
      const context = await browser.newContext();
      const page = await context.newPage();
      await page.goto(`http://127.0.0.1:${web.addr.port}/`);
      return page;
    }
    const adasPage = await newPage();
    const bobsPage = await newPage();
    const ada = await BrowserPeer.open(adasPage, target);
    const bob = await BrowserPeer.open(bobsPage, target);

    await t.step("two pages join a room", async () => {
      await ada.hello("ada", { rooms: [] });
      await bob.hello("bob", { rooms: [] });
      for (const [peer, seq] of [[ada, 1], [bob, 2]] as const) {
        await peer.pdu("CHAT_WELCOME", { seq: 1 });
        await peer.say({ type: "CHAT_JOIN", seq, room: "garden" });
        await peer.pdu("CHAT_JOINED", { room: "garden", ack: seq, result: "complete" });
      }
      await ada.pdu("CHAT_PRESENCE", { room: "garden", count: 2 });
    });

    await t.step("messages pass with receipts, to the sender as well", async () => {
      await ada.message("hello from a page 👋", { room: "garden" });
      const receipt = await ada.pdu("CHAT_RECEIPT", { ack: 1 });
      for (const peer of [ada, bob]) {
        const heard = await peer.pdu("CHAT_MESSAGE", { sender: "ada", text: "hello from a page 👋" });
        assert.equal(heard.room, "garden");
        assert.equal(heard.offset, receipt.offset);
      }
      await bob.message("hello, ada", { room: "garden" });
      await ada.pdu("CHAT_MESSAGE", { sender: "bob", text: "hello, ada" });
    });

    await t.step("typing goes by datagram, there and back", async () => {
      // A datagram may be lost, so it is renewed, as a client does anyway.
      for (let renewal = 1;; renewal++) {
        await ada.datagram(
          JSON.stringify({ type: "CHAT_TYPING", seq: 0, ts: 1, room: "garden", status: true }),
        );
        try {
          const typing = await bob.pdu("CHAT_TYPING", { who: "ada", status: true }, "datagram", 3000);
          assert.equal(typing.room, "garden");
          return;
        } catch (error) {
          if (renewal === 5) throw error;
        }
      }
    });

    await t.step("a burst of 200 messages arrives in order", async () => {
      for (let n = 1; n <= 200; n++) await bob.message(`n ${n}`, { room: "garden" });
      await ada.pdu("CHAT_MESSAGE", { sender: "bob", text: "n 200" });
      const texts = (await ada.seen("CHAT_MESSAGE")).map(({ text }) => text)
        .filter((text) => String(text).startsWith("n "));
      assert.deepEqual(texts, Array.from({ length: 200 }, (_, at) => `n ${at + 1}`));
    });

    await t.step("a page that comes later catches up from the first message", async () => {
      const late = await BrowserPeer.open(bobsPage, target);
      await late.hello("cy", { rooms: [{ room: "garden", offset: 0 }] });
      const { head } = await late.pdu("CHAT_JOINED", { room: "garden", after: 0 });
      assert.equal(head, 202);
      await late.pdu("CHAT_MESSAGE", { offset: head });
      const offsets = (await late.seen("CHAT_MESSAGE")).map(({ offset }) => offset);
      assert.deepEqual(offsets, Array.from({ length: 202 }, (_, at) => at + 1));
      await late.say({ type: "CHAT_BYE", seq: 0 });
      await late.ended();
    });

    await t.step("a wrong hash is refused by the browser", async () => {
      const wrong = { ...target, hashes: ["00".repeat(32)] };
      await assert.rejects(BrowserPeer.open(bobsPage, wrong), /WebTransportError|handshake/i);
    });

    await t.step("bad order gets an error, then the session ends", async () => {
      const eve = await BrowserPeer.open(bobsPage, target);
      await eve.message("before any hello");
      await eve.pdu("CHAT_ERROR", { failure: "bad-order", code: 400 });
      await eve.ended();
    });

    // Each of these ended an unguarded process of this runtime.
    await t.step("empty datagrams, wt.close() and a page that goes leave the server as it was", async () => {
      const eve = await BrowserPeer.open(bobsPage, target);
      await eve.hello("eve");
      await eve.pdu("CHAT_WELCOME");
      await eve.datagram("");
      await eve.datagram("not a PDU");
      await eve.say({ type: "CHAT_PING", seq: 5 });
      await eve.pdu("CHAT_PONG", { ack: 5 });
      await eve.close();
      await bobsPage.close();
      await ada.message("still there?", { room: "garden" });
      await ada.pdu("CHAT_RECEIPT", { ack: 2 });
      const cy = await BrowserPeer.open(await newPage(), target);
      await cy.hello("cy", { rooms: [{ room: "garden", last: 1 }] });
      await cy.pdu("CHAT_MESSAGE", { text: "still there?" });
    });
  },
});
