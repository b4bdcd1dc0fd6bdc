import { Buffer } from "node:buffer";
import { type LoggedEvent, topicIn } from "../protocol/event.ts";
import {
  CHANGES_REACTIONS_MAX,
  type Entry,
  type Log,
  type Outcome,
  type Page,
  PAGE_BYTES_MAX,
  type RoomStand,
  type RoomSummary,
} from "./log.ts";
import { StoreFailure } from "./log.ts";
import { assertStorable } from "./storable.ts";

/** What a test or a simulation decides. */
export interface MemoryLogOptions {
  readonly epoch: string;
  /** Runs before a batch takes effect. It may throw a `StoreFailure`, and the batch is refused; or return a
   * promise, and the batch and all behind it wait. */
  readonly beforeCommit?: (batch: readonly Entry[]) => void | Promise<void>;
  /** Runs before a read, a head or a list of rooms is answered. May throw or delay likewise. */
  readonly beforeRead?: () => void | Promise<void>;
}

interface DeviceHistory {
  readonly events: Map<number, LoggedEvent>;
  seqMax: number;
}

/**
 * A log that lives as long as this object, for tests and simulation. Deterministic: no clock, no
 * randomness; without hooks a batch takes effect within the call.
 */
export class MemoryLog implements Log {
  readonly epoch: string;
  readonly #options: MemoryLogOptions;
  readonly #rooms = new Map<string, LoggedEvent[]>();
  readonly #devices = new Map<string, DeviceHistory>();
  /** Appends and the close, in the order of the calls. */
  #tail: Promise<unknown> = Promise.resolve();
  /** Counts failures; an append called before the newest one fails with it. */
  #era = 0;
  #failure: unknown;
  #closed = false;

  constructor(options: MemoryLogOptions) {
    this.epoch = options.epoch;
    this.#options = options;
  }

  append(batch: readonly Entry[]): Promise<readonly Outcome[]> {
    try {
      this.#assertOpen();
      batch.forEach(assertStorable);
    } catch (error) {
      return Promise.reject(error);
    }
    if (this.#options.beforeCommit === undefined) return Promise.resolve(this.#keep(batch));
    const era = this.#era;
    const done = this.#tail.then(async () => {
      if (era !== this.#era) throw this.#failure;
      try {
        await this.#options.beforeCommit?.(batch);
      } catch (error) {
        this.#era++;
        this.#failure = error;
        throw error;
      }
      return this.#keep(batch);
    });
    // The caller gets the failure; here it only must not stop those behind.
    this.#tail = done.catch(() => {});
    return done;
  }

  async read(room: string, after: number, limit: number): Promise<Page> {
    await this.#beforeRead();
    const all = this.#rooms.get(room) ?? [];
    const events: LoggedEvent[] = [];
    let bytes = 0;
    for (let at = Math.max(0, after); at < all.length && events.length < limit; at++) {
      const event = all[at];
      if (event === undefined) break;
      bytes += Buffer.byteLength(event.body);
      if (bytes > PAGE_BYTES_MAX && events.length > 0) break;
      events.push(event);
    }
    return { events, head: all.length };
  }

  async changes(room: string, targets: readonly number[], after: number): Promise<LoggedEvent[][]> {
    await this.#beforeRead();
    const wanted = new Set(targets);
    const said = Map.groupBy(
      (this.#rooms.get(room) ?? []).slice(Math.max(0, after)),
      ({ type, target }) => type !== "CHAT_MESSAGE" && target !== null && wanted.has(target) ? target : null,
    );
    const lists: LoggedEvent[][] = [];
    let bytes = 0;
    for (const target of targets) {
      const list = newestOf(said.get(target) ?? []);
      bytes += list.reduce((sum, { body }) => sum + Buffer.byteLength(body), 0);
      if (bytes > PAGE_BYTES_MAX && lists.length > 0) break;
      lists.push(list);
    }
    return lists;
  }

  async stand(room: string): Promise<RoomStand> {
    await this.#beforeRead();
    const events = this.#rooms.get(room) ?? [];
    const topic = events.findLast(({ type }) => type === "CHAT_TOPIC");
    return { head: events.length, topic: topic === undefined ? "" : topicIn(topic) };
  }

  async rooms(after: string, limit: number): Promise<readonly RoomSummary[]> {
    await this.#beforeRead();
    return [...this.#rooms]
      .map(([room, events]) => ({ room, head: events.length }))
      .filter(({ room }) => byCodePoint(room, after) > 0)
      .sort((a, b) => byCodePoint(a.room, b.room))
      .slice(0, Math.max(0, limit));
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#tail;
  }

  async #beforeRead(): Promise<void> {
    this.#assertOpen();
    await this.#options.beforeRead?.();
  }

  #assertOpen(): void {
    if (this.#closed) throw new StoreFailure("broken", "the log is closed");
  }

  #keep(batch: readonly Entry[]): Outcome[] {
    return batch.map((entry) => this.#take(entry));
  }

  #take(entry: Entry): Outcome {
    const { device, targetMust, ...event } = entry;
    const history = this.#devices.get(device);
    const before = history?.events.get(entry.seq);
    if (before !== undefined) {
      return { status: "duplicate", room: before.room, offset: before.offset, tsMs: before.tsMs };
    }
    if (history !== undefined && history.seqMax > entry.seq) return { status: "refused", why: "stale" };
    const events = this.#rooms.get(entry.room) ?? [];
    if (targetMust !== null) {
      const target = entry.target === null ? undefined : events[entry.target - 1];
      if (target?.type !== "CHAT_MESSAGE") return { status: "refused", why: "no-target" };
      if (targetMust === "be-own" && target.author !== entry.author) {
        return { status: "refused", why: "not-own" };
      }
    }
    const logged: LoggedEvent = { ...event, offset: events.length + 1 };
    events.push(logged);
    this.#rooms.set(entry.room, events);
    if (history === undefined) {
      this.#devices.set(device, { events: new Map([[entry.seq, logged]]), seqMax: entry.seq });
    } else {
      history.events.set(entry.seq, logged);
      history.seqMax = entry.seq;
    }
    return { status: "stored", offset: logged.offset };
  }
}

function newestOf(changes: readonly LoggedEvent[]): LoggedEvent[] {
  const edit = changes.findLast(({ type }) => type === "CHAT_EDIT");
  const deletion = changes.findLast(({ type }) => type === "CHAT_DELETE");
  const reactions = changes.filter(({ type }) => type === "CHAT_REACT").slice(-CHANGES_REACTIONS_MAX);
  const newest = new Set([edit, deletion, ...reactions]);
  return changes.filter((change) => newest.has(change));
}

/** UTF-8's order, which is SQLite's too. JavaScript's `<` puts U+E000 to U+FFFF behind U+10000. */
function byCodePoint(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
