/** One peer of the simulation: what is shipped (keeper, replica, ledger, the log's appender) on simulated disk, clock and
 * links. Only signatures are make-believe. */
import { createHash } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import type { Entry, Outcome } from "../../src/log/log.ts";
import { MIGRATIONS } from "../../src/log/sqlite/migrations.ts";
import { SqliteAppender } from "../../src/log/sqlite/sqlite-appender.ts";
import { HybridClock } from "../../src/peer/hybrid-clock.ts";
import { Keeper } from "../../src/peer/keeper.ts";
import type { LedgerCalls } from "../../src/peer/ledger-calls.ts";
import type { Wrong } from "../../src/peer/ledger.ts";
import { type Checked, LedgerStore } from "../../src/peer/ledger-store.ts";
import { Replica } from "../../src/peer/replica.ts";
import { readEvent, shortAuthor, type SignedEvent, textOf } from "../../src/peer/signed-event.ts";
import type { CancelTimer, Clock, VirtualClock } from "../../src/transport/clock.ts";
import type { Seeded } from "../fixtures/seeded.ts";

export const GROUP = "0".repeat(32);

/** Stands for Ed25519: everybody could make it, and in here nobody does but its author. */
export function pretendToSign(author: string, text: string): string {
  const digest = createHash("sha512").update(`${author} ${text}`).digest("base64url");
  return digest.slice(0, 86);
}

export interface SimNet {
  say(from: string, to: string, line: Uint8Array): void;
  end(from: string, whose: string): void;
}

/** What lasts over a crash. */
class Disk {
  readonly ledger = new DatabaseSync(":memory:");
  readonly log = new DatabaseSync(":memory:");

  constructor() {
    for (const { sql } of MIGRATIONS) this.log.exec(sql);
  }
}

/** From a start to a crash; what is under way when it crashes is lost, or done and never told. */
interface Process {
  isAlive: boolean;
  keeper: Keeper;
  hybrid: HybridClock;
  workers: readonly SimWorker[];
}

/** A thread with a disk: one call after another, each takes a while. */
class SimWorker {
  readonly #queue: (() => void)[] = [];
  #isBusy = false;

  constructor(readonly world: VirtualClock, readonly chance: Seeded) {}

  call<T>(act: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#queue.push(() => {
        try {
          resolve(act());
        } catch (error) {
          reject(error);
        }
      });
      this.#next();
    });
  }

  /** Of what is under way something may still happen, of which nobody is told. */
  die(): void {
    if (this.chance.next() < 0.5) this.#queue[0]?.();
    this.#queue.length = 0;
    this.#isBusy = true;
  }

  #next(): void {
    if (this.#isBusy || this.#queue.length === 0) return;
    this.#isBusy = true;
    this.world.after(this.chance.from(0, 3), () => {
      const act = this.#queue.shift();
      if (act === undefined) return;
      this.#isBusy = false;
      act();
      this.#next();
    });
  }
}

export class SimPeer {
  readonly #disk = new Disk();
  readonly notes: string[] = [];
  #process: Process | null = null;
  #epoch = 1;

  constructor(
    readonly id: string,
    /** How far this one's clock is from the world's. */
    readonly skewMs: number,
    readonly world: VirtualClock,
    readonly chance: Seeded,
    readonly net: SimNet,
  ) {}

  get isUp(): boolean {
    return this.#process !== null;
  }

  now(): number {
    return 1_790_000_000_000 + Math.round(this.world.nowMs()) + this.skewMs;
  }

