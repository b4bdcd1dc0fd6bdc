/** Rooms at the page: made, joined and left; what is unread, drafted, announced. */
import assert from "node:assert/strict";
import { browserProgram, newContext, openBrowser, Person } from "./people-at-the-page.ts";
import { startServer } from "./running-server.ts";

/** What is in sight counts as read at once, not with the next thing that happens. */
const READ_MS = 5_000;

declare global {
  // What the page had announced by the system.
  var announced: { title: string; body: string | undefined }[];
}

Deno.test({
  name: "rooms at the page",
  ignore: "missing" in browserProgram,
  async fn(t) {
    await using server = await startServer();
    await using browser = await openBrowser();
    const ann = await Person.in(browser, server.url, "Ann");
    const bobs = await newContext(browser);
    await bobs.grantPermissions(["notifications"]);
    await bobs.addInitScript(() => {
      globalThis.announced = [];
      ServiceWorkerRegistration.prototype.showNotification = (title, options) => {
        globalThis.announced.push({ title, body: options?.body });
        return Promise.resolve();
      };
    });
    const bob = await Person.in(bobs, server.url, "Bob");
    const link = (who: Person, room: string) => who.page.locator("a.room-link", { hasText: room });

    await t.step("one makes a room, the other finds it on the list", async () => {
      await ann.join("garden");
      await ann.say("welcome to the garden");
      await ann.isStored("welcome to the garden");
      await bob.page.locator("#find-room").focus();
      await bob.page.locator(".other-rooms button", { hasText: "garden" }).click();
      await bob.sees("welcome to the garden");
    });

    await t.step("a topic is set by one and read by both", async () => {
      await ann.page.getByRole("button", { name: "Set a topic" }).click();
      await ann.page.keyboard.type("roses and weeds");
      await ann.page.keyboard.press("Enter");
      for (const one of [ann, bob]) {
        await one.page.locator("button.topic", { hasText: "roses and weeds" }).waitFor();
        await one.page.getByText("Ann set the topic: roses and weeds").waitFor();
      }
    });

    await t.step(
      "unread and mentions are counted, in the list and in the title, until they are read",
      async () => {
        await bob.goTo("lobby");
        await ann.say("one");
        await ann.say("two");
        await link(bob, "garden").locator(".badge.count", { hasText: "2" }).waitFor();
        await bob.page.waitForFunction(() => document.title.startsWith("(2) "));
        await ann.say("are you there, @Bob?");
        await link(bob, "garden").locator(".badge.mention", { hasText: "@1" }).waitFor();
        await bob.page.waitForFunction(() => document.title.startsWith("(@1) "));
        await bob.goTo("garden");
        await bob.page.locator(".new-line").waitFor();
        const rows = await bob.page.locator(".new-line, article.message .message-text").allInnerTexts();
        assert.deepEqual(rows.map((row) => row.trim()), [
          "welcome to the garden",
          "New since you left",
          "one",
          "two",
          "are you there, @Bob?",
        ]);
        await link(bob, "garden").locator(".badge").waitFor({ state: "detached", timeout: READ_MS });
        assert.equal(await bob.page.title(), "garden · QUICChat");
        await bob.goTo("lobby");
        await bob.goTo("garden");
        await bob.page.locator(".new-line").waitFor({ state: "detached" });
      },
    );

    await t.step("what was read stays read in the next tab", async () => {
      await bob.page.reload();
      await bob.sees("are you there, @Bob?");
      assert.equal(await bob.page.locator(".new-line, .badge").count(), 0);
    });

    await t.step("a draft waits in its room, also through a reload", async () => {
      await bob.composer.fill("half a thought");
      await bob.goTo("lobby");
      assert.equal(await bob.composer.inputValue(), "");
      await link(bob, "garden").locator(".badge[title=Draft]").waitFor();
      await bob.page.reload();
      await bob.goTo("garden");
      assert.equal(await bob.composer.inputValue(), "half a thought");
      await bob.composer.press("Enter");
      await ann.sees("half a thought");
      assert.equal(await bob.composer.inputValue(), "");
    });

    await t.step("names, rooms and emoji are completed", async () => {
      await bob.composer.pressSequentially("@Ann");
      await bob.page.locator("#completions").waitFor();
      await bob.composer.press("Enter");
      await ann.sees("@Ann");
      const cases = [["hello @An", "Enter", "hello @Ann "], ["see #gar", "Tab", "see #garden "], [
        ":tada",
        "Enter",
        "🎉 ",
      ]];
      for (const [typed = "", key = "", wanted] of cases) {
        await bob.composer.fill("");
        await bob.page.keyboard.type(typed);
        await bob.page.locator("#completions").waitFor();
        await bob.composer.press(key);
        assert.equal(await bob.composer.inputValue(), wanted);
      }
      await bob.composer.fill("");
    });

    await t.step("Shift+Enter begins a line, arrow-up edits the last, Escape leaves it", async () => {
      await bob.composer.pressSequentially("first line");
      await bob.composer.press("Shift+Enter");
      await bob.composer.pressSequentially("second line");
      await bob.composer.press("Enter");
      await ann.sees("first line\nsecond line");
      await bob.message("first line\nsecond line").locator(".delivery.stored").waitFor();
      await bob.composer.press("ArrowUp");
      assert.equal(await bob.composer.inputValue(), "first line\nsecond line");
      await bob.composer.press("Escape");
      assert.equal(await bob.composer.inputValue(), "");
    });

    await t.step("what happens elsewhere is announced, as the room's setting says", async () => {
      await bob.page.getByRole("button", { name: "Settings" }).click();
      await bob.page.getByLabel("Notifications").check();
      await bob.page.keyboard.press("Escape");
      await bob.goTo("lobby");
      await ann.say("an announcement");
      await bob.page.waitForFunction(() => globalThis.announced.length === 1);
      assert.deepEqual(await bob.page.evaluate(() => globalThis.announced), [
        { title: "Ann in garden", body: "an announcement" },
      ]);
      await bob.page.getByRole("button", { name: "What to do with garden" }).click();
      await bob.page.getByLabel("Of mentions").check();
      await bob.page.keyboard.press("Escape");
      await ann.say("not for everybody");
      await ann.say("for @Bob");
      await bob.page.waitForFunction(() => globalThis.announced.length === 2);
      assert.deepEqual((await bob.page.evaluate(() => globalThis.announced)).at(-1), {
        title: "Ann mentioned you in garden",
        body: "for @Bob",
      });
    });

    await t.step("who leaves a room is out of it, also in the next tab", async () => {
      await bob.page.getByRole("button", { name: "What to do with garden" }).click();
      await bob.page.getByRole("button", { name: "Leave this room" }).click();
      await link(bob, "garden").waitFor({ state: "detached" });
      await ann.page.getByRole("button", { name: "Here now: 1 person" }).waitFor();
      await bob.page.reload();
      await bob.isConnected();
      assert.deepEqual(await bob.page.locator("a.room-link .room-name").allInnerTexts(), ["lobby"]);
    });
    ann.assertUntroubled();
    bob.assertUntroubled();
  },
});
