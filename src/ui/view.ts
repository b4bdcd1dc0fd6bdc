/**
 * What is shown, as data: every snapshot here is immutable and only replaced when something in it changed, so
 * that a view compares by `===`. No view reads the SDK; no view model knows a DOM or a terminal.
 */
import type { Status } from "../client/mod.ts";

type LinkKind = Extract<Status, { state: "live" }>["kind"];

/** Before the first room: what is missing to come in. */
export type EntryView =
  /** `suggested`: the remembered or linked name. `says`: why the last one was refused, null at first. */
  | { readonly state: "needs-name"; readonly suggested: string; readonly says: Problem | null }
  | { readonly state: "needs-token"; readonly name: string; readonly says: Problem | null }
  | { readonly state: "in"; readonly name: string };

/** Something that went wrong, for the dictionaries to put into words; `detail` is the server's own sentence. */
export interface Problem {
  readonly name: string;
  readonly detail: string;
}

export type Notify = "all" | "mentions" | "none";

/** One room that one is in. */
export interface RoomSummary {
  readonly name: string;
  readonly topic: string;
  /** Messages of others after the read position, counted up to 200; `unreadMore`: there are more. */
  readonly unread: number;
  readonly unreadMore: boolean;
  /** Of the counted ones, those that mention oneself. */
  readonly mentions: number;
  readonly notify: Notify;
  /** Own messages without a receipt. */
  readonly unsent: number;
  readonly draft: boolean;
  /** Why the server does not let one in; null while it does. */
  readonly refused: Problem | null;
}

export interface RoomListView {
  /** The rooms that one is in, `lobby` first, then by name. */
  readonly rooms: readonly RoomSummary[];
  readonly current: string | null;
  /** Rooms of the server that one is not in; null until asked for by `lookAround`. */
  readonly others: readonly { readonly name: string; readonly here: number }[] | null;
  /** For the title: unread and mentions over all rooms that are not set to `none`. */
  readonly unread: number;
  readonly mentions: number;
}

export type ConnectionView =
  | { readonly state: "connecting" }
  /** `roundTripMs`: null until measured. */
  | {
    readonly state: "live";
    readonly link: LinkKind;
    readonly roundTripMs: number | null;
    readonly server: string;
  }
  /** `retryAtMs`: by the wall clock, for a countdown. `because`: the client's own sentence. */
  | { readonly state: "reconnecting"; readonly retryAtMs: number; readonly because: string }
  | { readonly state: "offline" }
  | { readonly state: "refused"; readonly problem: Problem }
  | { readonly state: "closed" };

/** How far an own message has come. `stale`: written long ago and not sent without being asked for. */
export type Delivery = "queued" | "sent" | "stored" | "failed" | "stale";

export interface ReactionView {
  readonly reaction: string;
  readonly count: number;
  readonly mine: boolean;
  /** The names that are known, for the tooltip. */
  readonly names: readonly string[];
}

export interface MessageView {
  /** Stays the same from queued to stored, so that nothing is drawn anew. */
  readonly key: string;
  /** Null until stored. */
  readonly offset: number | null;
  readonly sender: string;
  readonly author: string;
  readonly mine: boolean;
  readonly tsMs: number;
  readonly text: string;
  readonly edited: boolean;
  readonly deleted: boolean;
  /** First of a group: name and time are shown. */
  readonly first: boolean;
  readonly mentionsMe: boolean;
  /** `text` is the first line of the quoted one, cut; null where it is not loaded or deleted. */
  readonly reply:
    | { readonly offset: number; readonly sender: string | null; readonly text: string | null }
    | null;
  readonly reactions: readonly ReactionView[];
  readonly delivery: Delivery;
  /** The outbox's number, for retry and discard; null once stored. */
  readonly seq: number | null;
  readonly problem: Problem | null;
}

