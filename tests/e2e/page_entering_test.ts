/** Ways into the page: by name, by link, by invite; and several tabs of one browser. */
import assert from "node:assert/strict";
import { connect } from "../../src/client/mod.ts";
import { browserProgram, newContext, openBrowser, Person } from "./people-at-the-page.ts";
import { startServer } from "./running-server.ts";

const TOKEN = "a-token-that-nobody-guesses";

Deno.test({
  name: "entering an open server",
  ignore: "missing" in browserProgram,
  async fn(t) {
    await using server = await startServer();
    await using browser = await openBrowser();
    const context = await newContext(browser);
    const people: Person[] = [];
    const at = async (path: string, of = context) => {
      const person = await Person.at(of, server.url + path);
      people.push(person);
      return person;
    };
    const talker = connect(server.url, { name: "Talker" });
    const lobby = talker.room("lobby");
    await Promise.all(Array.from({ length: 400 }, (_, at) => lobby.send(`said ${at + 1}`)));
    await talker.close();

    await t.step("a name is asked for once, and remembered", async () => {
      const ann = await at("/");
      await ann.giveName("Ann");
      await ann.isConnected();
      assert.equal(await ann.page.locator(".own-name").innerText(), "Ann");
      await ann.page.reload();
      await ann.isConnected();
      assert.equal(await ann.page.locator(".own-name").innerText(), "Ann");
      await ann.sees("said 400");
    });

    await t.step("by the name localhost, too, it is QUIC", async () => {
      const lou = await at("/", await newContext(browser));
      await lou.page.goto(`http://localhost:${server.port}/?name=Lou`);
      await lou.isConnected();
      await lou.sees("said 400");
    });

    await t.step("a name that can't be one is told so", async () => {
      const odd = await at("/", await newContext(browser));
      await odd.giveName("x\u202ey");
      await odd.page.getByRole("alert").filter({ hasText: /./ }).waitFor();
      await odd.giveName("Odd");
      await odd.isConnected();
    });

    await t.step("a link names person and room; the name does not stay in the address", async () => {
      const zoe = await at("/?name=Zoe#/room/garden", await newContext(browser));
      await zoe.page.getByRole("heading", { name: "garden" }).waitFor();
      await zoe.isConnected();
      assert.equal(await zoe.page.locator(".own-name").innerText(), "Zoe");
      assert.equal(zoe.page.url(), `${server.url}/#/room/garden`);
    });

    await t.step("a link to a room waits for the name", async () => {
      const dan = await at("/#/room/caf%C3%A9", await newContext(browser));
      await dan.giveName("Dan");
      await dan.page.getByRole("heading", { name: "café" }).waitFor();
    });

    await t.step("a permalink shows its message, also one that is far back", async () => {
      for (const offset of [390, 150, 3]) {
        const ann = await at(`/#/room/lobby/${offset}`);
        const target = ann.page.locator("article.message.target");
        await target.filter({ hasText: `said ${offset}` }).waitFor();
        assert.ok(
          await target.evaluate((one) => {
            const { top, bottom } = one.getBoundingClientRect();
            return top >= 0 && bottom <= innerHeight;
          }),
          `message ${offset} is in sight`,
        );
        await ann.page.close();
      }
    });

    await t.step("copied from a message, the permalink leads back to it", async () => {
      await context.grantPermissions(["clipboard-read", "clipboard-write"]);
      const ann = await at("/");
      await ann.sees("said 399");
      await ann.act("said 399", "Copy a link to it");
      const link = await ann.page.evaluate(() => navigator.clipboard.readText());
      assert.equal(link, `${server.url}/#/room/lobby/399`);
      await ann.page.close();
    });

    await t.step("tabs of one browser don't disturb each other", async () => {
      const [one, two] = [await at("/"), await at("/")];
      for (const tab of [one, two]) await tab.isConnected();
      await one.composer.fill("a draft of the first");
      for (let n = 1; n <= 3; n++) await two.say(`from the second ${n}`);
      for (const tab of [one, two]) {
        await tab.sees("from the second 3");
        assert.equal(await tab.message("from the second 1").count(), 1);
      }
      assert.equal(await one.composer.inputValue(), "a draft of the first");
      await two.page.close();
      await one.say("the first goes on");
      await one.isStored("the first goes on");
    });
    await t.step("another name is taken without losing anything", async () => {
      const ann = await at("/");
      await ann.isConnected();
      await ann.say("still Ann");
      await ann.isStored("still Ann");
      await ann.page.getByRole("button", { name: "Settings" }).click();
      await ann.page.getByRole("button", { name: "Use another name" }).click();
      await ann.giveName("Anna");
      await ann.isConnected();
      await ann.say("now Anna");
      await ann.isStored("now Anna");
      assert.equal(await ann.message("now Anna").locator(".sender").innerText(), "Anna");
      await ann.sees("still Ann");
      await ann.page.reload();
      await ann.isConnected();
      assert.equal(await ann.page.locator(".own-name").innerText(), "Anna");
    });

    await t.step("away and back by the browser's button", async () => {
      const ann = await at("/");
      await ann.isConnected();
      await ann.page.goto("about:blank");
      await ann.page.goBack();
      await ann.isConnected();
      await ann.say("back again");
      await ann.isStored("back again");
    });

    await t.step(
      "past the warning of a self-made certificate it is QUIC, too, and nothing breaks",
      async () => {
        const context = await browser.newContext({ locale: "en-GB", ignoreHTTPSErrors: true });
        const tess = await Person.at(context, `${server.url.replace("http", "https")}/?name=Tess`);
        people.push(tess);
        await tess.isConnected();
        await tess.sees("back again");
        await tess.page.waitForTimeout(500);
      },
    );
    for (const person of people) person.assertUntroubled();
  },
});

