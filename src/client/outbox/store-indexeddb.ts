import { newDevice } from "./device.ts";
import { completed, openDatabase, resultOf } from "./indexeddb.ts";
import { isOutboxEntry, type OutboxEntry } from "./outbox-entry.ts";
import type { OutboxContents, OutboxStore } from "./store.ts";

/** Where the browser keeps it. Version 1: `devices` {device, nextSeq}, `entries` {device, entry} by
 * [device, seq]. */
const SCHEMA = { version: 1, devices: "devices", entries: "entries" } as const;

interface DeviceRow {
  readonly device: string;
  readonly nextSeq: number;
}

interface EntryRow {
  readonly device: string;
  readonly seq: number;
  readonly entry: OutboxEntry;
}

/**
 * Keeps an outbox in the browser. Tabs that are open at the same time each have a device of their own, by the
 * Web Locks API; a new tab takes over what a closed one left.
 */
export class IndexedDbStore implements OutboxStore {
  readonly #name: string;
  #db: IDBDatabase | null = null;
  #device = "";
  #unlock: (() => void) | null = null;

  /** One name for each server: `quicchat-outbox https://chat.example:4433`. */
  constructor(name: string) {
    this.#name = name;
  }

  async load(): Promise<OutboxContents> {
    // When another tab wants to upgrade it: what this one holds is sent again from there.
    const db = this.#db = await openDatabase(this.#name, SCHEMA.version, (fresh) => {
      fresh.createObjectStore(SCHEMA.devices, { keyPath: "device" });
      fresh.createObjectStore(SCHEMA.entries, { keyPath: ["device", "seq"] });
    });
    const read = db.transaction([SCHEMA.devices, SCHEMA.entries], "readonly");
    const devices: DeviceRow[] = await resultOf(read.objectStore(SCHEMA.devices).getAll());
    const rows: EntryRow[] = await resultOf(read.objectStore(SCHEMA.entries).getAll());
    const withEntries = new Set(rows.map((row) => row.device));
    devices.sort((a, b) => Number(withEntries.has(b.device)) - Number(withEntries.has(a.device)));
    for (const { device } of devices) {
      this.#unlock = await this.#tryLock(device);
      if (this.#unlock === null) continue;
      this.#device = device;
      // Read again: the tab that had it may have gone on since.
      return await this.#contents(db, device);
    }
    this.#device = newDevice();
    this.#unlock = await this.#tryLock(this.#device);
    await this.#change((_, all) => all.put({ device: this.#device, nextSeq: 1 }));
    return { device: this.#device, nextSeq: 1, entries: [] };
  }

  put(entry: OutboxEntry, replaces?: number): Promise<void> {
    const device = this.#device;
    return this.#change((entries, devices) => {
      if (replaces !== undefined) entries.delete([device, replaces]);
      entries.put({ device, seq: entry.seq, entry });
      const known = devices.get(device);
      known.onsuccess = () => {
        const nextSeq = Math.max(known.result?.nextSeq ?? 1, entry.seq + 1);
        devices.put({ device, nextSeq });
      };
    });
  }

  remove(seq: number): Promise<void> {
    return this.#change((entries) => entries.delete([this.#device, seq]));
  }

  close(): Promise<void> {
    // Waits for the transactions under way by itself.
    this.#db?.close();
    this.#db = null;
    this.#unlock?.();
    this.#unlock = null;
    return Promise.resolve();
  }

  async #contents(db: IDBDatabase, device: string): Promise<OutboxContents> {
    const read = db.transaction([SCHEMA.devices, SCHEMA.entries], "readonly");
    const row: DeviceRow | undefined = await resultOf(read.objectStore(SCHEMA.devices).get(device));
    const range = IDBKeyRange.bound([device, 0], [device, Number.MAX_SAFE_INTEGER]);
    const rows: EntryRow[] = await resultOf(read.objectStore(SCHEMA.entries).getAll(range));
    const entries = rows.map((one) => one.entry).filter(isOutboxEntry);
    const last = entries.at(-1)?.seq ?? 0;
    return { device, nextSeq: Math.max(row?.nextSeq ?? 1, last + 1), entries };
  }

  /** Resolves when it is on the disk, as far as a browser says. */
  #change(apply: (entries: IDBObjectStore, devices: IDBObjectStore) => void): Promise<void> {
    if (this.#db === null) return Promise.reject(new Error("the outbox is not open"));
    const change = this.#db.transaction([SCHEMA.devices, SCHEMA.entries], "readwrite", {
      durability: "strict",
    });
    apply(change.objectStore(SCHEMA.entries), change.objectStore(SCHEMA.devices));
    return completed(change);
  }

  /** Null: another tab has it, or this page can't know (no Web Locks: a page that is not secure). */
  #tryLock(device: string): Promise<(() => void) | null> {
    const { locks } = navigator;
    if (locks === undefined) return Promise.resolve(null);
    return new Promise((resolve, reject) => {
      locks.request(`${this.#name} ${device}`, { ifAvailable: true }, (lock) => {
        if (lock === null) return resolve(null);
        return new Promise<void>((unlock) => resolve(unlock));
      }).catch(reject);
    });
  }
}