/** One line of the timeline. `key`s are unique in a room and stay, also when older ones are put before. */
export type Row =
  | { readonly kind: "day"; readonly key: string; readonly tsMs: number }
  | { readonly kind: "new"; readonly key: string }
  | {
    readonly kind: "topic";
    readonly key: string;
    readonly tsMs: number;
    readonly sender: string;
    readonly text: string;
  }
  | { readonly kind: "message"; readonly key: string; readonly message: MessageView };

export interface PersonView {
  readonly name: string;
  readonly author: string;
  readonly me: boolean;
  readonly typing: boolean;
}

export interface RoomView {
  readonly name: string;
  readonly topic: string;
  readonly state: "joining" | "catching-up" | "live" | "left" | "refused";
  readonly problem: Problem | null;
  readonly rows: readonly Row[];
  /** How many rows were put before the first since the last snapshot: for a list that keeps its place. */
  readonly prepended: number;
  /** Whether the first event of the room is shown: nothing older to load. */
  readonly atBeginning: boolean;
  /** Whether the newest is shown; false while a place in the past is looked at. */
  readonly atEnd: boolean;
  readonly loading: boolean;
  /** The message that was jumped to, until the next jump: to be scrolled to and shown. Always one of `rows`. */
  readonly target: { readonly offset: number; readonly jump: number } | null;
  /** What was jumped to last and is no message of this room, until the next jump. */
  readonly missing: number | null;
  /** When the day began, by the device's calendar: for "today" and "yesterday". */
  readonly todayMs: number;
  /** Unread below the place where one reads. */
  readonly below: number;
  readonly here: readonly PersonView[] | null;
  readonly hereCount: number;
  /** Names of others, in the order of beginning. */
  readonly typing: readonly string[];
  /** What one wanted besides messages and what was not done, oldest first. */
  readonly undone: readonly UndoneView[];
}

/** An own edit, deletion, reaction or topic that was refused for good, or waits for one's word since it is old. */
export interface UndoneView {
  /** For retry and discard. */
  readonly seq: number;
  readonly what: "edit" | "delete" | "react" | "topic";
  /** The message that it was about; null for a topic. */
  readonly offset: number | null;
  readonly delivery: "failed" | "stale";
  /** Null where it is stale. */
  readonly problem: Problem | null;
}

export interface Completion {
  /** The part of the text to be replaced, in UTF-16 units. */
  readonly from: number;
  readonly to: number;
  readonly items: readonly {
    readonly insert: string;
    readonly label: string;
    readonly kind: "person" | "room" | "emoji";
  }[];
  readonly selected: number;
}

export interface ComposerView {
  readonly text: string;
  readonly mode:
    | { readonly is: "write" }
    | { readonly is: "reply"; readonly to: MessageView }
    | { readonly is: "edit"; readonly of: MessageView };
  readonly completion: Completion | null;
  /** Bytes over the limit of one message; 0 while it fits. */
  readonly bytesOver: number;
  /** Why what was sent stands here again: this device could not keep it. Null once something else is written. */
  readonly problem: Problem | null;
}

export interface FoundView {
  readonly room: string;
  readonly offset: number;
  readonly sender: string;
  readonly tsMs: number;
  /** The text around the hit; `hit` parts are what was looked for. */
  readonly parts: readonly { readonly text: string; readonly hit: boolean }[];
}

export type SearchView =
  | { readonly state: "idle" }
  | { readonly state: "looking"; readonly query: string; readonly found: readonly FoundView[] }
  | {
    readonly state: "found";
    readonly query: string;
    readonly found: readonly FoundView[];
    readonly more: boolean;
    /** The server has not read all yet: there may be more. */
    readonly isBehind: boolean;
  }
  | { readonly state: "failed"; readonly query: string; readonly problem: Problem };

export interface Settings {
  readonly look: "system" | "light" | "dark";
  readonly language: "system" | "en" | "de";
  readonly sound: boolean;
  readonly notifications: boolean;
}
