/** What a key means on the page, wherever the focus is. */
export type Shortcut = "search" | "help" | "next-room" | "previous-room" | "composer";

/** The part of a keyboard event that decides. */
export interface KeyPress {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly target: unknown;
  readonly isComposing?: boolean;
}

/** Null: not ours. Letters and signs alone mean something only where nobody writes (WCAG 2.1.4). */
export function shortcutOf(press: KeyPress): Shortcut | null {
  const { key, altKey } = press;
  const control = press.ctrlKey || press.metaKey;
  if (press.isComposing === true) return null;
  if (control && !altKey && key.toLowerCase() === "k") return "search";
  if (altKey && !control && key === "ArrowDown") return "next-room";
  if (altKey && !control && key === "ArrowUp") return "previous-room";
  if (control || altKey || isWriting(press.target)) return null;
  if (key === "/") return "search";
  if (key === "?") return "help";
  if (key === "Escape") return "composer";
  return null;
}

function isWriting(target: unknown): boolean {
  if (typeof target !== "object" || target === null || !("tagName" in target)) return false;
  return ["INPUT", "TEXTAREA", "SELECT"].includes(String(target.tagName).toUpperCase());
}
