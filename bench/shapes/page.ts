/**
 * `npm run bench -- page`: how the page does with a long room on a slow machine. A real server with the messages
 * in its log, Chromium with its CPU four times slower, and the same scrolling of a page of bare lines in the same
 * run, since absolute figures of a shared machine say little.
 *
 *     npm run bench -- page [--messages 100000]
 */
import { parseArgs } from "node:util";
import { browserProgram, startShow } from "../../tests/fixtures/browser-show.ts";
import {
  crowd,
  driftOfOlder,
  type Frames,
  restsAtNewest,
  scrollFrames,
  stillFrames,
  THROTTLE,
  throttled,
} from "../../tests/fixtures/page-motion.ts";

const { values: flags } = parseArgs({ options: { messages: { type: "string", default: "100000" } } });
const messages = Number(flags.messages);
const SCROLL_SECONDS = 8;
/** A load that is watched for drift stands still for some frames: so many are, and the others just load. */
const WATCHED_PAGES = 40;

if ("missing" in browserProgram) Deno.exit(1);
await using show = await startShow(crowd("lobby", messages));
const { page } = await show.visit({ name: "Mira" });
await restsAtNewest(page);

const startMs = performance.now();
const drifts: number[] = [];
for (let watched = 0; watched < WATCHED_PAGES; watched++) {
  const drift = await driftOfOlder(page);
  if (drift !== null) drifts.push(drift);
}
// The rest as fast as it comes: the list stands at its top until the first message is there.
await page.waitForFunction(
  () => {
    const list = document.querySelector(".timeline");
    if (list === null) return false;
    if (document.querySelector('[data-offset="1"]') !== null) return true;
    list.scrollTop = 0;
    return false;
  },
  undefined,
  { timeout: 600_000, polling: 20 },
);
const loadSeconds = (performance.now() - startMs) / 1000;
await page.evaluate(() => document.querySelector(".timeline")?.scrollTo(0, 1e9));
await page.waitForTimeout(1_000);
const session = await throttled(page, THROTTLE);
const frames = await scrollFrames(page, ".timeline", SCROLL_SECONDS);
await session.detach();
const still = await show.browser.newPage();
await throttled(still, THROTTLE);
const bare = await stillFrames(still, SCROLL_SECONDS / 2);

const row = (what: string, { p50Ms, p95Ms, worstMs }: Frames) =>
  `${what.padEnd(28)}${[p50Ms, p95Ms, worstMs].map((ms) => ms.toFixed(1).padStart(9)).join("")}`;
console.log(`
${messages.toLocaleString("en")} messages, loaded page by page in ${loadSeconds.toFixed(1)} s
older ones put before moved what was in sight by at most ${
  Math.max(...drifts)
} px (${drifts.length} pages watched)

frames at ${THROTTLE} times slower, ms         p50      p95    worst
${row("the room", frames)}
${row("a page of bare lines", bare)}
`);
