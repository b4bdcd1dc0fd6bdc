/** People at the page: a real Chromium, driven by what they see and press. */
import assert from "node:assert/strict";
import { type Browser, type BrowserContext, chromium, type Locator, type Page } from "playwright-core";
import { installedChromium } from "../interop/foreign-programs.ts";

/** Where it is missing, tests of the page are skipped with its reason. */
export const browserProgram = await installedChromium();

/** As little as possible besides the test: no look-ups of the vendor's hosts, which a closed network would let
 * wait. QUIC stays on, WebTransport is made of it. */
const ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** What a person waits for at most: this machine is shared. */
export const PATIENCE_MS = 20_000;

/** @param program in place of the installed one: what starts it elsewhere */
export async function openBrowser(program?: string): Promise<Browser> {
  assert("program" in browserProgram);
  const executablePath = program ?? browserProgram.program;
  return await chromium.launch({ executablePath, headless: true, args: ARGS });
}

/** Their own browser profile: a new one unless given. */
export async function newContext(browser: Browser): Promise<BrowserContext> {
  // Tall: only what is in sight is drawn, and a test looks at all of it.
  const context = await browser.newContext({ locale: "en-GB", viewport: { width: 1_100, height: 2_600 } });
  context.setDefaultTimeout(PATIENCE_MS);
  return context;
}

/** One person at one page. */
export class Person {
  readonly page: Page;
  /** What the page did that it should not: uncaught errors, and what its policy forbade. */
  readonly troubles: string[] = [];

  constructor(page: Page) {
    this.page = page;
    page.on("pageerror", (error) => this.troubles.push(error.stack ?? error.message));
    page.on("console", (message) => {
      if (/Content Security Policy|TrustedScript/.test(message.text())) this.troubles.push(message.text());
    });
  }

  /** Opens a page of this profile, without going in. */
  static async at(context: BrowserContext, url: string): Promise<Person> {
    const person = new Person(await context.newPage());
    await person.page.goto(url);
    return person;
  }

  /** Opens the page, gives a name, and is connected. */
  static async in(browser: Browser | BrowserContext, url: string, name: string): Promise<Person> {
    const context = "newContext" in browser ? await newContext(browser) : browser;
    const person = await Person.at(context, url);
    await person.giveName(name);
    await person.isConnected();
    return person;
  }

  async giveName(name: string): Promise<void> {
    await this.page.getByLabel("Your name").fill(name);
    await this.page.keyboard.press("Enter");
  }

  get composer(): Locator {
    return this.page.locator("#composer");
  }

  /** The indicator: a button that says how one is connected. */
  get connection(): Locator {
    return this.page.locator("button.connection");
  }

  /** Waits until the indicator says so. */
  async isConnected(says: RegExp = /QUIC · [\d.]+ ms/, withinMs = PATIENCE_MS): Promise<void> {
    await this.connection.filter({ hasText: says }).waitFor({ timeout: withinMs });
  }

  /** Writes and presses Enter. */
  async say(text: string): Promise<void> {
    await this.composer.fill(text);
    await this.composer.press("Enter");
  }

  /** The message that has this text. */
  message(text: string): Locator {
    return this.page.locator("article.message").filter({
      has: this.page.locator(".message-text", { hasText: new RegExp(`^\\s*${escaped(text)}\\s*$`) }),
    });
  }

  async sees(text: string, withinMs = PATIENCE_MS): Promise<Locator> {
    const message = this.message(text);
    await message.first().waitFor({ timeout: withinMs });
    return message;
  }

  /** The texts of all messages that are drawn, from top to bottom. */
  async texts(): Promise<string[]> {
    return (await this.page.locator("article.message .message-text").allInnerTexts()).map((one) =>
      one.trim()
    );
  }

  /** Waits until one's own message is marked as stored. */
  async isStored(text: string, withinMs = PATIENCE_MS): Promise<void> {
    await this.message(text).locator(".delivery.stored").first().waitFor({ timeout: withinMs });
  }

  /** A button of what can be done with a message. */
  async act(text: string, button: string): Promise<void> {
    const message = this.message(text);
    await message.hover();
    await message.getByRole("button", { name: button, exact: true }).first().click();
  }

  async goTo(room: string): Promise<void> {
    await this.page.locator("a.room-link").filter({ hasText: room }).first().click();
    await this.page.getByRole("heading", { name: room }).waitFor();
  }

  /** Joins or makes a room by the field below the list. */
  async join(room: string): Promise<void> {
    await this.page.locator("#find-room").fill(room);
    await this.page.keyboard.press("Enter");
    await this.page.getByRole("heading", { name: room }).waitFor();
  }

  /** Nothing went wrong unseen. */
  assertUntroubled(): void {
    assert.deepEqual(this.troubles, []);
  }
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
