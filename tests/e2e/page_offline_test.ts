/** The page without its server: it opens, shows what it had, and what is written is sent once. */
import assert from "node:assert/strict";
import { connect } from "../../src/client/mod.ts";
import { browserProgram, newContext, openBrowser, Person } from "./people-at-the-page.ts";
import { startServer } from "./running-server.ts";

Deno.test({
  name: "the page offline",
  ignore: "missing" in browserProgram,
  async fn(t) {
    await using server = await startServer();
    await using browser = await openBrowser();
    const context = await newContext(browser);
    let ann = await Person.in(context, server.url, "Ann");
    const written = [1, 2, 3, 4, 5].map((n) => `written offline ${n}`);

    await t.step("five messages are written while there is no server, and the tab is closed", async () => {
      await ann.say("before");
      await ann.isStored("before");
      // The page itself is kept by then.
      await ann.page.waitForFunction(() => navigator.serviceWorker.controller !== null);
      await server.kill9();
      for (const text of written) await ann.say(text);
      await ann.message(written[4] ?? "").waitFor();
      ann.assertUntroubled();
      await ann.page.close();
    });

    await t.step("without a server the page opens, with what was seen and what waits", async () => {
      ann = await Person.at(context, `${server.url}/#/room/lobby`);
      await ann.sees(written[4] ?? "");
      assert.deepEqual(await ann.texts(), ["before", ...written]);
      for (const text of written) await ann.message(text).locator(".delivery.queued").waitFor();
      await ann.page.locator("a.room-link .badge[title='5 not sent yet']").waitFor();
      await ann.isConnected(/Reconnecting/);
    });

    await t.step("the server comes back: all are stored, once, in order", async () => {
      await server.restart();
      await ann.isConnected();
      for (const text of written) await ann.isStored(text);
      const reader = connect(server.url, { name: "Reader" });
      const { events } = await reader.room("lobby").history({ after: 0 });
      assert.deepEqual(events.map((event) => event.type === "CHAT_MESSAGE" && event.text), [
        "before",
        ...written,
      ]);
      await reader.close();
      await ann.page.locator("a.room-link .badge").waitFor({ state: "detached" });
      assert.deepEqual(await ann.texts(), ["before", ...written]);
    });
    ann.assertUntroubled();
  },
});
