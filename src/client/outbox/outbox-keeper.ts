import type { Clock } from "../../transport/clock.ts";
import { ChatFailure, saysOf } from "../failure.ts";
import { Outbox, type OutboxEffect, type OutboxItem, type Receipt } from "./outbox.ts";
import { assertSayable, type Draft, type OutboxEntry } from "./outbox-entry.ts";
import type { OutboxView } from "./outbox-view.ts";
import type { OutboxStore } from "./store.ts";
import { authorOf } from "../../protocol/author.ts";
import { callSafely, Watchable, type Watched } from "../watched.ts";

export interface OutboxKeeperHost {
  readonly clock: Clock;
  readonly wallMs: () => number;
  readonly askAfterMs: number | undefined;
  /** Something of these rooms is about to be sent: one has to be in them. */
  follow(rooms: ReadonlySet<string>): void;
  /** Puts bytes on the link, if there is one. */
  push(bytes: Uint8Array): void;
  giveUpConnection(): void;
  /** The deadline or the rooms may be others now. */
  changed(): void;
  notice(says: string): void;
}

interface Waiting {
  readonly stored: (receipt: Receipt) => void;
  readonly failed: (failure: ChatFailure) => void;
}

/** Carries out what the outbox's rules say: keeps entries in the store before they are sent, forgets them
 * after their receipt, and tells who waits. */
export class OutboxKeeper implements OutboxView {
  readonly #store: OutboxStore;
  readonly #host: OutboxKeeperHost;
  #outbox: Outbox;
  #waiting = new Map<number, Waiting>();
  readonly #items = new Watchable<readonly OutboxItem[]>([]);
  readonly #onReceipt = new Set<(receipt: Receipt) => void>();
  readonly #loaded: Promise<string>;
  #load: (() => void) | null = null;
  #connected = false;
  #closed = false;
  #author: string | null = null;
  #refusal: ChatFailure | null = null;
  /** Calls of the store under way. */
  #writing = 0;
  #idleWakers = new Set<() => void>();
  /** What is on its way into the store, and so not in the outbox yet: its room is needed all the same. */
  readonly #keeping = new Set<Draft>();

