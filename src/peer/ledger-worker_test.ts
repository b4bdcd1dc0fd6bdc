import assert from "node:assert/strict";
import { HandAuthor, NOW_MS } from "../../tests/fixtures/peer-author.ts";
import { closeStores, openStores } from "./open-group.ts";

Deno.test("ledger worker: what has come is shown before more is taken in", async () => {
  const directory = await Deno.makeTempDir();
  const me = new HandAuthor(9);
  const stores = await openStores({
    directory,
    group: me.group,
    author: me.id,
    seed: me.seed,
    freshLife: "f".repeat(16),
    nowMs: NOW_MS,
  });
  try {
    const { ledger } = stores;
    const ended: string[] = [];
    const nowMs = NOW_MS + 1_000_000;
    const keeps = [1, 2, 3].map((number) => {
      const events = new HandAuthor(number).many(50);
      return ledger.call("keep", { events, nowMs }).then(() => ended.push("keep"));
    });
    const shown = ledger.call("placeable", { nowMs }).then(() => ended.push("placeable"));
    await Promise.all([...keeps, shown]);
    assert.ok(ended.indexOf("placeable") < 2, ended.join());
  } finally {
    await closeStores(stores);
    await Deno.remove(directory, { recursive: true });
  }
});
