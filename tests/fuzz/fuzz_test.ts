/** The fuzzer with a fixed seed and a fresh one, and that it can find something. */
import assert from "node:assert/strict";
import { Seeded } from "../fixtures/seeded.ts";
import { Stage } from "../fixtures/stage.ts";
import { type Broken, fuzz, replayOf } from "./fuzz.ts";
import { fuzzSessions } from "./sessions.ts";

async function assertNothingBreaks(seed: number, pdus: number): Promise<void> {
  const { broken, cases, pdus: done } = await fuzz({ seed, pdus });
  if (broken !== null) throw new Error(`again: ${replayOf(broken)}`, { cause: broken.error });
  console.log(`${done} PDUs in ${cases} cases from seed ${seed}`);
}

Deno.test("fuzz: fixed seeds", () => assertNothingBreaks(1, 60_000));

Deno.test("fuzz: fresh seeds", () => assertNothingBreaks(Math.floor(Math.random() * 1e9), 30_000));

/** Has the fault that was found first: a word follows the goodbye. */
class TalkativeStage extends Stage {
  override run(): void {
    super.run();
    for (const id of this.closed.keys()) {
      const told = this.told.get(id);
      if (told?.at(-1)?.type === "CHAT_BYE") told.push({ type: "CHAT_PONG", seq: 0, ts: 1, ack: 0 });
    }
  }
}

Deno.test("fuzz: a server that says a word after its goodbye is found", () => {
  const seeds = Array.from({ length: 50 }, (_, seed) => seed);
  assert.throws(() => {
    for (const seed of seeds) fuzzSessions(new Seeded(seed), TalkativeStage);
  }, /goodbye is the last word/);
});

Deno.test("fuzz: a failure says how to see it again", () => {
  const broken: Broken = { part: "clients", seed: 7, error: null };
  assert.equal(replayOf(broken), "npm run fuzz -- --only clients --seed 7 --pdus 1");
});
