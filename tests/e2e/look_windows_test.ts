/** In windows of all sizes, in German and from right to left: nothing sticks out, and a finger finds what it wants. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { allotment } from "../fixtures/allotment.ts";
import { browserProgram, startShow, WINDOWS } from "../fixtures/browser-show.ts";

/** WCAG 2.5.5, and what the systems of phones ask for. */
const TARGET_PX = 44;

/** Buttons and fields whose words are cut, or that stick out of the window. */
const cut = (page: Page) =>
  page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>("button, label, h1, h2, dt, dd, .typing, .hint, a.room-link")]
      .filter((one) =>
        one.checkVisibility({ visibilityProperty: true }) && one.closest("article, .unseen") === null
      )
      .filter((one) => {
        const { left, right } = one.getBoundingClientRect();
        // What is cut with an ellipsis is somebody's words, not ours.
        const isOurs = one.querySelector("bdi") === null && getComputedStyle(one).textOverflow !== "ellipsis";
        return left < -1 || right > innerWidth + 1 || (isOurs && one.scrollWidth > one.clientWidth + 1);
      })
      .map((one) => `${one.tagName}.${one.className}: ${one.textContent.trim().slice(0, 40)}`)
  );

const small = (page: Page) =>
  page.evaluate(
    (target) =>
      [...document.querySelectorAll<HTMLElement>("button, select, input, textarea, a.room-link, label")]
        .filter((one) => one.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
        // A reaction is a word in a line, a box's label is its target, and a skip link is for keys.
        .filter((one) =>
          !one.matches(".reaction, .topic, .quote, .text-button, [type=checkbox], [type=radio], .unseen")
        )
        .filter((one) => one.getBoundingClientRect().height < target - 0.5)
        .map((one) => `${one.tagName}.${one.className}: ${one.getBoundingClientRect().height} px`),
    TARGET_PX,
  );

Deno.test({
  name: "windows of all sizes, in English and German",
  ignore: "missing" in browserProgram,
  async fn(t) {
    await using show = await startShow(allotment(Date.now(), ["garden"]));
    for (const window of Object.keys(WINDOWS) as (keyof typeof WINDOWS)[]) {
      await t.step(window, async () => {
        const { page, context, misdeeds } = await show.visit({
          name: "Mira",
          room: "garden",
          window,
          locale: window === "desk" ? "en-GB" : "de-DE",
        });
        await page.locator("article.message").first().waitFor();
        const wrong: string[] = [];
        const look = async (where: string) => {
          wrong.push(...(await cut(page)).map((one) => `${where}: cut: ${one}`));
          if (window === "phone") wrong.push(...(await small(page)).map((one) => `${where}: small: ${one}`));
          const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          if (wide > 0) wrong.push(`${where}: ${wide} px too wide`);
        };
        await look("room");
        const line = await page.locator(".message-body").first().evaluate((body) => body.clientWidth);
        assert.ok(line <= 820, `lines of ${line} px are hard to read`);
        for (const panel of ["connection", "people"]) {
          await page.locator(`[popovertarget=${panel}]`).click();
          await look(panel);
          await page.keyboard.press("Escape");
        }
        const opener = page.locator(".bar .only-phone");
        if (await opener.isVisible()) await opener.click();
        await look("rooms");
        await page.locator("[popovertarget=settings]").click();
        await page.locator("#look").waitFor();
        await look("settings");
        await page.locator(".menu-item").last().click();
        await page.locator(".shortcuts kbd").first().waitFor();
        await look("shortcuts");
        assert.deepEqual(wrong, []);
        assert.deepEqual(misdeeds, []);
        await context.close();
      });
    }
  },
});

Deno.test({
  name: "a keyboard that takes half of the phone hides neither the composer nor the newest message",
  ignore: "missing" in browserProgram,
  async fn() {
    await using show = await startShow(allotment(Date.now(), ["garden"]));
    const { page } = await show.visit({ name: "Mira", room: "garden", window: "phone" });
    const newest = page.locator("article.message").last();
    await newest.waitFor();
    await page.setViewportSize({ width: WINDOWS.phone.viewport.width, height: 430 });
    await page.waitForTimeout(300);
    const bottom = (selector: string) =>
      page.locator(selector).last().evaluate((one) => one.getBoundingClientRect().bottom);
    const [composer, message, list] = [
      await bottom(".composer"),
      await bottom("article.message"),
      await bottom(".timeline-box"),
    ];
    assert.ok(composer <= 430, `the composer ends at ${composer}`);
    assert.ok(
      message <= list + 1 && message > list - 60,
      `the newest ends at ${message}, its list at ${list}`,
    );
    // A text of many lines leaves something of the conversation in sight.
    await page.locator("#composer").fill("line\n".repeat(40));
    await page.waitForTimeout(200);
    assert.ok(await bottom(".composer") <= 431);
    assert.ok(await page.locator(".timeline-box").evaluate((box) => box.clientHeight) > 60);
  },
});

Deno.test({
  name: "text from right to left begins at its right, and turns nothing else around",
  ignore: "missing" in browserProgram,
  async fn() {
    await using show = await startShow(allotment(Date.now(), ["seed-fair"]));
    const { page } = await show.visit({ name: "Mira", room: "seed-fair" });
    const arabic = page.locator("article.message", { hasText: "نلتقي" });
    await arabic.waitFor();
    const direction = await arabic.locator(".message-text").evaluate((text) =>
      getComputedStyle(text).direction
    );
    assert.equal(direction, "rtl");
    const head = await arabic.evaluate((row) => ({
      row: getComputedStyle(row).direction,
      name: row.querySelector(".sender")?.getBoundingClientRect().left ?? NaN,
      text: row.querySelector(".message-text")?.getBoundingClientRect().left ?? NaN,
    }));
    assert.deepEqual([head.row, Math.round(head.name)], ["ltr", Math.round(head.text)]);
    await page.locator("#composer").fill("שלום");
    assert.equal(
      await page.locator("#composer").evaluate((field) => getComputedStyle(field).direction),
      "rtl",
    );
  },
});

Deno.test({
  name: "nothing moves for who wants no motion",
  ignore: "missing" in browserProgram,
  async fn() {
    await using show = await startShow(allotment(Date.now(), ["garden"]));
    const { page } = await show.visit({ name: "Mira", room: "garden" });
    await page.emulateMedia({ reducedMotion: "reduce" });
    await page.getByRole("button", { name: /^In reply to/ }).first().click();
    await page.locator("article.target").waitFor();
    assert.equal(await page.evaluate(() => document.getAnimations().length), 0);
  },
});

Deno.test({
  name: "the page can be installed: Chromium finds nothing wrong with its manifest and icons",
  ignore: "missing" in browserProgram,
  async fn() {
    await using show = await startShow();
    const { page } = await show.visit({ name: "Mira" });
    const session = await page.context().newCDPSession(page);
    const { errors, url } = await session.send("Page.getAppManifest");
    assert.match(url, /manifest\.webmanifest$/);
    assert.deepEqual(errors, []);
    const { installabilityErrors } = await session.send("Page.getInstallabilityErrors");
    // A window of tests is a private one, where nothing is installed; of the page itself nothing is wrong.
    const wrong = installabilityErrors.map(({ errorId }) => errorId).filter((id) => id !== "in-incognito");
    assert.deepEqual(wrong, []);
    const manifest: { icons: { src: string; sizes: string }[] } = await (await fetch(url)).json();
    for (const { src, sizes } of manifest.icons) {
      const icon = await page.evaluate(async (src) => {
        const image = new Image();
        image.src = src;
        await image.decode();
        return `${image.naturalWidth}x${image.naturalHeight}`;
      }, src);
      if (sizes !== "any") assert.equal(icon, sizes, src);
    }
  },
});
