import { Watchable, type Watched } from "../client/mod.ts";
import { LIMITS } from "../protocol/limits.ts";
import { completionAt, type Nameable } from "./completion.ts";
import type { ComposerModel } from "./models.ts";
import { withEmoji } from "./shortcodes.ts";
import type { Completion, ComposerView, MessageView } from "./view.ts";

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
  #setAside = "";

  constructor(draft: string, host: ComposerHost) {
    this.#host = host;
    this.#view = new Watchable<ComposerView>({
      text: draft,
      mode: WRITE,
      completion: null,
      bytesOver: bytesOver(draft),
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
    const said = withEmoji(text.trim());
    if (over > 0) return false;
    if (mode.is === "edit") {
      if (said === "" || mode.of.offset === null) return false;
      if (said !== mode.of.text) this.#host.edit(mode.of.offset, said);
      this.#leaveEdit();
      return true;
    }
    if (said === "") return false;
    this.#host.send(said, mode.is === "reply" ? mode.to.offset : null);
    this.#host.keepDraft("");
    this.#view.set({ text: "", mode: WRITE, completion: null, bytesOver: 0 });
    return true;
  }

  editLast(): boolean {
    const last = this.#host.lastOwn();
    if (last === null) return false;
    this.beginEdit(last);
    return true;
  }

  beginEdit(message: MessageView): void {
    const { text, mode } = this.#view.current;
    if (mode.is !== "edit") this.#setAside = text;
    this.#view.set({
      text: message.text,
      mode: { is: "edit", of: message },
      completion: null,
      bytesOver: bytesOver(message.text),
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
    const next = text.slice(0, completion.from) + item.insert + text.slice(completion.to);
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
    const text = this.#setAside;
    this.#setAside = "";
    this.#view.set({ text, mode: WRITE, completion: null, bytesOver: bytesOver(text) });
    this.#host.setTyping(false);
  }

  #write(text: string, completion: Completion | null): void {
    this.#change({ text, completion, bytesOver: bytesOver(text) });
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

const encoder = new TextEncoder();

function bytesOver(text: string): number {
  // UTF-8 takes at most three bytes for a UTF-16 unit: short texts are not measured.
  if (text.length * 3 <= LIMITS.textBytesMax) return 0;
  return Math.max(0, encoder.encode(text).length - LIMITS.textBytesMax);
}
