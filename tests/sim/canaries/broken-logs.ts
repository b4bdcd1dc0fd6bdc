import type { Entry, Log, Outcome, Page, RoomStand, RoomSummary } from "../../../src/log/log.ts";
import type { LoggedEvent } from "../../../src/protocol/event.ts";
import type { Process } from "../machine.ts";

/** A log that is like another but for what is overridden. */
class Wrapped implements Log {
  readonly epoch: string;

  constructor(readonly inner: Log) {
    this.epoch = inner.epoch;
  }

  append(batch: readonly Entry[]): Promise<readonly Outcome[]> {
    return this.inner.append(batch);
  }

  read(room: string, after: number, limit: number): Promise<Page> {
    return this.inner.read(room, after, limit);
  }

  changes(
    room: string,
    targets: readonly number[],
    after: number,
  ): Promise<readonly (readonly LoggedEvent[])[]> {
    return this.inner.changes(room, targets, after);
  }

  stand(room: string): Promise<RoomStand> {
    return this.inner.stand(room);
  }

  rooms(after: string, limit: number): Promise<readonly RoomSummary[]> {
    return this.inner.rooms(after, limit);
  }

  close(): Promise<void> {
    return this.inner.close();
  }
}

/** Says that a batch is durable as soon as it has it. */
export class AckBeforeCommit extends Wrapped {
  readonly #heads = new Map<string, number>();

  constructor(inner: Log, readonly process: Process) {
    super(inner);
  }

  override async append(batch: readonly Entry[]): Promise<readonly Outcome[]> {
    const outcomes: Outcome[] = [];
    for (const { room } of batch) {
      const head = Math.max(this.#heads.get(room) ?? 0, (await this.inner.stand(room)).head) + 1;
      this.#heads.set(room, head);
      outcomes.push({ status: "stored", offset: head });
    }
    this.inner.append(batch).catch(() => {});
    return outcomes;
  }
}

/** Takes what is sent again for new: it comes under another device. */
export class NoDedupe extends Wrapped {
  /** `seen` outlives the server's processes. */
  constructor(inner: Log, readonly seen: Set<string>) {
    super(inner);
  }

  override async append(batch: readonly Entry[]): Promise<readonly Outcome[]> {
    const outcomes = await this.inner.append(batch.map((entry) => {
      if (!this.seen.has(`${entry.device} ${entry.seq}`)) return entry;
      return { ...entry, device: this.seen.size.toString(16).padStart(32, "0") };
    }));
    for (const { device, seq } of batch) this.seen.add(`${device} ${seq}`);
    return outcomes;
  }
}

/** Says that what it already had is stored anew, at the room's end. */
export class DuplicateAtEnd extends Wrapped {
  override async append(batch: readonly Entry[]): Promise<readonly Outcome[]> {
    const outcomes = await this.inner.append(batch);
    return await Promise.all(outcomes.map(async (outcome): Promise<Outcome> => {
      if (outcome.status !== "duplicate") return outcome;
      return { status: "stored", offset: (await this.inner.stand(outcome.room)).head + 1 };
    }));
  }
}

/** A page of the log ends one event early. */
export class LostTail extends Wrapped {
  override async read(room: string, after: number, limit: number): Promise<Page> {
    const page = await this.inner.read(room, after, limit);
    return { events: page.events.slice(0, -1), head: page.head };
  }
}

/** The newest offset is told one too low, as by a reader that lags. */
export class LaggingHead extends Wrapped {
  override async stand(room: string): Promise<RoomStand> {
    const stand = await this.inner.stand(room);
    return { ...stand, head: Math.max(0, stand.head - 1) };
  }
}

/** Catching up leaves edits out. */
export class DroppedEdits extends Wrapped {
  override async read(room: string, after: number, limit: number): Promise<Page> {
    const page = await this.inner.read(room, after, limit);
    return { events: page.events.filter(({ type }) => type !== "CHAT_EDIT"), head: page.head };
  }
}
