import type { RoomEvent } from "../client/mod.ts";
import {
  freshRoom,
  furtherRead,
  type Keepsakes,
  type Kept,
  KEPT_EVENTS_MAX,
  type KeptRoom,
  NOTHING_KEPT,
  type ReadPosition,
} from "./keepsakes.ts";
import type { Notify, Settings } from "./view.ts";

/** Keeps it as long as the program runs: for tests, and where a browser keeps nothing. */
export class MemoryKeepsakes implements Keepsakes {
  readonly #onRead = new Set<(room: string, read: ReadPosition) => void>();
  #kept: Kept;

  constructor(kept: Kept = NOTHING_KEPT) {
    this.#kept = kept;
  }

  get kept(): Kept {
    return this.#kept;
  }

  load(): Promise<Kept> {
    return Promise.resolve(this.#kept);
  }

  savePerson(name: string, token: string | null): void {
    this.#kept = { ...this.#kept, name, token };
  }

  saveSettings(settings: Settings): void {
    this.#kept = { ...this.#kept, settings };
  }

  saveRoom(room: string, notify: Notify): void {
    const rooms = this.#kept.rooms.some((one) => one.name === room)
      ? this.#kept.rooms
      : [...this.#kept.rooms, freshRoom(room)];
    this.#kept = { ...this.#kept, rooms };
    this.#change(room, (one) => ({ ...one, notify }));
  }

  forgetRoom(room: string): void {
    this.#kept = { ...this.#kept, rooms: this.#kept.rooms.filter((one) => one.name !== room) };
  }

  saveRead(room: string, read: ReadPosition): void {
    this.#change(room, (one) => ({ ...one, read: furtherRead(one.read, read) }));
    for (const f of [...this.#onRead]) f(room, read);
  }

  /** Windows that share this are told of their own, too. */
  onRead(f: (room: string, read: ReadPosition) => void): () => void {
    this.#onRead.add(f);
    return () => void this.#onRead.delete(f);
  }

  saveDraft(room: string, draft: string): void {
    this.#change(room, (one) => ({ ...one, draft }));
  }

  saveEvents(room: string, events: readonly RoomEvent[]): void {
    this.#change(room, (one) => ({ ...one, events: events.slice(-KEPT_EVENTS_MAX) }));
  }

  flush(): Promise<void> {
    return Promise.resolve();
  }

  #change(room: string, change: (one: KeptRoom) => KeptRoom): void {
    const rooms = this.#kept.rooms.map((one) => one.name === room ? change(one) : one);
    this.#kept = { ...this.#kept, rooms };
  }
}
