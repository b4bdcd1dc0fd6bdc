import { AuthorBounds, costOf } from "./author-bounds.ts";
import type { Contradiction, Kept, Run, Wrong } from "./ledger.ts";
import { differs, type Range, wantedOf } from "./runs.ts";
import { CHAINS_MAX, type PeerPduOf, RUNS_PER_PDU } from "./peer-pdu.ts";
import type { NeighbourId, ReplicaEffect, ReplicaPdu } from "./replica-effect.ts";
import { type ChainId, chainKey, type SignedEvent } from "./signed-event.ts";

interface Neighbour {
  readonly id: NeighbourId;
  /** As it told them. */
  readonly runs: Map<string, Run>;
  /** By chain, up to where it was given events over this connection, though it may not have told of them yet. */
  readonly given: Map<string, number>;
  asked: number;
  /** When it last gave events, or what it gave was kept, which may take its time. */
  gaveMs: number;
}

interface Chain {
  readonly id: ChainId;
  run: Run | null;
  asked: { readonly of: NeighbourId; readonly from: number; readonly untilMs: number } | null;
  /** An event of ours that somebody's don't follow from: ask that one for theirs. */
  evidence: { readonly of: NeighbourId; readonly seq: number } | null;
  quietUntilMs: number;
  /** A part of the answer under way was refused: what is left of it joins nothing. */
  isSpoilt: boolean;
}

/** What is said at once is pushed; more is asked for. Fits `SERVED_PDUS_MAX` PDUs unless the texts are long. */
const PUSHED_MAX = 20;
/** What surely fits one PDU, as a character takes three bytes at most. */
const PUSHED_CHARS_MAX = 20_000;
/** Before somebody whose events join ours nowhere is asked again. */
const UNJOINED_MS = 1_000;
/** Questions to one neighbour at a time. */
const ASKED_MAX = 4;
/** A neighbour that does not answer within this is not waited for; one that answers other questions gets the rest as well. */
const ANSWER_MS = 15_000;
const BUSY_ANSWER_MS = 45_000;
/** How often neighbours who do not say that they have what was pushed to them are told that there is more. */
const TELLS_PUSHED_MS = 2_000;
/**
 * What a peer tells its neighbours of its events and asks them for, as a deterministic machine: it is told what
 * happened and when, and gives effects. The events themselves are in the ledger, so it stays small.
 */
export class Replica {
  readonly #me: string;
  readonly #chains = new Map<string, Chain>();
  readonly #neighbours = new Map<NeighbourId, Neighbour>();
  readonly #bounds = new AuthorBounds();
  readonly #changed = new Set<Chain>();
  readonly #todo = new Set<Chain>();
  #tellsPushedMs = 0;
  #effects: ReplicaEffect[] = [];
  #proofs: Contradiction[];

  /** `me`: this peer's key; `runs` and `proofs`: what its ledger has. */
  constructor(me: string, runs: readonly Run[], proofs: readonly Contradiction[]) {
    this.#me = me;
    this.#proofs = [...proofs];
    for (const run of runs) this.#chain(run).run = run;
  }

  /** What is to be done, in order, since the last call. */
  effects(): readonly ReplicaEffect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  /** How many events this one is known to have and we lack, and the other way round. */
  distance(id: NeighbourId): { readonly behind: number; readonly ahead: number } {
    let behind = 0;
    let ahead = 0;
    for (const [key, theirs] of this.#neighbours.get(id)?.runs ?? []) {
      const ours = this.#chains.get(key)?.run;
      behind += Math.max(0, theirs.high - (ours?.high ?? 0));
      ahead += Math.max(0, (ours?.high ?? 0) - theirs.high);
    }
    return { behind, ahead };
  }

