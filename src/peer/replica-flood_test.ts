/** Who said more than others keep at once is held back, and heard again: all of it arrives, also what was pushed. */
import assert from "node:assert/strict";
import { Replica } from "./replica.ts";
import type { ReplicaPdu } from "./replica-effect.ts";
import type { SignedEvent } from "./signed-event.ts";

const ANN = "a".repeat(64);
const BOB = "b".repeat(64);
const LIFE = "1".repeat(16);
/** As many of ordinary length fit one PDU, and four answer a question. */
const A_PDU = 140;
const AN_ANSWER = 4 * A_PDU;
const START_MS = 1_790_000_000_000;

function event(seq: number): SignedEvent {
  return [[ANN, LIFE, seq, START_MS, "CHAT_MESSAGE", "lobby", "Ann", null, ["text"], ""], ""];
}

/** Ann, who talks, and Bob, who keeps what joins, with a clock of their own. */
class Pair {
  readonly #ann = new Replica(ANN, [], []);
  readonly #bob = new Replica(BOB, [], []);
  readonly #onTheWay: ReplicaPdu[] = [];
  #nowMs = START_MS;
  #pausedUntilMs = 0;
  said = 0;
  has = 0;

  constructor() {
    this.#ann.linked(BOB, this.#nowMs);
    this.#bob.linked(ANN, this.#nowMs);
  }

  say(count: number): void {
    const events = Array.from({ length: count }, () => event(++this.said));
    this.#ann.said(events, this.#run(this.said));
    this.#settle();
  }

  pass(ms: number): void {
    for (let passed = 0; passed < ms; passed += 100) {
      this.#nowMs += 100;
      this.#ann.tick(this.#nowMs);
      this.#bob.tick(this.#nowMs);
      this.#settle();
    }
  }

  #run(high: number) {
    return { author: ANN, life: LIFE, low: 0, high, head: String(high).padStart(32, "0"), brokenAt: null };
  }

  #settle(): void {
    for (let before = -1; before !== this.#onTheWay.length;) {
      this.#carryOutAnn();
      before = this.#onTheWay.length;
      while (this.#nowMs >= this.#pausedUntilMs) {
        const pdu = this.#onTheWay.shift();
        if (pdu === undefined) break;
        this.#bob.heard(ANN, pdu, this.#nowMs);
        this.#carryOutBob();
      }
      this.#carryOutBob();
      this.#carryOutAnn();
    }
  }

  #carryOutAnn(): void {
    for (const effect of this.#ann.effects()) {
      if (effect.do === "say") this.#onTheWay.push(effect.pdu);
      if (effect.do !== "serve") continue;
      const { from, to } = effect.range;
      const last = Math.min(to, from + AN_ANSWER - 1);
      for (let at = from; at <= last; at += A_PDU) {
        const events = Array.from(
          { length: Math.min(A_PDU, last - at + 1) },
          (_, index) => event(at + index),
        );
        const isLast = at + A_PDU > last;
        this.#onTheWay.push({ type: "PEER_EVENTS", events, ...(isLast ? { ends: [ANN, LIFE, from] } : {}) });
      }
    }
  }

  #carryOutBob(): void {
    for (const effect of this.#bob.effects()) {
      if (effect.do === "say") this.#ann.heard(BOB, effect.pdu, this.#nowMs);
      if (effect.do === "pause") {
        this.#pausedUntilMs = Math.max(this.#pausedUntilMs, this.#nowMs + effect.ms);
      }
      if (effect.do === "keep") this.#keep(effect.events);
    }
  }

  #keep(events: readonly SignedEvent[]): void {
    const before = this.has;
    for (const [fields] of events) if (fields[2] === this.has + 1) this.has++;
    const isGap = events.some(([fields]) => Number(fields[2]) > this.has);
    this.#bob.kept(ANN, {
      count: this.has - before,
      runs: this.has > before ? [this.#run(this.has)] : [],
      wrongs: isGap ? [{ why: "gap", chain: { author: ANN, life: LIFE } }] : [],
      tsMsMax: 0,
      latestBy: "",
    }, this.#nowMs);
  }
}

function afterFlood(): Pair {
  const pair = new Pair();
  pair.say(100);
  pair.pass(1_000);
  while (pair.said < 11_000) {
    pair.say(100);
    if (pair.said % 1_000 === 0) pair.pass(100);
  }
  assert.ok(pair.has < 11_000, "it is held back");
  return pair;
}

Deno.test("replica: what a flood was refused of arrives, about as fast as there is room", () => {
  const pair = afterFlood();
  pair.pass(20_000);
  assert.equal(pair.has, 11_000);
});

Deno.test("replica: what was pushed one by one and refused arrives, and so does what follows", () => {
  const pair = afterFlood();
  pair.pass(20_000);
  for (let at = 0; at < 1_500; at++) pair.say(1);
  assert.ok(pair.has < pair.said);
  pair.pass(20_000);
  assert.equal(pair.has, pair.said);
  pair.say(1);
  pair.pass(100);
  assert.equal(pair.has, pair.said, "at once, as ever");
});
