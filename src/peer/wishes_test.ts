import assert from "node:assert/strict";
import { grantWishes, leaveWishes, type Wishes } from "./wishes.ts";

const WISHES: Wishes = { remove: ["0123456789ab"], mute: [] };

/** What `leaveWishes` says, and what it left, at a peer that looks often. */
async function leftWith(grant: (wishes: Wishes) => Promise<void>) {
  const directory = await Deno.makeTempDir();
  try {
    const granted: Wishes[] = [];
    const journal: string[] = [];
    const answer = leaveWishes(directory, WISHES);
    let isAnswered = false;
    answer.then(() => isAnswered = true);
    while (!isAnswered) {
      await grantWishes(directory, (wishes) => {
        granted.push(wishes);
        return grant(wishes);
      }).catch((error: Error) => journal.push(error.message));
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    const files = Array.from(Deno.readDirSync(directory), ({ name }) => name);
    return { answer: await answer, granted, journal, files };
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test("wishes: what one start leaves a running peer grants, once, and both files go", async () => {
  const { answer, granted, journal, files } = await leftWith(() => Promise.resolve());
  assert.deepEqual(answer, { refused: null });
  assert.deepEqual(granted, [WISHES]);
  assert.deepEqual([journal, files], [[], []]);
});

Deno.test("wishes: why they are not granted is told to both", async () => {
  const { answer, granted, journal, files } = await leftWith(() =>
    Promise.reject(new Error("nobody by that key"))
  );
  assert.deepEqual(answer, { refused: "nobody by that key" });
  assert.deepEqual(granted, [WISHES]);
  assert.deepEqual([journal, files], [["nobody by that key"], []]);
});

Deno.test("wishes: what is none is refused, and gone", async () => {
  const directory = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${directory}/peer.wishes.json`, `{"remove":["../.."],"mute":[]}`);
    const grant = () => Promise.reject(new Error("granted"));
    await assert.rejects(grantWishes(directory, grant), { name: "SetupFailure" });
    assert.match(
      await Deno.readTextFile(`${directory}/peer.wishes.answer.json`),
      /no wishes of this version/,
    );
    await grantWishes(directory, grant);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