  linked(id: NeighbourId, nowMs: number): void {
    this.unlinked(id, nowMs);
    this.#neighbours.set(id, { id, runs: new Map(), given: new Map(), asked: 0, gaveMs: nowMs });
    const runs = [...this.#chains.values()].flatMap(({ run }) => run ?? []);
    this.#tellRuns(id, runs);
    for (const proof of this.#proofs) this.#say(id, { type: "PEER_BROKEN", proof });
  }

  unlinked(id: NeighbourId, nowMs: number): void {
    if (!this.#neighbours.delete(id)) return;
    for (const chain of this.#chains.values()) {
      if (chain.evidence?.of === id) chain.evidence = null;
      if (chain.asked?.of !== id) continue;
      chain.asked = null;
      chain.isSpoilt = false;
      this.#todo.add(chain);
    }
    this.#askAll(nowMs);
  }

  heard(id: NeighbourId, pdu: ReplicaPdu, nowMs: number): void {
    const neighbour = this.#neighbours.get(id);
    if (neighbour === undefined) return;
    switch (pdu.type) {
      case "PEER_RUNS":
        for (const run of pdu.runs) this.#hearRun(neighbour, run);
        return this.#askAll(nowMs);
      case "PEER_ASK": {
        const { author, life, from, to } = pdu;
        this.#effects.push({ do: "serve", to: id, chain: { author, life }, range: { from, to } });
        if (to >= from) neighbour.given.set(chainKey({ author, life }), to);
        return;
      }
      case "PEER_EVENTS":
        neighbour.gaveMs = nowMs;
        return this.#hearEvents(neighbour, pdu, nowMs);
      case "PEER_BROKEN":
        this.#effects.push({ do: "break", from: id, proof: pdu.proof });
        return;
    }
  }

  /** What this peer's own people said, signed; `run` is now this peer's. */
  said(events: readonly SignedEvent[], run: Run): void {
    const chain = this.#chain(run);
    const before = run.high - events.length;
    chain.run = run;
    const key = chainKey(run);
    const isLong = JSON.stringify(events).length > PUSHED_CHARS_MAX;
    for (const neighbour of this.#neighbours.values()) {
      const has = Math.max(neighbour.runs.get(key)?.high ?? 0, neighbour.given.get(key) ?? 0);
      if (has !== before || events.length > PUSHED_MAX) {
        this.#changed.add(chain);
        continue;
      }
      neighbour.given.set(key, run.high);
      if (isLong) {
        const range = { from: before + 1, to: run.high };
        this.#effects.push({ do: "serve", to: neighbour.id, chain: run, range });
      } else this.#say(neighbour.id, { type: "PEER_EVENTS", events: [...events] });
    }
  }

  /** What came of a `keep`. */
  kept(from: NeighbourId, { runs, wrongs }: Kept, nowMs: number): void {
    const neighbour = this.#neighbours.get(from);
    if (neighbour !== undefined) neighbour.gaveMs = nowMs;
    for (const run of runs) this.#know(run);
    for (const wrong of wrongs) this.#judge(from, wrong, nowMs);
    this.#askAll(nowMs);
  }

  /** What came of a `break`: the chain as it is now; null: it was broken before, or the proof was none. */
  broke(from: NeighbourId, proof: Contradiction, run: Run | null): void {
    if (run === null) return;
    this.#know(run);
    this.#proofs.push(proof);
    this.#note("peer-contradicts-itself", run.author);
    for (const { id } of this.#neighbours.values()) {
      if (id !== from) this.#say(id, { type: "PEER_BROKEN", proof });
    }
    // Where they parted may lie further back: this far only what each had of it differs.
    const [one, other] = proof;
    const seq = (run.brokenAt ?? 0) - 1;
    if (one[0][9] !== other[0][9] && seq > run.low) this.#chain(run).evidence = { of: from, seq };
  }

  /** Every 100 ms: tells what is new, asks for what wasn't answered. */
  tick(nowMs: number): void {
    if (this.#changed.size > 0) {
      const runs = [...this.#changed].flatMap(({ run }) => run ?? []);
      this.#changed.clear();
      for (const { id, runs: theirs } of this.#neighbours.values()) {
        this.#tellRuns(id, runs.filter((run) => differs(theirs.get(chainKey(run)), run)));
      }
    }
    this.#tellPushed(nowMs);
    for (const chain of this.#chains.values()) {
      if (chain.asked !== null && this.#isLate(chain.asked, nowMs)) this.#answered(chain, chain.asked.of);
      else if (chain.asked === null && this.#lacks(chain)) this.#todo.add(chain);
    }
    this.#askAll(nowMs);
  }

  /** What was pushed may have been refused there, and then nobody would ask for it. */
  #tellPushed(nowMs: number): void {
    if (nowMs < this.#tellsPushedMs) return;
    this.#tellsPushedMs = nowMs + TELLS_PUSHED_MS;
    for (const [key, { id, run }] of this.#chains) {
      if (id.author !== this.#me || run === null) continue;
      for (const { id: to, runs, given } of this.#neighbours.values()) {
        if (given.has(key) && (runs.get(key)?.high ?? 0) < run.high) this.#tellRuns(to, [run]);
      }
    }
  }

  #hearRun(neighbour: Neighbour, told: PeerPduOf<"PEER_RUNS">["runs"][number]): void {
    const [author, life, low, high, head, brokenAt] = told;
    const run: Run = { author, life, low, high, head, brokenAt };
    const key = chainKey(run);
    if (!this.#chains.has(key) && this.#chains.size >= CHAINS_MAX) {
      return this.#note("too-many-chains", neighbour.id);
    }
    const chain = this.#chain(run);
    neighbour.runs.set(key, run);
    const ours = chain.run;
    if (ours !== null && ours.brokenAt === null && ours.high === high && ours.head !== head) {
      chain.evidence = { of: neighbour.id, seq: high };
    }
    this.#todo.add(chain);
  }

  #hearEvents(neighbour: Neighbour, pdu: PeerPduOf<"PEER_EVENTS">, nowMs: number): void {
    const events: SignedEvent[] = [];
    const costs = new Map<string, number>();
    const coming = pdu.events.filter((event) => !this.#isSpoilt(event));
    for (const [fields] of coming) {
      const author = String(fields[0]);
      costs.set(author, (costs.get(author) ?? 0) + costOf(Number(fields[3]), nowMs));
    }
    const waits = new Map<string, number>();
    for (const [author, cost] of costs) {
      const waitMs = author === this.#me ? 0 : this.#bounds.take(author, cost, nowMs);
      if (waitMs > 0) waits.set(author, waitMs);
    }
    for (const event of coming) if (!waits.has(String(event[0][0]))) events.push(event);
    for (const [author, waitMs] of waits) this.#quieten(neighbour, author, waitMs, nowMs);
    if (pdu.ends !== undefined) {
      const [author, life, from] = pdu.ends;
      const chain = this.#chains.get(chainKey({ author, life }));
      if (chain?.asked?.of === neighbour.id && chain.asked.from === from) this.#answered(chain, neighbour.id);
    }
    if (events.length > 0) this.#effects.push({ do: "keep", from: neighbour.id, events });
    else this.#askAll(nowMs);
  }

  #isSpoilt([[author, life]]: SignedEvent): boolean {
    return this.#chains.get(chainKey({ author: String(author), life: String(life) }))?.isSpoilt ?? false;
  }

  #quieten(neighbour: Neighbour, author: string, waitMs: number, nowMs: number): void {
    this.#note("peer-floods", author);
    for (const chain of this.#chains.values()) {
      if (chain.id.author !== author) continue;
      chain.quietUntilMs = nowMs + waitMs;
      chain.isSpoilt = chain.asked !== null;
    }
    // Who passes on what was asked for is not to blame.
    if (neighbour.id === author) {
      this.#effects.push({ do: "pause", of: neighbour.id, ms: Math.min(waitMs, 1_000) });
    }
  }

  #judge(from: NeighbourId, wrong: Wrong, nowMs: number): void {
    switch (wrong.why) {
      case "malformed":
      case "forged":
        this.#note(`peer-passes-on-${wrong.why}`, from);
        this.#effects.push({ do: "end", whose: from, why: wrong.why });
        return;
      case "gap":
        this.#todo.add(this.#chain(wrong.chain));
        return;
      case "unlinked": {
        const chain = this.#chain(wrong.chain);
        chain.evidence = { of: from, seq: wrong.seq };
        chain.quietUntilMs = Math.max(chain.quietUntilMs, nowMs + UNJOINED_MS);
        this.#todo.add(chain);
        return;
      }
      case "contradicts":
        this.#effects.push({ do: "break", from, proof: wrong.proof });
        return;
    }
  }

  #know(run: Run): void {
    const chain = this.#chain(run);
    chain.run = run;
    this.#changed.add(chain);
    this.#todo.add(chain);
  }

  /** Whether somebody has what we lack of this chain. */
  #lacks({ id, run }: Chain): boolean {
    const key = chainKey(id);
    for (const { runs } of this.#neighbours.values()) {
      const theirs = runs.get(key);
      if (theirs !== undefined && wantedOf(run, theirs) !== null) return true;
    }
    return false;
  }

  #askAll(nowMs: number): void {
    for (const chain of this.#todo) if (this.#ask(chain, nowMs)) this.#todo.delete(chain);
  }

  /** Asks a neighbour for what is lacking of a chain. False: there is something to ask, and not now. */
  #ask(chain: Chain, nowMs: number): boolean {
    if (chain.asked !== null) return true; // Comes back when that is answered.
    const { evidence } = chain;
    if (evidence !== null) {
      const neighbour = this.#neighbours.get(evidence.of);
      chain.evidence = null;
      if (neighbour !== undefined) {
        this.#askFor(chain, neighbour, { from: evidence.seq, to: evidence.seq }, nowMs);
        return true;
      }
    }
    if (chain.quietUntilMs > nowMs) return false;
    const key = chainKey(chain.id);
    let best: { readonly of: Neighbour; readonly range: Range } | null = null;
    let isBusy = false;
    for (const neighbour of this.#neighbours.values()) {
      const theirs = neighbour.runs.get(key);
      const range = theirs === undefined ? null : wantedOf(chain.run, theirs);
      if (range === null) continue;
      // What is old waits until nothing new is on its way from there.
      if (neighbour.asked >= (range.to < range.from ? 1 : ASKED_MAX)) isBusy = true;
      else if (best === null || neighbour.asked < best.of.asked) best = { of: neighbour, range };
    }
    if (best === null) return !isBusy;
    this.#askFor(chain, best.of, best.range, nowMs);
    return true;
  }

