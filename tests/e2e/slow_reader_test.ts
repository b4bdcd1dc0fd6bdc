/** Who stops reading costs the server no memory and the others nothing, and gets everything later. */
import assert from "node:assert/strict";
import { DenseReader } from "../fixtures/dense-reader.ts";
import { residentMb, watchMemory } from "../fixtures/memory.ts";
import { startServer } from "./running-server.ts";

const ROOM = "r";
const READERS = 100;
/** Half of them with a window of which they confirm nothing, half relying on the transport. */
const SLOW = 100;
const SENDERS = 5;
const IN_FLIGHT = 64;
const MESSAGES = 50_000;
const TEXT = "x".repeat(100);
const WINDOW = 524_288;
/** The bar: what the memory may grow by, over that of a server that all have joined. */
const GROWTH_MB_MAX = 150;

/** Resolves when each has the offset. */
async function allAt(readers: readonly DenseReader[], offset: number): Promise<void> {
  await Promise.all(
    readers.map((reader) =>
      new Promise<void>((resolve, reject) => {
        const look = () => {
          if (reader.offset >= offset) resolve();
        };
        reader.onOffset = look;
        reader.ended.then(() => reject(new Error(`${reader.options.name}'s link ended at ${reader.offset}`)));
        look();
      })
    ),
  );
}

/** Says them all, some in flight for each sender, and hears every receipt. */
async function sayAll(senders: readonly DenseReader[]): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let said = 0;
  let kept = 0;
  const next = (sender: DenseReader) => {
    if (said >= MESSAGES) return;
    said++;
    sender.say(TEXT);
  };
  for (const sender of senders) {
    sender.onReceipt = () => {
      if (++kept === MESSAGES) resolve();
      next(sender);
    };
    for (let slot = 0; slot < IN_FLIGHT; slot++) next(sender);
  }
  await promise;
}

Deno.test("100 of 200 stop reading while 50,000 messages pass", async () => {
  await using server = await startServer(["--rate", "1000000"]);
  const join = async (count: number, kind: string, window: (index: number) => number | null) => {
    const joined = [];
    for (let index = 0; index < count; index++) {
      const options = { name: `${kind} ${index}`, room: ROOM, window: window(index) };
      const reader = new DenseReader(server, options);
      await reader.join();
      joined.push(reader);
    }
    return joined;
  };
  const readers = await join(READERS, "reader", (index) => index % 2 === 0 ? WINDOW : null);
  const slow = await join(SLOW, "slow", (index) => index % 2 === 0 ? WINDOW : null);
  for (const reader of slow) reader.hold();

  const joinedMb = residentMb(server.pid);
  const peakMb = watchMemory(server.pid);
  const startMs = performance.now();
  await Promise.all([sayAll(readers.slice(0, SENDERS)), allAt(readers, MESSAGES)]);
  const passedMs = performance.now() - startMs;
  for (const { options, offset, gaps, reconnects } of readers) {
    assert.deepEqual([offset, gaps, reconnects], [MESSAGES, 0, 0], `${options.name} lost nothing`);
  }
  // The transport's limits are met for these: the server gives them up, and they must come anew.
  await Promise.all(slow.filter(({ options }) => options.window === null).map(({ ended }) => ended));
  const stuckMs = performance.now() - startMs;
  const behind = slow.filter(({ offset }) => offset < MESSAGES);
  assert.equal(behind.length, SLOW, "all of them really were slow");
  const confirming = slow.filter(({ options }) => options.window !== null);
  assert.ok(confirming.every(({ end }) => end === null), "a window is no reason to be given up");
  const grownMb = peakMb() - joinedMb;

  const backMs = performance.now();
  for (const reader of slow) reader.goOn();
  await Promise.all(slow.filter(({ end }) => end !== null).map((reader) => reader.rejoin()));
  await allAt(slow, MESSAGES);
  for (const { options, offset, gaps } of slow) {
    assert.deepEqual([offset, gaps], [MESSAGES, 0], `${options.name} got everything`);
  }
  console.log(
    `${MESSAGES} messages to ${READERS} readers in ${seconds(passedMs)}, 50 given up after ${
      seconds(stuckMs)
    }, ` +
      `${SLOW} caught up in ${seconds(performance.now() - backMs)}; ` +
      `server ${joinedMb.toFixed(0)} MB when all had joined, at most ${grownMb.toFixed(0)} MB more`,
  );
  assert.ok(grownMb < GROWTH_MB_MAX, `the server grew by ${grownMb.toFixed(0)} MB`);
  await Promise.all([...readers, ...slow].map((reader) => reader.leave()));
});

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
