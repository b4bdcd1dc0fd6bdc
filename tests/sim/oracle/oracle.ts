import { DurableRecord } from "./record.ts";
import { ReaderWatch } from "./reader-watch.ts";
import { Sayings } from "./sayings.ts";
import { type SessionHost, SessionWatch } from "./session-watch.ts";
import type { Trace } from "../trace.ts";
import type { Rule, Violation } from "./violation.ts";

/** A disk as the oracle looks at it: what would be there after the worst crash. */
export interface Disk {
  readonly syncedLength: number;
  readonly durable: string;
}

/** Watches a whole run and says what the promise of the chat allows. Knows the wire's words and the disk, and
 * nothing of how the server or the SDK work. */
export class Oracle implements SessionHost {
  violation: Violation | null = null;
  readonly sayings = new Sayings((rule, says) => this.violate(rule, says));
  readonly #records = new Map<string, DurableRecord>();
  readonly #shownHeads = new Map<string, number>();
  #epoch = "";
  #sessions = 0;

  constructor(readonly disk: Disk, readonly nowMs: () => number, readonly log: Trace) {}

  /** The log begins a life: the first, or another one after a restore. */
  begins(epoch: string): void {
    if (this.#epoch !== "") this.sayings.restored(epoch);
    this.#epoch = epoch;
    this.#shownHeads.clear();
    this.#records.set(epoch, new DurableRecord(epoch, (event) => this.sayings.stored(event, epoch)));
    this.record();
  }

  /** A server opens the log: what was durable must be there. */
  opened(): void {
    const record = this.#records.get(this.#epoch);
    if (record !== undefined && !record.isIn(this.disk.durable)) {
      this.violate("durable-stays", "what was synced before is not in the file any more");
    }
    this.record();
  }

  record(): DurableRecord {
    const record = this.#records.get(this.#epoch);
    if (record === undefined) throw new Error("no log began");
    if (this.disk.syncedLength > record.length) record.read(this.disk.durable);
    return record;
  }

  recordOf(epoch: string): DurableRecord | undefined {
    return epoch === this.#epoch ? this.record() : this.#records.get(epoch);
  }

  session(): SessionWatch {
    return new SessionWatch(++this.#sessions, this);
  }

  reader(
    who: string,
    room: string,
    from: { readonly epoch: string | undefined; readonly offset: number } | null,
  ): ReaderWatch {
    return new ReaderWatch(
      who,
      room,
      from,
      (epoch) => this.recordOf(epoch),
      (rule, says) => this.violate(rule, says),
    );
  }

  shownHead(room: string): number {
    return this.#shownHeads.get(room) ?? 0;
  }

  shown(room: string, offset: number): void {
    this.#shownHeads.set(room, Math.max(offset, this.shownHead(room)));
  }

  violate(rule: Rule, says: string): void {
    this.trace(`VIOLATION ${rule}: ${says}`);
    this.violation ??= { rule, says, atMs: this.nowMs() };
  }

  trace(line: string): void {
    this.log.add(this.nowMs(), line);
  }
}
