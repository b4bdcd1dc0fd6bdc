/** A conversation without a mouse, from the door to the settings; and a screen reader hears what others say. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { allotment } from "../fixtures/allotment.ts";
import { browserProgram, openTab, startShow } from "../fixtures/browser-show.ts";

/** Where the focus is, as one would say it. */
const focused = (page: Page) =>
  page.evaluate(() => {
    const at = document.activeElement;
    if (at === null || at === document.body) return "nowhere";
    if (at.id !== "") return at.id;
    return at.getAttribute("role") ?? at.getAttribute("aria-label") ?? at.tagName.toLowerCase();
  });

/** The focus comes there, soon: it is moved when the page has been drawn. */
async function seesFocus(page: Page, there: string | RegExp): Promise<void> {
  let at = "";
  for (let tries = 0; tries < 40; tries++) {
    at = await focused(page);
    if (typeof there === "string" ? at === there : there.test(at)) return;
    await page.waitForTimeout(25);
  }
  assert.fail(`the focus is at ${at}, and should be at ${there}`);
}

/** As the list of shortcuts writes a key. */
function written(key: string): string {
  return key.split("+").map((part) =>
    ({ Control: "Ctrl", ArrowUp: "↑", ArrowDown: "↓", Escape: "Esc", "": "+" })[part] ?? part
  ).join("+").replace("+++", "+").replace(/^\+\+$/, "+");
}

