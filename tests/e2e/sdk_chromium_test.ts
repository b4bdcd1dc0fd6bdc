/** The SDK in a real browser: WebTransport, an outbox in IndexedDB, two tabs, and a server that goes away. */
import assert from "node:assert/strict";
import { chromium, type Page } from "playwright-core";
import type * as Sdk from "../../src/client/mod.ts";
import { bundle, scriptPage } from "../fixtures/script-page.ts";
import { installedChromium } from "../interop/foreign-programs.ts";
import { startServer } from "./running-server.ts";

const browserProgram = await installedChromium();

interface Opened {
  client: Sdk.Client;
  room: Sdk.Room;
  sdk: typeof Sdk;
}

declare global {
  // What a page's scripts leave for the next.
  var opened: Opened;
}

async function open(page: Page, url: string, origin: string, name: string): Promise<void> {
  await page.evaluate(async ([url, origin, name]) => {
    const sdk: typeof Sdk = await import(`${location.origin}/mod.js`);
    const store = new sdk.IndexedDbStore("quicchat-outbox test");
    const address = sdk.addressOf(url ?? "");
    // The page's own server stands in for the chat's: it has the same discovery.
    const dial: Sdk.Dial = (attempt) => sdk.browserDial({ ...address, origin: origin ?? "" })(attempt);
    const client = sdk.connect(url ?? "", { name: name ?? "", store, dial });
    globalThis.opened = { client, room: client.room("lobby", { after: 0 }), sdk };
    globalThis.opened.room.timeline;
  }, [url, origin, name]);
}

Deno.test({
  name: "the SDK in Chromium",
  ignore: "missing" in browserProgram,
  async fn(t) {
    assert("program" in browserProgram);
    const directory = await Deno.makeTempDir({ prefix: "quicchat-sdk-" });
    await bundle(new URL("../../src/client/mod.ts", import.meta.url), directory);
    await using server = await startServer();
    const asked: string[] = [];
    await using web = scriptPage(directory, () => server.url, asked);
    await using browser = await chromium.launch({
      executablePath: browserProgram.program,
      headless: true,
      args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"],
    });
    const context = await browser.newContext();
    const origin = `http://127.0.0.1:${web.addr.port}`;
    const tab = async (name: string) => {
      const page = await context.newPage();
      await page.goto(`${origin}/`);
      await open(page, server.url, origin, name);
      return page;
    };
    const [ada, bea] = [await tab("Ada"), await tab("Bea")];
    const devices = (page: Page) =>
      page.evaluate(async () => {
        const db = await new Promise<IDBDatabase>((resolve, reject) => {
          const request = indexedDB.open("quicchat-outbox test");
          request.onsuccess = () => resolve(request.result);
          request.onerror = () => reject(request.error);
        });
        const read = (table: string) =>
          new Promise<unknown[]>((resolve) => {
            const request = db.transaction(table).objectStore(table).getAll();
            request.onsuccess = () => resolve(request.result);
          });
        return { devices: (await read("devices")).length, entries: (await read("entries")).length };
      });

    await t.step("WebTransport, receipts, timelines, typing by datagram", async () => {
      const receipt = await ada.evaluate(() => opened.room.send("from Ada"));
      assert.equal(receipt.offset, 1);
      await bea.evaluate(() => opened.room.send("from Bea"));
      const status = await ada.evaluate(() => opened.client.status.current);
      assert.equal(status.state === "live" ? status.kind : status.state, "webtransport");
      await ada.waitForFunction(() => opened.room.timeline.current.messages.length === 2);
      await bea.evaluate(() => opened.room.setTyping(true));
      await ada.waitForFunction(() => opened.room.typing.current.some(({ name }) => name === "Bea"));
      assert.ok(!asked.some((path) => path.includes("deno")), "pages don't load Deno's part");
    });

    await t.step("two tabs have a device each, and leave nothing behind", async () => {
      assert.deepEqual(await devices(ada), { devices: 2, entries: 0 });
    });

    await t.step("a message that was said while the server was away survives its tab", async () => {
      await server.kill9();
      await ada.evaluate(() => void opened.room.send("said offline"));
      await ada.waitForFunction(() => opened.client.outbox.items.current.length === 1);
      await ada.close();
      assert.equal((await devices(bea)).entries, 1);
      await server.restart();
      const again = await tab("Ada");
      await again.waitForFunction(() =>
        opened.room.timeline.current.messages.some(({ text }) => text === "said offline")
      );
      assert.deepEqual(await devices(bea), { devices: 2, entries: 0 });
      await bea.waitForFunction(() => opened.room.timeline.current.messages.length === 3, undefined, {
        timeout: 60_000,
      });
    });
    await Deno.remove(directory, { recursive: true });
  },
});
