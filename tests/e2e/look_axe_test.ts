/** No violation of WCAG 2.2 AA in any view, light and dark, on a phone and at a desk. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { violationsOf } from "../fixtures/axe.ts";
import { allotment } from "../fixtures/allotment.ts";
import { browserProgram, openTab, type Show, startShow } from "../fixtures/browser-show.ts";

/** One view: how to come there from the room `garden`, and back. */
interface View {
  readonly name: string;
  readonly open: (page: Page) => Promise<void>;
  readonly close?: (page: Page) => Promise<void>;
  readonly only?: "phone" | "laptop";
}

const escape = (page: Page) => page.keyboard.press("Escape");
const button = (page: Page, name: string | RegExp) => page.getByRole("button", { name, exact: true });
const scrollTo = (page: Page, top: number) =>
  page.locator(".timeline").evaluate((list, top) => {
    list.scrollTop = top;
  }, top);
/** Shows what can be done with a message, as a mouse or a finger does. */
async function touch(page: Page, message: string): Promise<void> {
  const row = page.locator(message).last();
  if (await page.evaluate(() => matchMedia("(hover: none)").matches)) {
    if (!await row.locator(".message-actions").isVisible()) await row.locator(".message-line").tap();
  } else await row.hover();
}
async function write(page: Page, text: string): Promise<void> {
  await page.locator("#composer").fill(text);
  await page.locator("#composer").press("Enter");
}
async function showSide(page: Page): Promise<void> {
  const opener = button(page, "Show the rooms");
  if (await opener.isVisible()) await opener.click();
}
async function hideSide(page: Page): Promise<void> {
  const closer = page.locator(".side-head").getByRole("button");
  if (await closer.isVisible()) await closer.click();
}

const VIEWS: readonly View[] = [
  { name: "the newest messages", open: (page) => page.locator("article.mine").last().waitFor() },
  { name: "the oldest messages, and new ones below", open: (page) => scrollTo(page, 0) },
  { name: "long, wide and foreign messages", open: (page) => go(page, "odd") },
  { name: "their beginning", open: (page) => scrollTo(page, 0) },
  {
    name: "right to left, and Chinese",
    open: (page) => go(page, "seed-fair"),
    close: (page) => go(page, "garden"),
  },
  { name: "what can be done with a message", open: (page) => touch(page, "article.mine") },
  {
    name: "a deletion to be confirmed",
    open: (page) => button(page, "Delete").click(),
    close: (page) => button(page, "Keep it").click(),
  },
  {
    name: "an emoji to react with",
    open: async (page) => {
      await touch(page, "article.mine");
      await button(page, "React").click();
      await page.locator(".emoji-grid button").first().waitFor();
    },
    close: escape,
  },
  {
    name: "a reply being written",
    open: async (page) => {
      await touch(page, "article:not(.mine)");
      await button(page, "Reply").last().click();
      await page.locator(".composer-mode").waitFor();
    },
    close: escape,
  },
  {
    name: "an edit being written",
    open: async (page) => {
      await touch(page, "article.mine");
      await button(page, "Edit").last().click();
      await page.locator(".composer-mode").waitFor();
    },
    close: escape,
  },
  {
    name: "names to choose from",
    open: async (page) => {
      await page.locator("#composer").fill("");
      await page.locator("#composer").pressSequentially("@");
      await page.locator("#completions").waitFor();
    },
    close: (page) => page.locator("#composer").fill(""),
  },
  {
    name: "a message that is too long",
    open: (page) => page.locator("#composer").fill("x".repeat(17_000)),
    close: (page) => page.locator("#composer").fill(""),
  },
  {
    name: "emoji to write",
    open: async (page) => {
      await button(page, "Put in an emoji").click();
      await page.locator(".emoji-grid button").first().waitFor();
    },
    close: escape,
  },
  { name: "the topic", open: (page) => page.locator(".topic").click(), close: escape },
  {
    name: "search",
    open: async (page) => {
      await button(page, "Search").click();
      await page.getByRole("searchbox").fill("shed");
      await page.locator(".found li").first().waitFor();
    },
    close: escape,
  },
  { name: "who is here", open: (page) => page.locator("[popovertarget=people]").click(), close: escape },
  {
    name: "the connection",
    open: (page) => page.locator("[popovertarget=connection]").click(),
    close: escape,
  },
  {
    name: "the rooms",
    open: async (page) => {
      await showSide(page);
      await page.locator("#find-room").focus();
      await page.locator(".other-rooms li").first().waitFor();
    },
  },
  { name: "a room's menu", open: (page) => page.locator(".current .room-more").click(), close: escape },
  { name: "settings", open: (page) => page.locator("[popovertarget=settings]").click() },
  {
    name: "shortcuts",
    open: (page) => button(page, "Keyboard shortcuts").click(),
    close: async (page) => {
      await escape(page);
      await hideSide(page);
    },
  },
  {
    name: "a room without messages",
    open: (page) => go(page, "nothing-said"),
    close: (page) => go(page, "garden"),
  },
];

