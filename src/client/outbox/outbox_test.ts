import assert from "node:assert/strict";
import { ChatFailure } from "../failure.ts";
import { OUTBOX, Outbox, type OutboxEffect, type Receipt } from "./outbox.ts";
import { seeded } from "../../../tests/fixtures/scripted-server.ts";

const receipt = (seq: number): Receipt => ({ room: "lobby", epoch: "e", offset: seq, seq });
const tooFast = ChatFailure.of("too-fast");

function filled(count: number, options: { askAfterMs?: number } = {}): Outbox {
  const outbox = new Outbox({ nextSeq: 1, ...options });
  for (let n = 1; n <= count; n++) {
    const draft = { type: "CHAT_MESSAGE" as const, room: "lobby", text: `m${n}` };
    assert.deepEqual(outbox.add(outbox.number(draft, 0), 0), [], "nothing is sent offline");
  }
  return outbox;
}

function sent(effects: readonly OutboxEffect[]): number[] {
  return effects.flatMap((effect) => effect.do === "send" ? [effect.pdu.seq] : []);
}

function from(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, at) => first + at);
}

Deno.test("sends in order, at most a window, more with each receipt", () => {
  const outbox = filled(100);
  assert.deepEqual(sent(outbox.connected(0, 0)), from(1, 64));
  assert.deepEqual(
    outbox.receipt(1, receipt(1), 5),
    [
      { do: "stored", seq: 1, receipt: receipt(1) },
      ...outbox.items().filter((item) => item.seq === 65).map(() => ({ do: "send" })),
    ].map((effect, at) => at === 0 ? effect : sentEffect(outbox, 65)),
  );
  assert.deepEqual(outbox.receipt(1, receipt(1), 6), [], "the second copy's receipt is nothing new");
});

function sentEffect(outbox: Outbox, seq: number): OutboxEffect {
  const item = outbox.items().find((one) => one.seq === seq);
  assert.ok(item?.draft.type === "CHAT_MESSAGE" && item.state === "sent");
  const pdu = { ...item.draft, seq, ts: 0 };
  return { do: "send", pdu, bytes: new TextEncoder().encode(JSON.stringify(pdu) + "\n") };
}

Deno.test("long messages share a window of bytes, and one alone always fits", () => {
  const outbox = new Outbox({ nextSeq: 1 });
  const text = "x".repeat(16_000);
  for (let n = 1; n <= 40; n++) {
    outbox.add(outbox.number({ type: "CHAT_MESSAGE", room: "lobby", text }, 0), 0);
  }
  assert.equal(sent(outbox.connected(0, 0)).length, Math.floor(OUTBOX.windowBytes / 16_100));
});

Deno.test("no receipt: the oldest is said again each second, three times, then the connection is given up", () => {
  const outbox = filled(2);
  outbox.connected(0, 0);
  for (const atMs of [1_000, 2_000, 3_000]) {
    assert.equal(outbox.deadlineMs(), atMs);
    assert.deepEqual(outbox.tick(atMs - 1), []);
    assert.deepEqual(sent(outbox.tick(atMs)), [1]);
  }
  assert.deepEqual(outbox.tick(4_000), [{ do: "give-up-connection" }]);
  outbox.disconnected();
  assert.equal(outbox.deadlineMs(), null);
  assert.deepEqual(outbox.items().map((item) => item.state), ["queued", "queued"]);
  assert.deepEqual(sent(outbox.connected(5_000, 0)), [1, 2], "the same numbers, in order");
  assert.equal(outbox.deadlineMs(), 7_000, "a link that is slow gets twice the patience");
  outbox.receipt(1, receipt(1), 5_100);
  assert.equal(outbox.deadlineMs(), 6_100, "until it answers");
});

Deno.test("a server that works through a long queue is not taken for dead", () => {
  const outbox = filled(64);
  outbox.connected(0, 0);
  for (let n = 1; n <= 64; n++) {
    assert.deepEqual(outbox.tick(n * 900), []);
    outbox.receipt(n, receipt(n), n * 900);
  }
  assert.ok(outbox.idle);
});

Deno.test("a temporary refusal holds what follows, and goes on from there once; old refusals are nothing new", () => {
  const outbox = filled(10);
  outbox.connected(0, 0);
  outbox.receipt(1, receipt(1), 10);
  outbox.receipt(2, receipt(2), 10);
  assert.deepEqual(outbox.refused(3, tooFast, 200, 10), []);
  assert.deepEqual(outbox.refused(4, tooFast, 200, 11), []);
  assert.equal(outbox.deadlineMs(), 210);
  assert.deepEqual(outbox.tick(209), []);
  assert.deepEqual(sent(outbox.tick(210)), from(3, 10));
  for (const seq of from(5, 10)) {
    assert.deepEqual(outbox.refused(seq, tooFast, 200, 220), [], "of the first copies");
  }
  assert.deepEqual(outbox.tick(500), []);
  for (const seq of from(3, 10)) outbox.receipt(seq, receipt(seq), 600);
  assert.ok(outbox.idle);
});

