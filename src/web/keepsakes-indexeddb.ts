import { completed, openDatabase, resultOf } from "../client/outbox/indexeddb.ts";
import type { RoomEvent } from "../client/mod.ts";
import {
  freshRoom,
  furtherRead,
  type Keepsakes,
  type Kept,
  type KeptRoom,
  NOTHING_KEPT,
  type ReadPosition,
  SETTINGS_DEFAULT,
} from "../ui/keepsakes.ts";
import type { Notify, Settings } from "../ui/view.ts";

/** Version 1: `device` {key, value} for "name", "token", "settings"; `rooms` {name, notify, read, draft};
 * `events` {name, events}. Events apart, since they are large and rooms change often. */
const VERSION = 1;
const STORES = ["device", "rooms", "events"] as const;
/** Events of a busy room are written so often at most. */
const EVENTS_EVERY_MS = 2_000;

type RoomRow = Omit<KeptRoom, "events">;

/**
 * What the browser keeps for one server. Calls follow each other; one that fails (private windows, a full disk)
 * is told to `onTrouble` once, and the chat goes on without being kept.
 */
export class IndexedDbKeepsakes implements Keepsakes {
  readonly #opened: Promise<IDBDatabase>;
  readonly #onTrouble: (says: string) => void;
  /** This browser's other windows at the same server. */
  readonly #others: BroadcastChannel;
  readonly #events = new Map<string, readonly RoomEvent[]>();
  #eventsTimer: ReturnType<typeof setTimeout> | null = null;
  #last: Promise<void> = Promise.resolve();
  #hasTrouble = false;

  constructor(name: string, onTrouble: (says: string) => void) {
    this.#onTrouble = onTrouble;
    this.#others = new BroadcastChannel(name);
    // When a newer page wants to change it, this one keeps nothing more.
    this.#opened = openDatabase(name, VERSION, (db) => {
      db.createObjectStore("device");
      db.createObjectStore("rooms", { keyPath: "name" });
      db.createObjectStore("events");
    });
    this.#opened.catch((thrown) => this.#trouble(thrown));
  }

  async load(): Promise<Kept> {
    try {
      await this.#last;
      const read = (await this.#opened).transaction(STORES, "readonly");
      const [device, rooms, events] = STORES.map((store) => read.objectStore(store));
      if (device === undefined || rooms === undefined || events === undefined) return NOTHING_KEPT;
      const rows: RoomRow[] = await resultOf(rooms.getAll());
      const kept = await Promise.all(rows.map(async (row): Promise<KeptRoom> => {
        const run: unknown = await resultOf(events.get(row.name));
        return { ...row, events: Array.isArray(run) ? run : [] };
      }));
      const [name, token, settings] = await Promise.all(
        ["name", "token", "settings"].map((key) => resultOf(device.get(key))),
      );
      return {
        name: name ?? "",
        token: token ?? null,
        settings: { ...SETTINGS_DEFAULT, ...settings },
        rooms: kept,
      };
    } catch (thrown) {
      this.#trouble(thrown);
      return NOTHING_KEPT;
    }
  }

  savePerson(name: string, token: string | null): void {
    this.#write("device", (device) => {
      device.put(name, "name");
      device.put(token, "token");
    });
  }

  saveSettings(settings: Settings): void {
    this.#write("device", (device) => device.put(settings, "settings"));
  }

  saveRoom(room: string, notify: Notify): void {
    const { events: _, ...fresh } = freshRoom(room);
    this.#change(room, (row) => ({ ...(row ?? fresh), notify }));
  }

  forgetRoom(room: string): void {
    this.#events.delete(room);
    this.#write("rooms", (rooms) => rooms.delete(room));
    this.#write("events", (events) => events.delete(room));
  }

  saveRead(room: string, read: ReadPosition): void {
    this.#change(room, (row) => row && { ...row, read: furtherRead(row.read, read) });
    this.#others.postMessage({ room, read });
  }

  onRead(f: (room: string, read: ReadPosition) => void): () => void {
    // From this origin's own windows, which may be of another version.
    const told = ({ data }: MessageEvent<{ room?: unknown; read?: Partial<ReadPosition> } | null>) => {
      const { epoch, offset } = data?.read ?? {};
      if (typeof data?.room !== "string" || typeof epoch !== "string" || typeof offset !== "number") return;
      f(data.room, { epoch, offset });
    };
    this.#others.addEventListener("message", told);
    return () => this.#others.removeEventListener("message", told);
  }

  saveDraft(room: string, draft: string): void {
    this.#change(room, (row) => row && { ...row, draft });
  }

  saveEvents(room: string, events: readonly RoomEvent[]): void {
    this.#events.set(room, events);
    this.#eventsTimer ??= setTimeout(() => this.#writeEvents(), EVENTS_EVERY_MS);
  }

  async flush(): Promise<void> {
    this.#writeEvents();
    await this.#last;
  }

  #writeEvents(): void {
    if (this.#eventsTimer !== null) clearTimeout(this.#eventsTimer);
    this.#eventsTimer = null;
    for (const [room, events] of this.#events) {
      this.#write("events", (store) => store.put(events, room));
    }
    this.#events.clear();
  }

  /** In one transaction, so that two windows don't undo each other's words. A room that was left, here or in another
   * window, does not come back by what is still said of it. */
  #change(room: string, change: (row: RoomRow | undefined) => RoomRow | undefined): void {
    this.#write("rooms", (rooms) => {
      const there: IDBRequest<RoomRow | undefined> = rooms.get(room);
      there.onsuccess = () => {
        const next = change(there.result);
        if (next !== undefined) rooms.put(next);
      };
    });
  }

  #write(store: (typeof STORES)[number], write: (store: IDBObjectStore) => void): void {
    this.#last = this.#last.then(async () => {
      if (this.#hasTrouble) return;
      const change = (await this.#opened).transaction(store, "readwrite");
      write(change.objectStore(store));
      await completed(change);
    }).catch((thrown) => this.#trouble(thrown));
  }

  #trouble(thrown: unknown): void {
    if (this.#hasTrouble) return;
    this.#hasTrouble = true;
    this.#onTrouble(thrown instanceof Error ? thrown.message : String(thrown));
  }
}
