import { type Entry, type Log, type Outcome, StoreFailure } from "../log/log.ts";
import type { LoggedEvent } from "../protocol/event.ts";
import { encodePdu } from "../protocol/wire.ts";
import type { Clock } from "../transport/clock.ts";
import { AHEAD_MS_MAX, type HybridClock } from "./hybrid-clock.ts";
import type { LedgerCalls } from "./ledger-calls.ts";
import { LateCount } from "./late-count.ts";
import type { NotStored } from "./ledger.ts";
import type { Replica } from "./replica.ts";
import { type NeighbourId, type ReplicaEffect, type ReplicaPdu, SERVED_PDUS_MAX } from "./replica-effect.ts";

/** A ledger, in a worker or in a test. */
export interface Ledger {
  call<K extends keyof LedgerCalls>(
    kind: K,
    takes: LedgerCalls[K]["takes"],
  ): Promise<LedgerCalls[K]["gives"]>;
}

export interface KeeperParts {
  readonly ledger: Ledger;
  readonly log: Pick<Log, "append">;
  readonly replica: Replica;
  readonly hybrid: HybridClock;
  readonly clock: Clock;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly links: {
    say(to: NeighbourId, line: Uint8Array): void;
    pause(of: NeighbourId, ms: number): void;
    end(whose: NeighbourId, why: string): void;
  };
  /** What others said stands in the log now. */
  readonly onPlaced: (events: readonly LoggedEvent[]) => void;
  /** For the operator. `about`: an author or neighbour, or what went wrong. */
  readonly note: (event: string, about: string) => void;
}

const TICK_MS = 100;
/** When to try again after the store could not write. */
const STORE_RETRY_MS = 1_000;
/** Events that one neighbour may have on their way into the ledger before it is not read any more. */
const UNDER_WAY_MAX = 600;
/** And all of them together: twenty neighbours that talk at once would have 12,000 there, 20 MB of them. */
const ALL_UNDER_WAY_MAX = 1_500;

/**
 * Carries out what the replica wants, and keeps ledger and log in step: what one's own people said goes from the log
 * into the ledger (`follow`), what others said from the ledger into the log (`place`). Either may be cut off
 * anywhere, and is made up for by the next.
 */
export class Keeper {
  readonly #parts: KeeperParts;
  readonly #underWay = new Map<NeighbourId, { events: number; wake: (() => void)[] }>();
  #allUnderWay = 0;
  /** Those that wait for it to be less, the first first. */
  #wakeAny: (() => void)[] = [];
  #following: Promise<void> | null = null;
  #followAgain = false;
  #placing: Promise<void> | null = null;
  #placeAgain = false;
  #followDueMs: number | null = null;
  #placeDueMs: number | null = null;
  #cancelTick: () => void = () => {};
  #isClosed = false;
  readonly #late = new LateCount();

  constructor(parts: KeeperParts) {
    this.#parts = parts;
  }

  /** Brings ledger and log in step as they were found, then goes on by itself. */
  async start(): Promise<void> {
    await this.#follow();
    await this.#place();
    this.#keepTicking();
  }

  linked(id: NeighbourId): void {
    this.#parts.replica.linked(id, this.#nowMs);
    this.#carryOut();
  }

  unlinked(id: NeighbourId): void {
    this.#parts.replica.unlinked(id, this.#nowMs);
    this.#carryOut();
  }

