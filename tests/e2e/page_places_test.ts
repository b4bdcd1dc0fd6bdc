/** Places at the page: a permalink into the far past, one that leads nowhere, leaving, a name that is none. */
import assert from "node:assert/strict";
import { connect } from "../../src/client/mod.ts";
import { browserProgram, openBrowser, Person } from "./people-at-the-page.ts";
import { startServer } from "./running-server.ts";

Deno.test({
  name: "places at the page",
  ignore: "missing" in browserProgram,
  async fn(t) {
    await using server = await startServer(["--rate", "5000"]);
    await using browser = await openBrowser();
    const bea = connect(server.url, { name: "Bea" });
    const lobby = bea.room("lobby");
    for (const text of ["to be edited", "to be deleted", "to be liked"]) await lobby.send(text);
    await Promise.all(Array.from({ length: 1_000 }, (_, n) => lobby.send(`since ${n}`)));
    await Promise.all([lobby.edit(1, "edited"), lobby.delete(2), lobby.react(3, "🎉")]);
    await Promise.all(Array.from({ length: 300 }, (_, n) => lobby.send(`lately ${n}`)));
    await bea.close();
    const ann = await Person.in(browser, server.url, "Ann");
    await ann.sees("lately 299");
    const problem = ann.page.locator("p.problem.in-room");
    const goTo = (hash: string) => ann.page.evaluate((to) => void (location.hash = to), hash);

    await t.step("a place in the far past shows what was edited, deleted and reacted to since", async () => {
      await goTo("#/room/lobby/2");
      await ann.sees("edited");
      await ann.page.getByText("This message was deleted.").waitFor();
      await ann.message("to be liked").getByText("🎉").first().waitFor();
      for (const gone of ["to be edited", "to be deleted"]) assert.equal(await ann.message(gone).count(), 0);
    });

    await t.step("a link to a message that is not there says so, until one has read it", async () => {
      await goTo("#/room/lobby/99999");
      await problem.filter({ hasText: "is not in this room" }).waitFor();
      await problem.getByRole("button", { name: "Close" }).click();
      await problem.waitFor({ state: "detached" });
    });

    await t.step("what is no name for a room stays in the field, with why", async () => {
      const field = ann.page.locator("#find-room");
      await field.fill("gar\u202eden");
      await field.press("Enter");
      await ann.page.getByText("That is no name for a room").waitFor();
      assert.equal(await field.inputValue(), "gar\u202eden");
      await field.fill("garden");
      await ann.page.getByText("That is no name for a room").waitFor({ state: "detached" });
      await field.press("Enter");
      await ann.page.getByRole("heading", { name: "garden" }).waitFor();
      assert.equal(await field.inputValue(), "");
    });

    await t.step(
      "who left the room is out of it when the page is loaded again; the last one can't be left",
      async () => {
        await ann.page.getByRole("button", { name: "What to do with garden" }).click();
        await ann.page.getByRole("button", { name: "Leave this room" }).click();
        await ann.page.getByRole("heading", { name: "lobby" }).waitFor();
        await ann.page.waitForFunction(() => location.hash === "#/room/lobby");
        await ann.page.reload();
        await ann.isConnected();
        assert.deepEqual(await ann.page.locator("a.room-link .room-name").allInnerTexts(), ["lobby"]);
        await ann.page.getByRole("button", { name: "What to do with lobby" }).click();
        await ann.page.getByText("You are in no other room").waitFor();
        assert.equal(await ann.page.getByRole("button", { name: "Leave this room" }).count(), 0);
      },
    );

    await t.step("a room of which nothing is here says so while there is no connection", async () => {
      await server.kill9();
      await ann.page.keyboard.press("Escape");
      await ann.page.locator("#find-room").fill("attic");
      await ann.page.keyboard.press("Enter");
      await ann.page.getByText("Nothing of this room is kept on this device.").waitFor();
    });
    ann.assertUntroubled();
  },
});
