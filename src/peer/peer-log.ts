import type { Entry, Log, Outcome, Page, RoomStand, RoomSummary } from "../log/log.ts";
import type { LoggedEvent } from "../protocol/event.ts";
import type { Keeper, Ledger } from "./keeper.ts";

/**
 * The log of a peer: one's own page reads and writes it as any other. What is appended here goes to the group; what
 * the group said is placed here by the keeper.
 */
export class PeerLog implements Log {
  readonly #log: Log;
  readonly #ledger: Ledger;
  readonly #keeper: Keeper;
  readonly #onClose: () => Promise<void>;

  /** `onClose`: before the log itself closes. */
  constructor(log: Log, ledger: Ledger, keeper: Keeper, onClose: () => Promise<void>) {
    this.#log = log;
    this.#ledger = ledger;
    this.#keeper = keeper;
    this.#onClose = onClose;
  }

  get epoch(): string {
    return this.#log.epoch;
  }

  append(batch: readonly Entry[]): Promise<readonly Outcome[]> {
    return this.#keeper.append(batch);
  }

  read(room: string, after: number, limit: number): Promise<Page> {
    return this.#log.read(room, after, limit);
  }

  changes(
    room: string,
    targets: readonly number[],
    after: number,
  ): Promise<readonly (readonly LoggedEvent[])[]> {
    return this.#log.changes(room, targets, after);
  }

  /** The topic that was set last, which need not be the one that came last. */
  async stand(room: string): Promise<RoomStand> {
    const stand = await this.#log.stand(room);

    if (stand.head === 0) return stand;
    await this.#keeper.inStep();
    return { ...stand, topic: await this.#ledger.call("topic", { room }) ?? stand.topic };
  }

  rooms(after: string, limit: number): Promise<readonly RoomSummary[]> {
    return this.#log.rooms(after, limit);
  }

  async close(): Promise<void> {
    await this.#onClose();
    await this.#log.close();
  }
}