  /** One PDU. Resolves when more may be read from this neighbour. */
  async heard(id: NeighbourId, pdu: ReplicaPdu): Promise<void> {
    if (pdu.type === "PEER_EVENTS") {
      while (this.#allUnderWay >= ALL_UNDER_WAY_MAX) {
        await new Promise<void>((resolve) => this.#wakeAny.push(resolve));
      }
    }
    this.#parts.replica.heard(id, pdu, this.#nowMs);
    this.#carryOut();
    const underWay = this.#underWay.get(id);
    if (underWay === undefined || underWay.events < UNDER_WAY_MAX) return;
    await new Promise<void>((resolve) => underWay.wake.push(resolve));
  }

  /** What this peer's own people said. */
  async append(batch: readonly Entry[]): Promise<readonly Outcome[]> {
    const outcomes = await this.#parts.log.append(batch);
    for (const entry of batch) this.#late.take(entry, this.#nowMs);
    // Acknowledged as it is: should the ledger not get it now, it does at the next start.
    this.#follow();
    return outcomes;
  }

  /** Resolves when the ledger has all that the log had when it was called, and the neighbours were told. */
  async inStep(): Promise<void> {
    await this.#follow();
  }

  /** How many events stand in the log far behind where their time puts them since the start, and when the last came. */
  get late(): { readonly count: number; readonly lastMs: number } {
    return this.#late;
  }

  /** Waits for what is under way. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelTick();
    await this.#following;
    await this.#placing;
  }

  get #nowMs(): number {
    return this.#parts.now();
  }

  #keepTicking(): void {
    if (this.#isClosed) return;
    const { clock, replica } = this.#parts;
    this.#cancelTick = clock.after(TICK_MS, () => {
      replica.tick(this.#nowMs);
      this.#carryOut();
      if (this.#followDueMs !== null && this.#followDueMs <= this.#nowMs) {
        this.#followDueMs = null;
        this.#follow();
      }
      if (this.#placeDueMs !== null && this.#placeDueMs <= this.#nowMs) this.#place();
      this.#keepTicking();
    });
  }

  #carryOut(): void {
    for (const effect of this.#parts.replica.effects()) this.#do(effect);
  }

  #do(effect: ReplicaEffect): void {
    const { links, note } = this.#parts;
    switch (effect.do) {
      case "say":
        return links.say(effect.to, encodePdu(effect.pdu, "quicchat/1"));
      case "pause":
        return links.pause(effect.of, effect.ms);
      case "end":
        return links.end(effect.whose, effect.why);
      case "note":
        return note(effect.event, effect.about);
      case "serve":
        return this.#attempt("serve", this.#serve(effect));
      case "keep":
        return this.#attempt("keep", this.#keep(effect));
      case "break":
        return this.#attempt("break", this.#break(effect));
    }
  }

  #attempt(what: string, done: Promise<void>): void {
    done.catch((error) => this.#failed(what, error));
  }

  async #serve({ to, chain, range }: Extract<ReplicaEffect, { do: "serve" }>): Promise<void> {
    const step = range.to < range.from ? -1 : 1;
    let from = range.from;
    for (let pdus = 1;; pdus++) {
      const events = await this.#parts.ledger.call("read", { chain, from, to: range.to });
      from += events.length * step;
      const isDone = events.length === 0 || from === range.to + step || pdus === SERVED_PDUS_MAX;
      const ends = isDone ? `,"ends":${JSON.stringify([chain.author, chain.life, range.from])}` : "";
      const line = `{"type":"PEER_EVENTS","events":[${events.join(",")}]${ends}}\n`;
      this.#parts.links.say(to, new TextEncoder().encode(line));
      if (isDone) return;
    }
  }

  async #keep({ from, events }: Extract<ReplicaEffect, { do: "keep" }>): Promise<void> {
    const { ledger, replica, hybrid } = this.#parts;
    const underWay = this.#underWay.get(from) ?? { events: 0, wake: [] };
    this.#underWay.set(from, underWay);
    underWay.events += events.length;
    this.#allUnderWay += events.length;
    try {
      const kept = await ledger.call("keep", { events, nowMs: this.#nowMs });
      hybrid.saw(kept.tsMsMax, this.#nowMs);
      if (kept.tsMsMax > this.#nowMs + AHEAD_MS_MAX) this.#parts.note("peer-clock-ahead", kept.latestBy);
      replica.kept(from, kept, this.#nowMs);
      this.#carryOut();
      if (kept.count > 0) this.#place();
    } finally {
      underWay.events -= events.length;
      this.#allUnderWay -= events.length;
      if (this.#allUnderWay < ALL_UNDER_WAY_MAX) { for (const wake of this.#wakeAny.splice(0)) wake(); }
      if (underWay.events < UNDER_WAY_MAX) { for (const wake of underWay.wake.splice(0)) wake(); }
    }
  }

  async #break({ from, proof }: Extract<ReplicaEffect, { do: "break" }>): Promise<void> {
    const { ledger, replica } = this.#parts;
    const { run, entries } = await ledger.call("break", { proof, nowMs: this.#nowMs });
    replica.broke(from, proof, run);
    this.#carryOut();
    if (entries.length > 0) this.#tellPlaced(entries, await this.#parts.log.append(entries));
    if (entries.length > 0) await this.#follow();
  }

  /** One at a time; asked for while it runs, it runs once more. */
  #follow(): Promise<void> {
    this.#followAgain = true;
    return this.#following ??= this.#followAll().then(() => {
      this.#following = null;
      // Asked for in the moment between.
      if (this.#followAgain && !this.#isClosed) return this.#follow();
    });
  }

  async #followAll(): Promise<void> {
    while (this.#followAgain && !this.#isClosed) {
      this.#followAgain = false;
      try {
        const { said, run, more } = await this.#parts.ledger.call("follow", null);
        if (run !== null) this.#parts.replica.said(said, run);
        this.#carryOut();
        this.#followAgain ||= more;
      } catch (error) {
        this.#failed("follow", error);
        this.#followDueMs = this.#nowMs + STORE_RETRY_MS;
        return;
      }
    }
  }

  #place(): Promise<void> {
    this.#placeAgain = true;
    return this.#placing ??= this.#placeAll().then(() => {
      this.#placing = null;
      if (this.#placeAgain && !this.#isClosed) return this.#place();
    });
  }

  async #placeAll(): Promise<void> {
    const { ledger, log } = this.#parts;
    while (this.#placeAgain && !this.#isClosed) {
      this.#placeAgain = false;
      try {
        const { entries, nextMs } = await ledger.call("placeable", { nowMs: this.#nowMs + AHEAD_MS_MAX });
        this.#placeDueMs = nextMs === null ? null : nextMs - AHEAD_MS_MAX;
        if (entries.length === 0) return;
        this.#placeAgain = true;
        const outcomes = await log.append(entries);
        const notStored = entries.flatMap(({ device, seq }, at): NotStored[] => {
          const outcome = outcomes[at];
          if (outcome === undefined || outcome.status === "stored") return [];
          const offset = outcome.status === "duplicate" ? outcome.offset : null;
          return [{ device, seq, offset, isStale: outcome.status === "refused" && outcome.why === "stale" }];
        });
        if (notStored.length > 0) await ledger.call("settle", { entries: notStored });
        this.#tellPlaced(entries, outcomes);
        await this.#follow();
      } catch (error) {
        this.#failed("place", error);
        this.#placeDueMs = this.#nowMs + STORE_RETRY_MS;
        return;
      }
    }
  }

  #tellPlaced(entries: readonly Entry[], outcomes: readonly Outcome[]): void {
    const events = entries.flatMap((entry, at): LoggedEvent[] => {
      const outcome = outcomes[at];
      return outcome?.status === "stored" ? [{ ...entry, offset: outcome.offset }] : [];
    });
    if (events.length === 0) return;
    for (const event of events) this.#late.take(event, this.#nowMs);
    this.#parts.onPlaced(events);
  }

  #failed(what: string, error: unknown): void {
    // A store that was closed under a call that was under way: whoever closed it knows.
    if (this.#isClosed) return;
    const says = error instanceof StoreFailure || error instanceof Error ? error.message : String(error);
    this.#parts.note(`peer-${what}-failed`, says);
  }
}