async function go(page: Page, room: string): Promise<void> {
  await page.evaluate((room) => {
    location.hash = `#/room/${room}`;
  }, room);
  await page.getByRole("heading", { name: room }).waitFor();
  await page.locator(room === "nothing-said" ? ".nothing" : "article.message").first().waitFor();
}

/** All rules in the light; in the dark nothing is other but colours. */
async function assertAccessible(page: Page, where: string, wrong: string[]): Promise<void> {
  const found = await violationsOf(page);
  await page.emulateMedia({ colorScheme: "dark" });
  const inTheDark = await violationsOf(page, ["color-contrast", "link-in-text-block"]);
  await page.emulateMedia({ colorScheme: "light" });
  wrong.push(...found.map((one) => `${where}: ${one}`), ...inTheDark.map((one) => `${where}, dark: ${one}`));
}

async function look(show: Show, window: "phone" | "laptop", wrong: string[]): Promise<void> {
  const { page, misdeeds } = await show.visit({ name: "Mira", room: "garden", window });
  for (const text of ["I'll be there at **ten**", "with the wheelbarrow"]) await write(page, text);
  const noor = await show.visit({ name: "Noor", room: "garden" });
  await page.locator(".delivery.stored").last().waitFor();
  await scrollTo(page, 0);
  await write(noor.page, "@Mira: can you bring the long hose, too?");
  await noor.page.locator(".delivery.stored").waitFor();
  await noor.context.close();
  await button(page, /1 new message/).click();
  for (const view of VIEWS) {
    await view.open(page);
    await assertAccessible(page, `${window}: ${view.name}`, wrong);
    await view.close?.(page);
  }
  assert.deepEqual(misdeeds, []);
  await page.context().close();
}

Deno.test({
  name: "axe-core finds nothing in any view",
  ignore: "missing" in browserProgram,
  async fn(t) {
    await using show = await startShow(allotment(Date.now()));
    for (const window of ["laptop", "phone"] as const) {
      await t.step(window, async () => {
        const wrong: string[] = [];
        await look(show, window, wrong);
        assert.deepEqual(wrong, []);
      });
    }
  },
});

const TOKEN = "a-token-that-was-made-for-tests";
const DAYS_MS = 3 * 86_400_000;

Deno.test({
  name: "axe-core finds nothing at the door, nor where messages wait for a connection or for a word",
  ignore: "missing" in browserProgram,
  async fn() {
    const wrong: string[] = [];
    await using show = await startShow([], ["--host", "0.0.0.0", "--token", TOKEN]);
    const origin = `http://127.0.0.1:${show.server.port}`;
    const { page } = await openTab(show.browser, origin, { window: "phone" });
    await page.clock.install();
    await page.goto(origin);
    await page.locator("#name").waitFor();
    await assertAccessible(page, "a name is asked for", wrong);
    await page.locator("#name").fill("Mira");
    await button(page, "Go in").click();
    await page.locator("#token").waitFor();
    await assertAccessible(page, "a token is asked for", wrong);
    await page.locator("#token").fill("not this one");
    await button(page, "Try it").click();
    await page.locator(".problem:not(:empty)").waitFor();
    await assertAccessible(page, "a token is refused", wrong);
    await page.locator("#token").fill(TOKEN);
    await button(page, "Try it").click();
    await page.locator(".connection.live").waitFor();
    await show.server.kill9();
    await page.locator(".connection:not(.live)").waitFor();
    await write(page, "said to nobody");
    await page.locator(".delivery.queued").waitFor();
    await assertAccessible(page, "a message waits", wrong);
    await page.locator("[popovertarget=connection]").click();
    await assertAccessible(page, "why it waits", wrong);
    await escape(page);
    // Days later it is not sent without being asked for.
    await page.clock.setSystemTime(Date.now() + DAYS_MS);
    await show.server.restart();
    await page.locator(".delivery-trouble").waitFor();
    await assertAccessible(page, "a message waits for a word", wrong);
    assert.deepEqual(wrong, []);
    await button(page, "Send it again").click();
    await page.locator(".delivery.stored").waitFor();
  },
});
