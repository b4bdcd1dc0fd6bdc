import assert from "node:assert/strict";
import { leaveWishes, takeWishes } from "./wishes.ts";

Deno.test("wishes: what one start leaves a running peer takes, once; what is none is told, and gone", async () => {
  const directory = await Deno.makeTempDir();
  try {
    const wishes = { remove: ["0123456789ab"], mute: [] };
    const taken = leaveWishes(directory, wishes);
    let found = null;
    while (found === null) {
      found = await takeWishes(directory);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    assert.deepEqual(found, wishes);
    assert.equal(await taken, true);
    assert.equal(await takeWishes(directory), null);
    await Deno.writeTextFile(`${directory}/peer.wishes.json`, `{"remove":["../.."],"mute":[]}`);
    await assert.rejects(takeWishes(directory), { name: "SetupFailure" });
    assert.equal(await takeWishes(directory), null);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