Deno.test({
  name: "everything by keyboard",
  ignore: "missing" in browserProgram,
  async fn(t) {
    await using show = await startShow(allotment(Date.now(), ["garden"]));
    const { page, misdeeds } = await openTab(show.browser, show.server.url, {});
    page.setDefaultTimeout(10_000);
    await page.goto(`${show.server.url}/#/room/garden`);
    const used = new Set<string>();
    const press = async (...keys: readonly string[]) => {
      for (const key of keys) {
        used.add(written(key));
        await page.keyboard.press(key);
      }
    };
    const type = (text: string) => page.keyboard.type(text);
    const own = page.locator("article.mine");
    /** Tab until the focus is there: there is a way, and it has an end. */
    const tabTo = async (there: string, key = "Tab") => {
      for (let steps = 0; steps < 40; steps++) {
        if (await focused(page) === there) return;
        await page.keyboard.press(key);
      }
      assert.fail(`no way to ${there} by ${key}; it ends at ${await focused(page)}`);
    };
    const toNewestMessage = async () => {
      await tabTo("log", "Shift+Tab");
      await press("End", "ArrowUp");
      await seesFocus(page, /^Mira, /);
    };

    await t.step("in, and say something in two lines", async () => {
      await page.locator("#name").waitFor();
      await seesFocus(page, "name");
      await type("Mira");
      await press("Enter");
      await page.locator(".connection.live").waitFor();
      await seesFocus(page, "composer");
      await type("first line");
      await press("Shift+Enter");
      await type("second line");
      await press("Enter");
      await own.locator(".delivery.stored").waitFor();
      assert.equal(await own.locator(".message-text").innerText(), "first line\nsecond line");
      await seesFocus(page, "composer");
    });

    await t.step("reply, from the message that was reached by arrows", async () => {
      await toNewestMessage();
      await press("ArrowUp", "ArrowDown", "ArrowUp", "r");
      await page.locator(".composer-mode").waitFor();
      await seesFocus(page, "composer");
      await type("tea for me");
      await press("Enter");
      await own.nth(1).locator(".quote").waitFor();
      assert.match(await own.nth(1).locator(".quote").innerText(), /Ines/);
    });

    await t.step("react: with one's choice, and from the row of what can be done", async () => {
      await toNewestMessage();
      await press("+");
      await page.locator(".emoji-grid button").first().waitFor();
      await type("sunflower");
      await press("Enter");
      await own.nth(1).locator(".reaction").waitFor();
      await seesFocus(page, /^Mira, /);
      await press("Enter");
      await press("ArrowRight", "Enter");
      await page.waitForFunction(() => document.querySelectorAll("article.mine .reaction").length === 2);
      await seesFocus(page, /^Mira, /);
      await press("Escape");
      await seesFocus(page, "composer");
    });

    await t.step("edit: the last from the composer, any from its place", async () => {
      await press("ArrowUp");
      await page.locator(".composer-mode").waitFor();
      await type(", please");
      await press("Enter");
      await own.nth(1).getByText("edited").waitFor();
      await toNewestMessage();
      await press("e");
      await page.locator(".composer-mode").waitFor();
      await press("Escape");
      await page.locator(".composer-mode").waitFor({ state: "detached" });
      await seesFocus(page, "composer");
    });

    await t.step("delete, after a second thought", async () => {
      await toNewestMessage();
      for (const last of ["Keep it", "Delete"]) {
        await press("Enter");
        for (let steps = 0; steps < 12 && await focused(page) !== "Delete"; steps++) {
          await press("ArrowRight");
        }
        await press("Enter");
        await seesFocus(page, "button");
        if (last === "Keep it") await page.keyboard.press("Tab");
        await press("Enter");
        await seesFocus(page, /^Mira, /);
      }
      await page.locator(".deleted").last().waitFor();
    });

    await t.step("search, jump, and back", async () => {
      await press("Escape");
      await press("Control+k");
      await page.getByRole("searchbox").waitFor();
      await type("washers");
      await page.locator(".found li").first().waitFor();
      await press("ArrowDown", "ArrowUp", "Enter");
      await page.locator("article.target").waitFor();
      await press("Escape");
      await page.locator(".search").waitFor({ state: "detached" });
      await seesFocus(page, "composer");
      await tabTo("log", "Shift+Tab");
      await press("/");
      await page.getByRole("searchbox").waitFor();
      await press("Escape");
      await seesFocus(page, "log");
      await press("Escape");
      await seesFocus(page, "composer");
    });

    await t.step("another room, and back", async () => {
      await tabTo("find-room", "Shift+Tab");
      await type("greenhouse");
      await press("Enter");
      await page.getByRole("heading", { name: "greenhouse" }).waitFor();
      await page.waitForFunction(() => document.activeElement?.id === "composer");
      await press("Alt+ArrowUp");
      await page.getByRole("heading", { name: "garden" }).waitFor();
      await press("Alt+ArrowDown");
      await page.getByRole("heading", { name: "greenhouse" }).waitFor();
    });

    await t.step("settings, which Escape closes", async () => {
      await tabTo("Settings", "Shift+Tab");
      await press("Enter");
      await tabTo("look");
      await press("ArrowDown");
      await page.keyboard.press("Escape");
      if (await page.locator("#look").isVisible()) await page.keyboard.press("Escape");
      await page.locator("#look").waitFor({ state: "hidden" });
      await seesFocus(page, "Settings");
    });

    await t.step("the list of keys names those that there are", async () => {
      await press("?");
      await page.locator(".shortcuts kbd").first().waitFor();
      const listed = await page.locator(".shortcuts kbd").allInnerTexts();
      await seesFocus(page, "Keyboard shortcuts");
      await press("Escape");
      await seesFocus(page, "Settings");
      for (const key of listed) {
        assert.ok(used.has(key.replace("Ctrl+K", "Ctrl+k")), `${key} is listed, and nothing uses it here`);
      }
      const unlisted = [...used].filter((key) => !listed.includes(key.replace("Ctrl+k", "Ctrl+K")));
      assert.deepEqual(unlisted, ["ArrowRight"], "what every toolbar does needs no place in the list");
    });
    assert.deepEqual(misdeeds, []);
  },
});

Deno.test({
  name: "what others say is announced, what one says oneself and what was said before is not",
  ignore: "missing" in browserProgram,
  async fn() {
    await using show = await startShow(allotment(Date.now(), ["garden"]));
    const { page } = await show.visit({ name: "Mira", room: "garden" });
    const noor = await show.visit({ name: "Noor", room: "garden" });
    const log = page.getByRole("log");
    await log.locator("article").first().waitFor();
    const status = page.locator(".timeline-box [role=status]");
    assert.equal(await status.innerText(), "");
    await page.locator("#composer").fill("mine");
    await page.locator("#composer").press("Enter");
    await page.locator("article.mine .delivery.stored").waitFor();
    assert.equal(await status.innerText(), "");
    await noor.page.locator("#composer").fill("theirs");
    await noor.page.locator("#composer").press("Enter");
    await status.getByText("Noor: theirs").waitFor();
    assert.equal(await status.getAttribute("aria-live"), "polite");
  },
});