  #askFor(chain: Chain, neighbour: Neighbour, { from, to }: Range, nowMs: number): void {
    neighbour.asked++;
    chain.asked = { of: neighbour.id, from, untilMs: nowMs + ANSWER_MS };
    this.#say(neighbour.id, { type: "PEER_ASK", ...chain.id, from, to });
  }

  /** Who gives other things meanwhile gets longer: to ask the next for what is on its way would double the load. */
  #isLate({ of, untilMs }: NonNullable<Chain["asked"]>, nowMs: number): boolean {
    const gaveMs = this.#neighbours.get(of)?.gaveMs ?? 0;
    return untilMs <= nowMs && (gaveMs + ANSWER_MS <= nowMs || untilMs + BUSY_ANSWER_MS <= nowMs);
  }

  #answered(chain: Chain, of: NeighbourId): void {
    const neighbour = this.#neighbours.get(of);
    if (neighbour !== undefined) neighbour.asked = Math.max(0, neighbour.asked - 1);
    chain.asked = null;
    chain.isSpoilt = false;
    this.#todo.add(chain);
  }

  #tellRuns(to: NeighbourId, runs: readonly Run[]): void {
    for (let at = 0; at < runs.length; at += RUNS_PER_PDU) {
      this.#say(to, {
        type: "PEER_RUNS",
        runs: runs.slice(at, at + RUNS_PER_PDU)
          .map(({ author, life, low, high, head, brokenAt }) => [author, life, low, high, head, brokenAt]),
      });
    }
  }

  #chain(id: ChainId): Chain {
    const key = chainKey(id);
    let chain = this.#chains.get(key);
    if (chain === undefined) {
      const { author, life } = id;
      chain = {
        id: { author, life },
        run: null,
        asked: null,
        evidence: null,
        quietUntilMs: 0,
        isSpoilt: false,
      };
      this.#chains.set(key, chain);
    }
    return chain;
  }

  #say(to: NeighbourId, pdu: ReplicaPdu): void {
    this.#effects.push({ do: "say", to, pdu });
  }

  #note(event: string, about: string): void {
    this.#effects.push({ do: "note", event, about });
  }
}