Deno.test("a permanent refusal ends one event; resumed it is said again under the same number", () => {
  const outbox = filled(3);
  outbox.connected(0, 0);
  const failure = ChatFailure.of("forbidden");
  assert.deepEqual(outbox.refused(2, failure, undefined, 1), [{ do: "failed", seq: 2, failure }]);
  outbox.receipt(1, receipt(1), 2);
  outbox.receipt(3, receipt(3), 2);
  assert.ok(outbox.idle, "a failed one blocks nothing");
  assert.deepEqual(sent(outbox.resume(2, 3)), [2]);
  assert.deepEqual(outbox.discard(2), [], "what is under way can't be discarded");
});

Deno.test("a spent number: the event gets another one, once", () => {
  const outbox = filled(2);
  outbox.connected(0, 0);
  const spent = ChatFailure.of("duplicate");
  const [effect] = outbox.refused(1, spent, undefined, 1);
  assert.ok(effect?.do === "renumber");
  assert.deepEqual([effect.seq, effect.entry.seq], [1, 3]);
  assert.deepEqual(sent(outbox.add(effect.entry, 2, true)), [3]);
  assert.equal(outbox.refused(3, spent, undefined, 3)[0]?.do, "failed");
});

Deno.test("what is old when the connection comes waits for its author, and the young goes on", () => {
  const outbox = new Outbox({ nextSeq: 1 });
  const draft = { type: "CHAT_MESSAGE", room: "lobby", text: "x" } as const;
  outbox.add(outbox.number(draft, 0), 0);
  outbox.add(outbox.number(draft, OUTBOX.askAfterMs), 0);
  const effects = outbox.connected(0, OUTBOX.askAfterMs + 1);
  assert.deepEqual(effects[0], { do: "ask", seqs: [1] });
  assert.deepEqual(sent(effects), [2]);
  assert.deepEqual(outbox.items().map((item) => item.state), ["stale", "sent"]);
  assert.deepEqual(sent(outbox.resume(undefined, 1)), [1]);
  outbox.disconnected();
  assert.deepEqual(sent(outbox.connected(2, OUTBOX.askAfterMs * 3)).length, 1, "asked once is enough");
});

Deno.test("items tell why they failed, and those that did not tell nothing", () => {
  const outbox = filled(2);
  outbox.connected(0, 0);
  const failure = ChatFailure.of("forbidden");
  outbox.refused(1, failure, undefined, 1);
  const [first, second] = outbox.items();
  assert.deepEqual([first?.state, first?.failure], ["failed", failure]);
  assert.deepEqual([second?.state, second !== undefined && "failure" in second], ["sent", false]);
  outbox.disconnected();
  outbox.resume(1, 2);
  assert.deepEqual(outbox.items().map(({ state }) => state), ["queued", "queued"]);
});

Deno.test("failed ones are resumed and discarded in the order of their numbers", () => {
  const outbox = filled(4);
  outbox.connected(0, 0);
  for (const seq of [3, 1, 4]) outbox.refused(seq, ChatFailure.of("forbidden"), undefined, 1);
  assert.deepEqual(outbox.discard(4), [4]);
  assert.deepEqual(sent(outbox.resume(undefined, 2)), [1, 3]);
  for (const seq of [3, 1]) outbox.refused(seq, ChatFailure.of("forbidden"), undefined, 3);
  assert.deepEqual(outbox.discard(undefined), [1, 3]);
});

Deno.test("each event has a number of its own, whatever was loaded and however often one was spent", () => {
  const outbox = new Outbox({ nextSeq: 1 });
  const draft = { type: "CHAT_MESSAGE", room: "lobby", text: "x" } as const;
  for (const seq of [4, 5]) outbox.add({ seq, queuedAtMs: 0, draft }, 0);
  assert.equal(outbox.number(draft, 0).seq, 6);
  outbox.connected(0, 0);
  const renumbered = [4, 5].map((seq) => outbox.refused(seq, ChatFailure.of("duplicate"), undefined, 1)[0]);
  assert.deepEqual(renumbered.map((effect) => effect?.do === "renumber" && effect.entry.seq), [7, 8]);
  assert.equal(outbox.number(draft, 0).seq, 9);
});

Deno.test("exactly as old as may be is not too old", () => {
  const outbox = filled(1);
  assert.deepEqual(sent(outbox.connected(0, OUTBOX.askAfterMs)), [1]);
});