  start(): void {
    const store = new LedgerStore(borrowed(this.#disk.ledger), borrowed(this.#disk.log), {
      group: GROUP,
      author: this.id,
      sign: (text) => pretendToSign(this.id, text),
      path: "ledger",
      epoch: this.#epoch.toString(16).padStart(16, "0"),
      freshLife: this.chance.from(1, 2 ** 40).toString(16).padStart(16, "0"),
      isRenewed: false,
      nowMs: this.now(),
    });
    const opening = store.opening();
    const hybrid = new HybridClock(opening.tsMsMax);
    const process: Process = { isAlive: true, keeper: null as never, hybrid, workers: [] };
    const ledger = new SimWorker(this.world, this.chance);
    const writer = new SimWorker(this.world, this.chance);
    process.workers = [ledger, writer];
    const log = { append: (batch: readonly Entry[]) => writer.call(() => this.#append(batch)) };
    const clock: Clock = {
      nowMs: () => this.world.nowMs(),
      after: (ms, run): CancelTimer => this.world.after(ms, () => process.isAlive && run()),
      atEndOfTurn: (run) => this.world.atEndOfTurn(() => process.isAlive && run()),
    };
    process.keeper = new Keeper({
      ledger: { call: (kind, takes) => ledger.call(() => carryOut(store, kind, takes)) },
      log,
      replica: new Replica(this.id, opening.runs, store.proofs()),
      hybrid,
      clock,
      now: () => this.now(),
      links: {
        say: (to, line) => process.isAlive && this.net.say(this.id, to, line),
        pause: () => {},
        end: (whose) => this.net.end(this.id, whose),
      },
      onPlaced: () => {},
      note: (event, about) => this.notes.push(`${event} ${about}`),
    });
    this.#process = process;
    process.keeper.start();
  }

  /** kill -9. */
  crash(): void {
    if (this.#process !== null) this.#process.isAlive = false;
    for (const worker of this.#process?.workers ?? []) worker.die();
    this.#process = null;
  }

  get keeper(): Keeper | null {
    return this.#process?.keeper ?? null;
  }

  /** Somebody at this peer's page says something; resolves when it is acknowledged. */
  async say(entry: Omit<Entry, "tsMs" | "author">): Promise<Outcome | undefined> {
    const process = this.#process;
    if (process === null) return undefined;
    const tsMs = process.hybrid.next(this.now());
    const outcomes = await process.keeper.append([{ ...entry, tsMs, author: shortAuthor(this.id) }]);
    return outcomes[0];
  }

  /** The log is thrown away, to be made anew from the ledger, which has followed all of it: between a crash and a
   * start. */
  loseLog(): void {
    const last = this.#disk.log.prepare("SELECT max(id) AS id FROM events").get()?.["id"] ?? 0;
    if (this.#disk.ledger.prepare("SELECT up_to FROM state").get()?.["up_to"] !== last) return;
    this.#disk.log.exec("DELETE FROM events; DELETE FROM rooms");
    this.#epoch++;
  }

  /** The rows of the log, as the page would read them. */
  rows(): Record<string, unknown>[] {
    return this.#disk.log.prepare(
      `SELECT e.offset, e.ts, e.type, e.author, e.target, e.body, e.sender, r.name AS room
       FROM events e JOIN rooms r ON r.id = e.room ORDER BY e.id`,
    ).all();
  }

  dispose(): void {
    this.crash();
    this.#disk.ledger.close();
    this.#disk.log.close();
  }

  #append(batch: readonly Entry[]): Outcome[] {
    const db = this.#disk.log;
    db.exec("BEGIN");
    const appender = new SqliteAppender(db);
    const outcomes = batch.map((entry) => appender.take(entry));
    appender.settle();
    db.exec("COMMIT");
    return outcomes;
  }
}

/** The store must not close what outlives it. */
function borrowed(db: DatabaseSync): DatabaseSync {
  return db;
}

function carryOut<K extends keyof LedgerCalls>(
  store: LedgerStore,
  kind: K,
  takes: LedgerCalls[K]["takes"],
): LedgerCalls[K]["gives"] {
  const given = takes as never;
  const acts: { [A in keyof LedgerCalls]?: (takes: LedgerCalls[A]["takes"]) => LedgerCalls[A]["gives"] } = {
    keep: ({ events, nowMs }) => {
      const wrongs: Wrong[] = [];
      const right: Checked[] = [];
      for (const event of events) {
        const checked = check(event);
        if (typeof checked === "string") wrongs.push({ why: checked });
        else right.push(checked);
      }
      const kept = store.keep(right, nowMs);
      return { ...kept, wrongs: [...wrongs, ...kept.wrongs] };
    },
    break: ({ proof, nowMs }) => {
      const [one, other] = [check(proof[0]), check(proof[1])];
      if (typeof one === "string" || typeof other === "string") return { run: null, entries: [] };
      return store.break([one, other], nowMs);
    },
    follow: () => store.follow(),
    placeable: ({ nowMs }) => store.placeable(nowMs),
    settle: ({ entries }) => (store.settle(entries), null),
    read: ({ chain, from, to }) => store.read(chain, from, to),
  };
  const act = acts[kind];
  if (act === undefined) throw new Error(`the simulation does not ${kind}`);
  return act(given);
}

function check([fields, signature]: SignedEvent): Checked | "malformed" | "forged" {
  const event = readEvent(fields);
  if (event === null) return "malformed";
  const text = textOf(event);
  return pretendToSign(event.author, text) === signature ? { event, text, signature } : "forged";
}
