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

Deno.test("fuzz: fixed seeds", () => assertNothingBreaks(1, 120_000));

Deno.test("fuzz: fresh seeds", () => assertNothingBreaks(Math.floor(Math.random() * 1e9), 60_000));

Deno.test("fuzz: a server that says a word after its goodbye is found", () => {
  // The fault that it found first, made again: whoever leaves is told one thing more.
  const { leave } = Stage.prototype;
  const say = Stage.prototype.say;
  Stage.prototype.say = function (id, pdu) {
    say.call(this, id, pdu);
    if (this.closed.has(id)) this.told.get(id)?.push({ type: "CHAT_PONG", seq: 0, ts: 1, ack: 0 });
  };
  try {
    let found = 0;
    for (let seed = 0; seed < 400; seed++) {
      try {
        fuzzSessions(new Seeded(seed));
      } catch (error) {
        assert.match(String(error), /goodbye is the last word/);
        found++;
      }
    }
    assert(found > 0);
  } finally {
    Object.assign(Stage.prototype, { leave, say });
  }
});

Deno.test("fuzz: a failure says how to see it again", () => {
  const broken: Broken = { part: "clients", seed: 7, error: null };
  assert.equal(replayOf(broken), "npm run fuzz -- --only clients --seed 7 --pdus 1");
});
