import { type Browser, chromium, type Page } from "playwright-core";
import { bundle, scriptPage } from "../fixtures/script-page.ts";
import { Seeded } from "../fixtures/seeded.ts";
import { installedChromium } from "../interop/foreign-programs.ts";
import { Path } from "./path.ts";
import type { Performer } from "./performer.ts";
import type { Scene } from "./scene.ts";
import type { Line, Part, Standing, View } from "./transcript.ts";
import type * as TalkerPage from "./talker-page.ts";

const FIRST_ID = 800_000_000;

/** A talker in headless Chromium, over WebTransport, with its outbox in IndexedDB. */
export class PagePerformer implements Performer {
  readonly #lines: Line[] = [];
  #isClosed = false;

  private constructor(
    readonly name: string,
    readonly path: Path,
    readonly browser: Browser,
    readonly page: Page,
    readonly web: Deno.HttpServer,
  ) {}

  /** Joins the scene, if there is a Chromium; else says why not. */
  static async join(scene: Scene, seed: number): Promise<string | null> {
    const found = await installedChromium();
    if ("missing" in found) return found.missing;
    const scripts = `${scene.directory}/page`;
    await bundle(new URL("talker-page.ts", import.meta.url), scripts);
    const web = scriptPage(scripts, () => scene.server.url);
    const browser = await chromium.launch({
      executablePath: found.program,
      headless: true,
      args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"],
    });
    const page = await (await browser.newContext()).newPage();
    const path = Path.open(scene.server.port, new Seeded(seed));
    const performer = new PagePerformer("chromium", path, browser, page, web);
    await page.exposeFunction("recordLine", (line: string) => void performer.#lines.push(JSON.parse(line)));
    await page.goto(`http://127.0.0.1:${web.addr.port}/`);
    const part: Part = {
      name: performer.name,
      seed,
      rooms: scene.rooms.map((room) => ({ room, from: null })),
      firstId: FIRST_ID,
      pauseMs: scene.casting.pauseMs,
    };
    scene.others.push(performer);
    await page.evaluate(async ([part, port]) => {
      const { start }: typeof TalkerPage = await import(`${location.origin}/talker-page.js`);
      start(part, port);
    }, [part, path.port] as const);
    return null;
  }

  async quiet(isQuiet: boolean): Promise<void> {
    await this.page.evaluate((isQuiet) => globalThis.talker.quiet(isQuiet), isQuiet);
  }

  standing(): Promise<Standing> {
    return this.page.evaluate(() => globalThis.talker.standing());
  }

  views(): Promise<View[]> {
    return this.page.evaluate(() => globalThis.talker.views());
  }

  lines(): Promise<readonly Line[]> {
    return Promise.resolve(this.#lines);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.page.evaluate(() => globalThis.talker.close());
    await this.browser.close();
    await this.web.shutdown();
  }
}