Deno.test({
  name: "entering a server that wants an invite",
  ignore: "missing" in browserProgram,
  async fn(t) {
    await using server = await startServer(["--token", TOKEN]);
    await using browser = await openBrowser();

    await t.step(
      "the token is asked for; a wrong one is told so; the right one lets in, and is remembered",
      async () => {
        const context = await newContext(browser);
        const ann = await Person.at(context, server.url);
        await ann.giveName("Ann");
        const field = ann.page.getByLabel("Invite link or token");
        await field.waitFor();
        assert.equal(
          await ann.page.getByRole("alert").filter({ hasText: /./ }).count(),
          0,
          "nothing was wrong yet",
        );
        await field.fill("a-wrong-one");
        await ann.page.keyboard.press("Enter");
        await ann.page.getByRole("alert").filter({
          hasText: "The invite is missing, wrong or not valid any more.",
        })
          .waitFor();
        await field.fill(TOKEN);
        await ann.page.keyboard.press("Enter");
        await ann.isConnected();
        await ann.say("let in");
        await ann.isStored("let in");
        await ann.page.reload();
        await ann.isConnected();
        await ann.sees("let in");
        ann.assertUntroubled();
      },
    );

    await t.step("an invite link lets in, and the token does not stay in the address", async () => {
      const bob = await Person.at(await newContext(browser), `${server.url}/#invite=${TOKEN}`);
      await bob.giveName("Bob");
      await bob.isConnected();
      await bob.sees("let in");
      assert.doesNotMatch(bob.page.url(), /invite|token/);
      bob.assertUntroubled();
    });

    await t.step("a pasted link does as well as the bare token", async () => {
      const eve = await Person.at(await newContext(browser), server.url);
      await eve.giveName("Eve");
      await eve.page.getByLabel("Invite link or token").fill(
        `https://192.168.7.20:4433/#invite=${TOKEN}&key=${"A".repeat(43)}`,
      );
      await eve.page.keyboard.press("Enter");
      await eve.isConnected();
      await eve.sees("let in");
    });
  },
});
