/** What a view may ask of the view models. The classes beside this file implement it; a view knows these only. */
import type { Watched } from "../client/mod.ts";
import type {
  ComposerView,
  ConnectionView,
  EntryView,
  Notify,
  RoomListView,
  RoomView,
  SearchView,
  Settings,
} from "./view.ts";

/** One person at one server, in one window. */
export interface ChatModel {
  readonly entry: Watched<EntryView>;
  readonly connection: Watched<ConnectionView>;
  readonly rooms: Watched<RoomListView>;
  readonly settings: Watched<Settings>;
  readonly search: SearchModel;
  /** Takes the name and goes in; it is remembered on this device. */
  enter(name: string): void;
  /** After `needs-token`: an invite link, or its token. */
  giveToken(text: string): void;
  /** Goes out, so that another name can be given. */
  rename(): void;
  /** Joins if needed and makes it the current one. Throws a `ChatFailure` ("invalid") for what is no room's name. */
  open(room: string): RoomModel;
  /** Does nothing with the only room that one is in: somewhere one has to be. */
  leave(room: string): void;
  setNotify(room: string, notify: Notify): void;
  /** Asks the server for its rooms, for `rooms.others`. */
  lookAround(): Promise<void>;
  change(settings: Partial<Settings>): void;
  /** Does not wait for the next attempt. */
  reconnect(): void;
  /** Whether anybody looks: what comes in meanwhile is not read. */
  setVisible(visible: boolean): void;
  /** What is to be announced by the system; the view asks for permission and shows it. */
  onNotice(f: (notice: Notice) => void): () => void;
  close(): Promise<void>;
}

export interface Notice {
  readonly room: string;
  readonly offset: number;
  readonly sender: string;
  readonly text: string;
  readonly mention: boolean;
}

export interface RoomModel {
  readonly name: string;
  readonly view: Watched<RoomView>;
  readonly composer: ComposerModel;
  /** Loads what is before the first row, or, where a place in the past is shown, what is after the last. */
  older(): Promise<void>;
  newer(): Promise<void>;
  /** Shows the message at this offset, also one that is not loaded. */
  jumpTo(offset: number): Promise<void>;
  toNewest(): void;
  /** One has read that what was jumped to is not there. */
  forgetMissing(): void;
  /** Everything up to this offset was on the screen. */
  seen(offset: number): void;
  edit(offset: number): void;
  reply(offset: number): void;
  delete(offset: number): void;
  react(offset: number, reaction: string, on: boolean): void;
  setTopic(text: string): void;
  retry(seq: number): void;
  discard(seq: number): void;
}

export interface ComposerModel {
  readonly view: Watched<ComposerView>;
  /** What stands in the field now, and where the caret is, in UTF-16 units. */
  input(text: string, caret: number): void;
  /** Sends, or keeps the change of an edited one. False where there is nothing to send, or it is too long. */
  submit(): boolean;
  /** Arrow-up in an empty field. False where there is nothing of one's own to edit. */
  editLast(): boolean;
  /** Out of reply, edit or completion, whichever is innermost. False where there was none. */
  cancel(): boolean;
  moveCompletion(by: 1 | -1): void;
  /** The text and where the caret goes. */
  complete(index?: number): { readonly text: string; readonly caret: number } | null;
  insert(text: string, at: number): { readonly text: string; readonly caret: number };
}

export interface SearchModel {
  readonly view: Watched<SearchView>;
  /** Looks in all rooms that one is in; "" ends the search. Calls may follow each other at each key. */
  look(query: string): void;
  more(): void;
}
