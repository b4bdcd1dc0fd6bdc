/** What people say to break a page is shown as text: nothing runs, nothing leaves its box, nothing stalls. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { markdownTree } from "../../src/web/markdown/tree.ts";
import { browserProgram, startShow } from "../fixtures/browser-show.ts";
import { HEAVY, MARKUP, NAMES, REACTIONS, ROOMS, TEXTS, TOPICS } from "../fixtures/hostile-texts.ts";
import type { Told } from "../fixtures/told-log.ts";

/** Of one text, on a busy machine. Alone it takes a twentieth of that. */
const PARSE_MS_MAX = 1_500;
/** How long the page may be deaf, on a busy machine. */
const DEAF_MS_MAX = 4_000;
/** How long a place that is scrolled to may be empty, on a busy machine. */
const GAP_MS_MAX = 8_000;
const MINUTE_MS = 60_000;

function told(): Told[] {
  const startMs = Date.now() - 3_000 * MINUTE_MS;
  const [, , , , room = ""] = ROOMS;
  const said: Told[] = TEXTS.map((text, at) => ({
    room,
    by: NAMES[at % NAMES.length] ?? "",
    // Some follow each other at once, some are replies to what came before.
    tsMs: startMs + Math.floor(at / 3) * 20 * MINUTE_MS,
    does: at % 4 === 3 ? { say: text, replyTo: at } : { say: text },
  }));
  const nowMs = Date.now();
  return [
    ...said,
    ...REACTIONS.map((reaction): Told => ({
      room,
      by: "Ines",
      tsMs: nowMs,
      does: { react: TEXTS.length, with: reaction },
    })),
    ...TOPICS.map((topic): Told => ({ room, by: NAMES[0] ?? "", tsMs: nowMs, does: { topic } })),
    ...ROOMS.map((room, at): Told => ({
      room,
      by: NAMES[at] ?? "",
      tsMs: nowMs,
      does: { say: MARKUP[at] ?? "" },
    })),
  ];
}

/** Everything that is wrong with what is drawn now: an element outside of its message, or of a kind that no
 * message has, or a link to somewhere else than the web or mail; or a page that scrolls sideways. */
function wrongIn(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const KINDS = new Set(
      "P STRONG EM S CODE PRE A UL OL LI BLOCKQUOTE HR BR DIV SPAN BUTTON BDI HEADER TIME svg path ARTICLE"
        .split(" "),
    );
    const wrong: string[] = [];
    const clips = (style: CSSStyleDeclaration) => style.overflowX !== "visible";
    for (const row of document.querySelectorAll("article.message")) {
      const box = row.getBoundingClientRect();
      for (const inside of row.querySelectorAll(":not(.message-actions, .message-actions *)")) {
        if (!KINDS.has(inside.tagName)) wrong.push(`a ${inside.tagName} in a message`);
        if (inside instanceof HTMLAnchorElement && !/^(https?:|mailto:)/.test(inside.href)) {
          wrong.push(`a link to ${inside.href}`);
        }
        const style = getComputedStyle(inside);
        if (style.position === "absolute") continue; // Only what is said to screen readers alone.
        let { left, right, top, bottom } = inside.getBoundingClientRect();
        for (let at = inside.parentElement; at !== null && at !== row; at = at.parentElement) {
          if (!clips(getComputedStyle(at))) continue;
          const clip = at.getBoundingClientRect();
          left = Math.max(left, clip.left);
          right = Math.min(right, clip.right);
          top = Math.max(top, clip.top);
          bottom = Math.min(bottom, clip.bottom);
        }
        const isOut = left < box.left - 1 || right > box.right + 1 || top < box.top - 1 ||
          bottom > box.bottom + 1;
        if (isOut && right > left && bottom > top) {
          wrong.push(
            `${inside.tagName}.${inside.className} leaves its message: ${row.textContent.slice(0, 60)}`,
          );
        }
      }
    }
    for (
      const scroller of [
        document.documentElement,
        document.body,
        ...document.querySelectorAll(".timeline, .bar, .rooms, .side-foot"),
      ]
    ) {
      if (scroller.scrollWidth > scroller.clientWidth + 1) {
        wrong.push(`${scroller.tagName}.${scroller.className} scrolls sideways: ${scroller.scrollWidth}`);
      }
    }
    return wrong;
  });
}

/** Until there is no gap in what is in sight: the list draws what is scrolled to a frame or two later. */
async function drawnInSight(page: Page): Promise<void> {
  await page.waitForFunction(
    () => {
      const list = document.querySelector(".timeline");
      if (list === null) return false;
      const { left, top, bottom } = list.getBoundingClientRect();
      for (let y = top + 20; y < bottom - 20; y += 40) {
        const at = document.elementFromPoint(left + 30, y);
        // The list itself, or the long box in it: nothing is drawn here.
        if (at === list || at?.parentElement === list) return false;
      }
      return true;
    },
    undefined,
    { polling: "raf", timeout: GAP_MS_MAX },
  );
}

