/**
 * `npm run pictures`: the README's pictures of the page (docs/pictures) and the page's icons (src/web/public/icons),
 * made by Chromium from a real server with a conversation in it. Wants the fonts of a desktop: on Debian
 * fonts-noto-core, fonts-noto-cjk and fonts-noto-color-emoji.
 */
import type { Browser, Page } from "playwright-core";
import { allotment } from "../tests/fixtures/allotment.ts";
import { browserProgram, type Show, startShow, type Visit } from "../tests/fixtures/browser-show.ts";

const PICTURES = new URL("../docs/pictures/", import.meta.url);
const ICONS = new URL("../src/web/public/icons/", import.meta.url);
/** A README is read over phones, too. */
const PICTURE_BYTES_MAX = 150_000;
/** What an icon may lose to a round mask is beyond this share of its middle. */
const MASKED_SHARE = 0.8;
const ROOMS = ["lobby", "shed", "seed-fair", "garden"] as const;

async function keep(name: string, page: Page): Promise<void> {
  const png = await page.screenshot({ animations: "disabled", caret: "hide" });
  if (png.length > PICTURE_BYTES_MAX) {
    throw new Error(`${name} has ${png.length} bytes, at most ${PICTURE_BYTES_MAX}: show less of it`);
  }
  await Deno.writeFile(new URL(name, PICTURES), png);
  console.log(`docs/pictures/${name}: ${Math.round(png.length / 1000)} kB`);
}

async function write({ page }: Pick<Visit, "page">, text: string): Promise<void> {
  await page.locator("#composer").fill(text);
  await page.locator("#composer").press("Enter");
  await page.locator("article.mine .delivery.stored").last().waitFor();
}

async function go({ page }: Pick<Visit, "page">, room: string): Promise<void> {
  await page.evaluate((room) => {
    location.hash = `#/room/${room}`;
  }, room);
  await page.getByRole("heading", { name: room }).waitFor();
}

/** Mira has read everything and said something; then others write elsewhere, and Noor types. */
async function mira(show: Show, others: readonly Visit[], options: Partial<Parameters<Show["visit"]>[0]>) {
  const visit = await show.visit({ name: "Mira", room: "lobby", ...options });
  for (const room of ROOMS) {
    await go(visit, room);
    await visit.page.locator("article.message").first().waitFor();
  }
  await write(visit, "I'm in. I bring the long hose and *something with rhubarb*.");
  const [noor, tomas] = others;
  if (noor === undefined || tomas === undefined) throw new Error("Noor and Tomas are not there");
  await go(tomas, "shed");
  await write(tomas, "@Mira: the key is under the third pot");
  await go(tomas, "seed-fair");
  await write(tomas, "Who has the group ticket?");
  await write(tomas, "Found it.");
  await go(tomas, "garden");
  await noor.page.locator("#composer").pressSequentially("Rhubarb w");
  await visit.page.locator(".typing").filter({ hasText: "Noor" }).waitFor();
  return visit;
}

/** A picture of a conversation of its own, so that nobody is in it twice. */
async function picture(
  name: string,
  options: Partial<Parameters<Show["visit"]>[0]>,
  prepare: (page: Page) => Promise<unknown>,
): Promise<void> {
  await using show = await startShow(allotment(Date.now(), ROOMS));
  const others = [
    await show.visit({ name: "Noor", room: "garden" }),
    await show.visit({ name: "Tomas", room: "garden" }),
  ];
  const { page } = await mira(show, others, options);
  await prepare(page);
  await keep(name, page);
}

async function icons(browser: Browser): Promise<void> {
  const svg = await Deno.readTextFile(new URL("quicchat.svg", ICONS));
  const page = await browser.newPage();
  for (
    const { name, size, masked } of [
      { name: "quicchat-192.png", size: 192, masked: false },
      { name: "quicchat-512.png", size: 512, masked: false },
      { name: "quicchat-maskable-512.png", size: 512, masked: true },
    ]
  ) {
    await page.setViewportSize({ width: size, height: size });
    // Masks cut the corners: there the ground reaches to the edge, and the picture keeps away from it.
    const body = masked ? `background:#0c6b5e;padding:${size * (1 - MASKED_SHARE) / 2}px` : "background:none";
    await page.setContent(
      `<style>*{margin:0;box-sizing:border-box}body{${body}}svg{display:block;width:100%;height:100%}</style>${svg}`,
    );
    const png = await page.screenshot({ omitBackground: !masked });
    await Deno.writeFile(new URL(name, ICONS), png);
    console.log(`src/web/public/icons/${name}: ${Math.round(png.length / 1000)} kB`);
  }
  await page.close();
}

if ("missing" in browserProgram) Deno.exit(1);
await Deno.mkdir(PICTURES, { recursive: true });
await picture("light.png", {}, (page) => page.locator("article.message").nth(-2).hover());
await picture("dark.png", { look: "dark" }, async (page) => {
  await page.getByRole("button", { name: "Search", exact: true }).click();
  await page.getByRole("searchbox").fill("laptop");
  await page.locator(".found li").first().waitFor();
});
await picture("phone.png", { window: "phone" }, (page) => page.locator(".typing").waitFor());
await picture(
  "phone-rooms.png",
  { window: "phone", look: "dark" },
  (page) => page.getByRole("button", { name: "Show the rooms" }).click(),
);
await using show = await startShow();
await icons(show.browser);
