import type { Clock, RoomEvent } from "../client/mod.ts";
import { KEPT_EVENTS_MAX } from "./keepsakes.ts";

/** The newest events of a room without a hole, as they are kept for when there is no connection. */
export class KeptRun {
  readonly #clock: Clock;
  readonly #keep: (events: readonly RoomEvent[]) => void;
  #events: RoomEvent[];
  #isDue = false;

  constructor(events: readonly RoomEvent[], clock: Clock, keep: (events: readonly RoomEvent[]) => void) {
    this.#events = [...events];
    this.#clock = clock;
    this.#keep = keep;
  }

  /** What comes in one turn is kept at once at its end: of 10,000 events each would copy the other 500. */
  add(event: RoomEvent): void {
    const last = this.#events.at(-1);
    if (last !== undefined && (last.epoch !== event.epoch || last.offset + 1 !== event.offset)) {
      this.#events = [];
    }
    this.#events.push(event);
    if (this.#events.length > KEPT_EVENTS_MAX * 2) this.#events = this.#events.slice(-KEPT_EVENTS_MAX);
    if (this.#isDue) return;
    this.#isDue = true;
    this.#clock.atEndOfTurn(() => this.flush());
  }

  flush(): void {
    if (!this.#isDue) return;
    this.#isDue = false;
    this.#keep(this.#events.slice(-KEPT_EVENTS_MAX));
  }

  /** The room was left: nothing of it is kept. */
  stop(): void {
    this.#isDue = false;
  }
}