/** Looks at every message, from the newest to the first and back: a row that turns out to be taller than it was thought
 * to be moves what is above it past one way. */
async function lookThrough(page: Page): Promise<{ seen: number; wrong: Set<string>; text: string }> {
  const seen = new Map<string, string>();
  const wrong = new Set<string>();
  for (const way of [-1, 1]) {
    for (let stuck = 0, stops = 0; stuck < 3 && stops < 400; stops++) {
      for (const one of await wrongIn(page)) wrong.add(one);
      const drawn = await page.locator("article.message").evaluateAll((rows) =>
        rows.map((row) => [row.getAttribute("data-key") ?? "", row.textContent] as const)
      );
      for (const [key, text] of drawn) seen.set(key, text);
      const moved = await page.locator(".timeline").evaluate((list, way) => {
        const before = list.scrollTop;
        list.scrollTop += way * list.clientHeight * 0.8;
        return list.scrollTop !== before;
      }, way);
      stuck = moved ? 0 : stuck + 1;
      await drawnInSight(page);
    }
  }
  return { seen: seen.size, wrong, text: [...seen.values()].join("\n") };
}

Deno.test("the worst text takes no time to speak of, or is shown as it was written", () => {
  const slow: string[] = [];
  let most = { ms: 0, text: "" };
  for (const text of TEXTS) {
    const startMs = performance.now();
    markdownTree(text);
    const ms = performance.now() - startMs;
    if (ms > most.ms) most = { ms, text: text.slice(0, 20) };
    if (ms > PARSE_MS_MAX) slow.push(`${ms.toFixed(0)} ms: ${text.slice(0, 40)}`);
  }
  console.log(`longest parse: ${most.ms.toFixed(0)} ms for ${JSON.stringify(most.text)}…`);
  assert.deepEqual(slow, []);
});

Deno.test({
  name: "hostile texts, names, rooms, topics and reactions",
  ignore: "missing" in browserProgram,
  async fn(t) {
    await using show = await startShow(told());
    const [, , , , room = ""] = ROOMS;
    for (const window of ["laptop", "phone"] as const) {
      await t.step(window, async () => {
        const { page, misdeeds } = await show.visit({ name: NAMES[0] ?? "", room, window });
        for (const other of ROOMS) {
          await page.evaluate((other) => {
            location.hash = `#/room/${encodeURIComponent(other)}`;
          }, other);
          await page.locator("h1", { hasText: other }).waitFor();
        }
        await page.evaluate((room) => {
          location.hash = `#/room/${encodeURIComponent(room)}`;
        }, room);
        await page.locator("article.message").first().waitFor();
        await page.evaluate(() => {
          const deaf: number[] = [];
          Reflect.set(globalThis, "deafMs", deaf);
          new PerformanceObserver((list) => {
            for (const { duration } of list.getEntries()) deaf.push(duration);
          }).observe({ type: "longtask", buffered: true });
        });
        const { seen, wrong, text } = await lookThrough(page).catch((cause) => {
          throw new Error(`the page is stuck: ${misdeeds.join("; ")}`, { cause });
        });
        assert.deepEqual([...wrong], []);
        assert.ok(seen >= TEXTS.length, `${seen} of ${TEXTS.length} messages were seen`);
        for (const markup of MARKUP.slice(0, 11)) assert.ok(text.includes(markup), `as written: ${markup}`);
        const deaf = await page.evaluate(() => {
          const deaf: unknown = Reflect.get(globalThis, "deafMs");
          return Array.isArray(deaf) ? Math.max(0, ...deaf) : NaN;
        });
        console.log(`${window}: the page was deaf for at most ${deaf.toFixed(0)} ms`);
        assert.ok(deaf < DEAF_MS_MAX);

        // What is made of the same words elsewhere.
        await page.evaluate(() => document.querySelector(".timeline")?.scrollTo(0, 1e9));
        await page.locator("[popovertarget=people]").click();
        await page.locator(".people-list").waitFor();
        for (const one of await wrongIn(page)) wrong.add(one);
        await page.keyboard.press("Escape");
        await page.locator("#composer").fill(`${HEAVY[0]}`.slice(0, 5_000));
        await page.locator("#composer").fill("");
        await page.locator("#composer").pressSequentially("@");
        await page.locator("#completions li").first().waitFor();
        for (const one of await wrongIn(page)) wrong.add(one);
        await page.locator("#composer").fill("");
        await page.getByRole("button", { name: "Search", exact: true }).click();
        await page.getByRole("searchbox").fill("script");
        await page.locator(".found li").first().waitFor();
        for (const one of await wrongIn(page)) wrong.add(one);
        const found = await page.locator(".found li").evaluateAll((all) =>
          all.filter((one) => one.scrollWidth > one.clientWidth + 1).length
        );
        assert.equal(found, 0, "results that are wider than their list");
        assert.deepEqual([...wrong], []);
        assert.equal(await page.evaluate(() => document.scripts.length), 1, "the page's own script");
        assert.deepEqual(misdeeds, []);
        await page.context().close();
      });
    }
  },
});
