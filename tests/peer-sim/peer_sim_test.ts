/** The peers' simulation in CI: some seeds, and that it can fail. `tests/peer-sim/main.ts` runs as many as one likes. */
import assert from "node:assert/strict";
import { type Breakage, runSeed } from "./world.ts";

const SEEDS = 80;

Deno.test(`peers, simulated: after healing all show the same, each once, nothing lost (${SEEDS} seeds)`, async () => {
  // Other seeds each day, so that CI as a whole sees many; a failure names its own.
  const first = Math.floor(Date.now() / 86_400_000) * 1_000;
  for (let seed = first; seed < first + SEEDS; seed++) {
    const { wrong } = await runSeed(seed);
    assert.equal(wrong, null, `seed ${seed}; again: deno run -A tests/peer-sim/main.ts ${seed} 1`);
  }
});

const ofPeer2 = (change: (rows: Record<string, unknown>[]) => Record<string, unknown>[]): Breakage => ({
  rows: (rows, peer) => peer === 1 ? change(rows) : rows,
});
const isMessage = ({ type }: Record<string, unknown>) => type === "CHAT_MESSAGE";

const CANARIES: readonly (readonly [string, Breakage, RegExp])[] = [
  [
    "a message is lost",
    ofPeer2((rows) => rows.toSpliced(rows.findIndex(isMessage), 1)),
    /does not show|different|at peer/,
  ],
  ["a message is doubled", ofPeer2((rows) => [...rows, ...rows.filter(isMessage).slice(0, 1)]), /twice/],
  [
    "one shows another order",
    ofPeer2((rows) => rows.map((row, at) => at === 0 ? { ...row, ts: Number(row["ts"]) + 3_600_000 } : row)),
    /at peer 2 is/,
  ],
  ["an edit is lost", ofPeer2((rows) => rows.filter(({ type }) => type !== "CHAT_EDIT")), /at peer 2 is/],
  [
    "a deletion is lost",
    ofPeer2((rows) => rows.filter(({ type }) => type !== "CHAT_DELETE")),
    /was deleted|at peer 2 is/,
  ],
  // Connections lose nothing without ending, and peers rely on it.
  ["lines vanish", { swallows: (_line, chance) => chance.next() < 0.3 }, /does not show|at peer/],
];

for (const [what, breakage, says] of CANARIES) {
  Deno.test(`peers, simulated: it would be seen if ${what}`, async () => {
    const found: string[] = [];
    for (let seed = 1; seed <= 8; seed++) found.push((await runSeed(seed, breakage)).wrong ?? "");
    if (says.source === "^$") assert.deepEqual(found.filter((wrong) => wrong !== ""), []);
    else {assert.ok(
        found.some((wrong) => says.test(wrong)),
        `nothing was seen in 8 seeds: ${found.join("; ")}`,
      );}
  });
}