  constructor(store: OutboxStore, host: OutboxKeeperHost) {
    this.#store = store;
    this.#host = host;
    this.#outbox = new Outbox({ nextSeq: 1, askAfterMs: host.askAfterMs });
    const begun = new Promise<void>((begin) => this.#load = begin);
    this.#loaded = begun.then(async () => {
      const { device, nextSeq, entries } = await store.load();
      this.#outbox = new Outbox({ nextSeq, askAfterMs: host.askAfterMs });
      for (const entry of entries) this.#outbox.add(entry, host.clock.nowMs());
      // Before what waits is shown: who sees it asks whose it is.
      this.#author = authorOf(device);
      this.#show();
      return device;
    });
    // Who asks is told: `load` and `send` await it.
    this.#loaded.catch(() => {});
  }

  get items(): Watched<readonly OutboxItem[]> {
    return this.#items;
  }

  /** What others see of the store's device; null until the store is read. */
  get author(): string | null {
    return this.#author;
  }

  onReceipt(f: (receipt: Receipt) => void): () => void {
    this.#onReceipt.add(f);
    return () => void this.#onReceipt.delete(f);
  }

  get deadlineMs(): number | null {
    return this.#outbox.deadlineMs();
  }

  /** Rooms that something waits for. */
  rooms(): Set<string> {
    const rooms = this.#outbox.rooms();
    for (const { room } of this.#keeping) rooms.add(room);
    return rooms;
  }

  /** Reads the store; gives the device. Rejects when the store can't be used. */
  load(): Promise<string> {
    this.#load?.();
    return this.#loaded;
  }

  /** Numbers an event, keeps it, sends it; resolves with its receipt. */
  async send(draft: Draft): Promise<Receipt> {
    assertSayable(draft);
    if (this.#closed) throw ChatFailure.local("closed");
    this.#writing++;
    this.#keeping.add(draft);
    try {
      const entry = await this.#keep(draft);
      if (this.#closed) throw ChatFailure.local("closed", KEPT, true);
      const receipt = new Promise<Receipt>((stored, failed) => {
        this.#waiting.set(entry.seq, { stored, failed });
      });
      this.#run(this.#outbox.add(entry, this.#host.clock.nowMs()));
      if (this.#refusal !== null) this.#rejectAll(this.#refusal.butKept());
      return receipt;
    } finally {
      this.#keeping.delete(draft);
      this.#writing--;
      this.#host.changed();
      this.#wakeIfIdle();
    }
  }

  connected(): void {
    this.#connected = true;
    this.#refusal = null;
    this.#run(this.#outbox.connected(this.#host.clock.nowMs(), this.#host.wallMs()));
  }

  disconnected(): void {
    if (!this.#connected) return;
    this.#connected = false;
    this.#outbox.disconnected();
    this.#show();
  }

  /** The server lets nobody in: who waits is told, what waits is kept. */
  refuse(failure: ChatFailure): void {
    this.#refusal = failure;
    this.#rejectAll(failure.butKept());
    this.#wakeAll();
  }

  receipt(seq: number, receipt: Receipt): void {
    this.#run(this.#outbox.receipt(seq, receipt, this.#host.clock.nowMs()));
  }

  refused(seq: number, failure: ChatFailure, retryMs: number | undefined): void {
    this.#run(this.#outbox.refused(seq, failure, retryMs, this.#host.clock.nowMs()));
  }

  tick(): void {
    this.#run(this.#outbox.tick(this.#host.clock.nowMs()));
  }

  resume(seq?: number): void {
    const effects = this.#outbox.resume(seq, this.#host.clock.nowMs());
    // What was old or failed held no room open.
    this.#host.follow(this.#outbox.rooms());
    this.#run(effects);
  }

  discard(seq?: number): void {
    for (const one of this.#outbox.discard(seq)) {
      this.#forget(one);
      this.#settle(one)?.failed(ChatFailure.local("discarded"));
    }
    this.#show();
    this.#wakeIfIdle();
  }

  /** Resolves when nothing is left that goes out by itself, or the time is over, or nobody is let in. */
  drained(mostMs: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.#idle || this.#refusal !== null) return resolve();
      const callOff = this.#host.clock.after(mostMs, resolve);
      this.#idleWakers.add(() => {
        callOff();
        resolve();
      });
    });
  }

  /** Rejects what waits; the store keeps it. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#outbox.disconnected();
    this.#rejectAll(ChatFailure.local("closed", KEPT, true));
    this.#show();
    try {
      await this.#store.close();
    } catch (thrown) {
      this.#host.notice(`the outbox's store did not close well: ${saysOf(thrown)}`);
    }
  }

  async #keep(draft: Draft): Promise<OutboxEntry> {
    try {
      await this.#loaded;
      const entry = this.#outbox.number(draft, this.#host.wallMs());
      await this.#store.put(entry);
      return entry;
    } catch (thrown) {
      throw ChatFailure.local("outbox", `this device could not keep the message: ${saysOf(thrown)}`);
    }
  }

  get #idle(): boolean {
    return this.#writing === 0 && this.#outbox.idle;
  }

  #run(effects: readonly OutboxEffect[]): void {
    for (const effect of effects) {
      switch (effect.do) {
        case "send":
          this.#host.push(effect.bytes);
          break;
        case "stored":
          this.#forget(effect.seq);
          for (const f of [...this.#onReceipt]) callSafely(() => f(effect.receipt));
          this.#settle(effect.seq)?.stored(effect.receipt);
          break;
        case "failed":
          this.#forget(effect.seq);
          this.#settle(effect.seq)?.failed(effect.failure);
          break;
        case "renumber":
          this.#renumber(effect.seq, effect.entry);
          break;
        case "ask":
          this.#host.notice(`${effect.seqs.length} messages are old: they wait for resume or discard`);
          break;
        case "give-up-connection":
          this.#host.giveUpConnection();
          break;
      }
    }
    this.#show();
    this.#host.changed();
    this.#wakeIfIdle();
  }

  #settle(seq: number): Waiting | undefined {
    const waiting = this.#waiting.get(seq);
    this.#waiting.delete(seq);
    return waiting;
  }

  #rejectAll(failure: ChatFailure): void {
    const all = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const one of all) one.failed(failure);
  }

  async #renumber(seq: number, entry: OutboxEntry): Promise<void> {
    const waiting = this.#settle(seq);
    this.#writing++;
    this.#keeping.add(entry.draft);
    try {
      await this.#store.put(entry, seq);
    } catch (thrown) {
      const says = `this device could not keep the message: ${saysOf(thrown)}`;
      waiting?.failed(ChatFailure.local("outbox", says));
      this.#host.notice(says);
      return;
    } finally {
      this.#keeping.delete(entry.draft);
      this.#writing--;
    }
    if (this.#closed) return waiting?.failed(ChatFailure.local("closed", KEPT, true));
    if (waiting !== undefined) this.#waiting.set(entry.seq, waiting);
    this.#run(this.#outbox.add(entry, this.#host.clock.nowMs(), true));
  }

  /** If it fails the entry is sent again some day, and recognised. */
  #forget(seq: number): void {
    this.#store.remove(seq).catch((thrown) =>
      this.#host.notice(`the outbox could not forget message ${seq}: ${saysOf(thrown)}`)
    );
  }

  #show(): void {
    this.#items.setLazily(() => this.#outbox.items());
  }

  #wakeIfIdle(): void {
    if (this.#idleWakers.size > 0 && this.#idle) this.#wakeAll();
  }

  #wakeAll(): void {
    for (const wake of this.#idleWakers) wake();
    this.#idleWakers.clear();
  }
}

const KEPT = "the client was closed before this was acknowledged: it is kept, and sent at the next start";