Deno.test("an answer to what is not here is nothing new", () => {
  const outbox = filled(1);
  outbox.connected(0, 0);
  assert.deepEqual(outbox.refused(9, tooFast, 200, 1), []);
  assert.deepEqual(outbox.receipt(9, receipt(9), 1), []);
  assert.equal(outbox.deadlineMs(), 1_000);
});

Deno.test("a temporary refusal leaves alone what was sent before it", () => {
  const outbox = filled(4);
  outbox.connected(0, 0);
  outbox.refused(3, tooFast, 200, 10);
  assert.deepEqual(outbox.items().map(({ state }) => state), ["sent", "sent", "queued", "queued"]);
  assert.deepEqual(sent(outbox.tick(210)), [3, 4]);
});

Deno.test("nothing to wait for is no deadline: when all have their receipt, also in the time of a refusal", () => {
  const outbox = filled(1);
  assert.equal(outbox.deadlineMs(), null);
  outbox.connected(0, 0);
  outbox.refused(1, tooFast, 5_000, 10);
  assert.equal(outbox.deadlineMs(), 5_010);
  outbox.receipt(1, receipt(1), 20);
  assert.equal(outbox.deadlineMs(), null);
});

Deno.test("a reconnect begins with a window like the first, of events and of bytes", () => {
  const outbox = filled(100);
  outbox.connected(0, 0);
  outbox.disconnected();
  assert.equal(sent(outbox.connected(1, 0)).length, OUTBOX.windowEvents);

  const long = new Outbox({ nextSeq: 1 });
  const text = "x".repeat(16_000);
  for (let n = 1; n <= 40; n++) long.add(long.number({ type: "CHAT_MESSAGE", room: "lobby", text }, 0), 0);
  const window = sent(long.connected(0, 0)).length;
  for (let n = 1; n <= 10; n++) assert.deepEqual(sent(long.receipt(n, receipt(n), n)), [window + n]);
  long.disconnected();
  assert.equal(sent(long.connected(1, 0)).length, window);
});

/** A server without mercy: loses connections and answers, refuses, forgets nothing that it stored. */
Deno.test("whatever happens, each event is stored once, in order, and told once", () => {
  for (let seed = 1; seed <= 200; seed++) {
    const random = seeded(seed);
    const outbox = filled(80, { askAfterMs: Infinity });
    const log: number[] = [];
    const told: number[] = [];
    /** Refused and not sent again: nothing may overtake them (src/chat/holds.ts). */
    const held = new Set<number>();
    let underWay: number[] = [];
    let answers: { seq: number; refused: boolean }[] = [];
    let nowMs = 0;
    const run = (effects: readonly OutboxEffect[]) => {
      for (const effect of effects) {
        if (effect.do === "send") underWay.push(effect.pdu.seq);
        else if (effect.do === "stored") told.push(effect.seq);
        else if (effect.do === "give-up-connection") lose();
        else assert.fail(`seed ${seed}: ${effect.do}`);
      }
    };
    const lose = () => {
      underWay = underWay.slice(0, Math.floor(random() * underWay.length));
      serve();
      underWay = [];
      answers = [];
      held.clear();
      outbox.disconnected();
      run(outbox.connected(nowMs, nowMs));
    };
    const serve = () => {
      for (const seq of underWay) {
        const overtakes = [...held].some((one) => one < seq);
        held.delete(seq);
        const refused = !log.includes(seq) && (overtakes || random() < 0.05);
        if (refused) held.add(seq);
        if (!refused && !log.includes(seq)) {
          assert.ok(seq > (log.at(-1) ?? 0), `seed ${seed}: ${seq} came after ${log.at(-1)}`);
          log.push(seq);
        }
        if (random() < 0.98) answers.push({ seq, refused });
      }
      underWay = [];
    };
    run(outbox.connected(0, 0));
    for (let step = 0; !outbox.idle; step++) {
      assert.ok(step < 20_000, `seed ${seed}: it never ends`);
      nowMs += Math.floor(random() * 200);
      const dice = random();
      if (dice < 0.02) lose();
      else if (dice < 0.4) serve();
      else if (dice < 0.8) {
        const answer = answers.shift();
        if (answer === undefined) continue;
        const { seq, refused } = answer;
        run(refused ? outbox.refused(seq, tooFast, 100, nowMs) : outbox.receipt(seq, receipt(seq), nowMs));
      } else run(outbox.tick(nowMs));
    }
    assert.deepEqual(log, from(1, 80), `seed ${seed}`);
    assert.deepEqual([...told].sort((a, b) => a - b), log, `seed ${seed}`);
  }
});
