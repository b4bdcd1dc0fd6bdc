import { Watchable, type Watched } from "../client/mod.ts";
import { bytesOver } from "./bytes-over.ts";
import { completionAt, type Nameable } from "./completion.ts";
import type { ComposerModel } from "./models.ts";
import { withEmoji } from "./shortcodes.ts";
import type { Completion, ComposerView, MessageView, Problem } from "./view.ts";

/** What a composer needs of its room. */
export interface ComposerHost {
  nameable(): Nameable;
  send(text: string, replyTo: number | null): void;
  edit(offset: number, text: string): void;
  lastOwn(): MessageView | null;
  setTyping(typing: boolean): void;
  keepDraft(text: string): void;
}

const WRITE = { is: "write" } as const;

/** What is being written in one room. No I/O, no clock. */
export class Composer implements ComposerModel {
  readonly #host: ComposerHost;
  readonly #view: Watchable<ComposerView>;
  /** What was being written when an edit began. */
  #setAside: Pick<ComposerView, "text" | "mode"> = { text: "", mode: WRITE };

  constructor(draft: string, host: ComposerHost) {
    this.#host = host;
    this.#view = new Watchable<ComposerView>({
      text: draft,
      mode: WRITE,
      completion: null,
      bytesOver: bytesOver(draft),
      problem: null,
    });
  }

  get view(): Watched<ComposerView> {
    return this.#view;
  }

  input(text: string, caret: number): void {
    const { current } = this.#view;
    const completion = completionAt(text, caret, this.#host.nameable());
    if (current.text === text) {
      if (!isSame(completion, current.completion)) this.#change({ completion });
      return;
    }
    this.#write(text, completion);
    this.#host.setTyping(text.trim() !== "");
  }

  submit(): boolean {
    const { text, mode, bytesOver: over } = this.#view.current;
    // A field can hold half of an emoji, and an emoji can be longer than its code.
    const said = withEmoji(text.trim()).toWellFormed();
    const saidOver = over > 0 ? over : bytesOver(said);
    if (saidOver > 0) {
      this.#change({ bytesOver: saidOver });
      return false;
    }
    if (mode.is === "edit") {
      if (said === "" || mode.of.offset === null) return false;
      if (said !== mode.of.text) this.#host.edit(mode.of.offset, said);
      this.#leaveEdit();
      return true;
    }
    if (said === "") return false;
    this.#host.send(said, mode.is === "reply" ? mode.to.offset : null);
    this.#host.keepDraft("");
    this.#view.set({ text: "", mode: WRITE, completion: null, bytesOver: 0, problem: null });
    return true;
  }

  /** What was sent and is nowhere: it stands in the field again, before what was written since. */
  giveBack(text: string, problem: Problem): void {
    const { mode } = this.#view.current;
    const now = mode.is === "edit" ? this.#setAside.text : this.#view.current.text;
    const both = now === "" ? text : `${text}\n${now}`;
    this.#host.keepDraft(both);
    if (mode.is === "edit") this.#setAside = { ...this.#setAside, text: both };
    else this.#change({ text: both, completion: null, bytesOver: bytesOver(both) });
    this.#change({ problem });
  }

  editLast(): boolean {
    const last = this.#host.lastOwn();
    if (last === null) return false;
    this.beginEdit(last);
    return true;
  }

  beginEdit(message: MessageView): void {
    const { text, mode } = this.#view.current;
    if (mode.is !== "edit") this.#setAside = { text, mode };
    this.#view.set({
      text: message.text,
      mode: { is: "edit", of: message },
      completion: null,
      bytesOver: bytesOver(message.text),
      problem: null,
    });
  }

  beginReply(message: MessageView): void {
    if (this.#view.current.mode.is === "edit") this.#leaveEdit();
    this.#change({ mode: { is: "reply", to: message } });
  }

  cancel(): boolean {
    const { completion, mode } = this.#view.current;
    if (completion !== null) this.#change({ completion: null });
    else if (mode.is === "edit") this.#leaveEdit();
    else if (mode.is === "reply") this.#change({ mode: WRITE });
    else return false;
    return true;
  }

  /** The message that is being changed is no more. */
  dropEdit(): void {
    if (this.#view.current.mode.is === "edit") this.#leaveEdit();
  }

  moveCompletion(by: 1 | -1): void {
    const { completion } = this.#view.current;
    if (completion === null) return;
    const count = completion.items.length;
    this.#change({ completion: { ...completion, selected: (completion.selected + by + count) % count } });
  }

  complete(index?: number): { readonly text: string; readonly caret: number } | null {
    const { completion, text } = this.#view.current;
    const item = completion?.items[index ?? completion.selected];
    if (completion === null || item === undefined) return null;
    const after = text.slice(completion.to);
    // In the middle of a text the blank behind it is there already.
    const insert = /^\s/.test(after) ? item.insert.trimEnd() : item.insert;
    const next = text.slice(0, completion.from) + insert + after;
    this.#write(next, null);
    return { text: next, caret: completion.from + item.insert.length };
  }

  insert(text: string, at: number): { readonly text: string; readonly caret: number } {
    const { current } = this.#view;
    const place = Math.max(0, Math.min(at, current.text.length));
    const next = current.text.slice(0, place) + text + current.text.slice(place);
    this.#write(next, null);
    return { text: next, caret: place + text.length };
  }

  #leaveEdit(): void {
    const { text, mode } = this.#setAside;
    this.#setAside = { text: "", mode: WRITE };
    this.#view.set({ text, mode, completion: null, bytesOver: bytesOver(text), problem: null });
    this.#host.setTyping(false);
  }

  #write(text: string, completion: Completion | null): void {
    this.#change({ text, completion, bytesOver: bytesOver(text), problem: null });
    // An edit is no draft: what was set aside stays kept.
    if (this.#view.current.mode.is !== "edit") this.#host.keepDraft(text);
  }

  #change(change: Partial<ComposerView>): void {
    this.#view.set({ ...this.#view.current, ...change });
  }
}

function isSame(a: Completion | null, b: Completion | null): boolean {
  if (a === null || b === null) return a === b;
  return a.from === b.from && a.to === b.to && a.items.length === b.items.length &&
    a.items.every(({ insert }, at) => insert === b.items[at]?.insert);
}
