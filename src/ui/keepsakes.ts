import type { RoomEvent } from "../client/mod.ts";
import type { Notify, Settings } from "./view.ts";

/** A place in a room's log, up to which it was read. */
export interface ReadPosition {
  readonly epoch: string;
  readonly offset: number;
}

/** Events that are kept of each room: what a person scrolls through without a connection. */
export const KEPT_EVENTS_MAX = 500;

export const SETTINGS_DEFAULT: Settings = {
  look: "system",
  language: "system",
  sound: false,
  notifications: false,
};

/** What a device keeps of one room that one is in. */
export interface KeptRoom {
  readonly name: string;
  readonly notify: Notify;
  /** Null: never read. */
  readonly read: ReadPosition | null;
  readonly draft: string;
  /** A run without hole, ascending, at most `KEPT_EVENTS_MAX`. */
  readonly events: readonly RoomEvent[];
}

/** A room that was just joined. */
export function freshRoom(name: string): KeptRoom {
  return { name, notify: "all", read: null, draft: "", events: [] };
}

/** What a device keeps for one server. */
export interface Kept {
  /** "" before the first. */
  readonly name: string;
  readonly token: string | null;
  readonly settings: Settings;
  readonly rooms: readonly KeptRoom[];
}

export const NOTHING_KEPT: Kept = { name: "", token: null, settings: SETTINGS_DEFAULT, rooms: [] };

/**
 * Where a device keeps it. Saving returns at once and never throws; what can't be kept is said once, by
 * whatever made the store. Several windows may share one: a read position never goes back within an epoch.
 */
export interface Keepsakes {
  load(): Promise<Kept>;
  savePerson(name: string, token: string | null): void;
  saveSettings(settings: Settings): void;
  saveRoom(room: string, notify: Notify): void;
  forgetRoom(room: string): void;
  saveRead(room: string, read: ReadPosition): void;
  /** Calls `f` with what was read in another window. Returns what ends it. */
  onRead(f: (room: string, read: ReadPosition) => void): () => void;
  saveDraft(room: string, draft: string): void;
  saveEvents(room: string, events: readonly RoomEvent[]): void;
  /** Resolves when everything said so far is kept, or can't be. */
  flush(): Promise<void>;
}

/** The further one of two read positions. Another epoch's offset means nothing: the newer word counts. */
export function furtherRead(there: ReadPosition | null, said: ReadPosition): ReadPosition {
  return there !== null && there.epoch === said.epoch && there.offset >= said.offset ? there : said;
}
