import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { useWords } from "../language.ts";

interface Emoji {
  readonly unicode: string;
  readonly label: string;
  readonly tags?: readonly string[] | undefined;
  readonly group?: number | undefined;
}

/** Skin tones and hair are parts of other emoji, not emoji of their own. */
const COMPONENTS = 2;
/** As many as a person looks through; more comes by searching. */
const SHOWN_MAX = 400;
const COLUMNS = 8;

async function emojiIn(language: string): Promise<readonly Emoji[]> {
  const loaded = language === "de"
    ? await import("emojibase-data/de/compact.json", { with: { type: "json" } })
    : await import("emojibase-data/en/compact.json", { with: { type: "json" } });
  return loaded.default;
}

/** All emoji, by name; a grid that arrow keys walk through. */
export function EmojiPicker({ onPick }: { onPick: (emoji: string) => void }): JSX.Element {
  const words = useWords();
  const [query, setQuery] = useState("");
  const field = useRef<HTMLInputElement>(null);
  const grid = useRef<HTMLDivElement>(null);
  useEffect(() => field.current?.focus(), []);
  const [all, setAll] = useState<readonly Emoji[]>([]);
  useEffect(() => {
    // Not kept and no network: the grid stays empty and says so.
    emojiIn(words.code).then(setAll, () => {});
  }, [words.code]);
  const shown = useMemo(() => {
    const wanted = query.trim().toLocaleLowerCase();
    return all.filter((one) =>
      one.group !== undefined && one.group !== COMPONENTS &&
      (wanted === "" || one.label.toLocaleLowerCase().includes(wanted) ||
        (one.tags?.some((tag) => tag.startsWith(wanted)) ?? false))
    ).slice(0, SHOWN_MAX);
  }, [all, query]);
  const move = (event: KeyboardEvent) => {
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -COLUMNS, ArrowDown: COLUMNS }[event.key];
    const buttons = [...grid.current?.querySelectorAll("button") ?? []];
    if (by === undefined) return;
    event.preventDefault();
    const at = buttons.findIndex((button) => button === document.activeElement);
    if (at + by < 0) field.current?.focus();
    else buttons[Math.min(buttons.length - 1, at + by)]?.focus();
  };
  return (
    <div class="emoji-picker">
      <input
        ref={field}
        type="search"
        aria-label={words.emoji.search}
        placeholder={words.emoji.search}
        value={query}
        onInput={(event) => setQuery(event.currentTarget.value)}
        onKeyDown={(event) => {
          const [first] = shown;
          if (event.key === "Enter" && first !== undefined) {
            event.preventDefault();
            onPick(first.unicode);
          } else if (event.key === "ArrowDown") {
            event.preventDefault();
            grid.current?.querySelector("button")?.focus();
          }
        }}
      />
      <div ref={grid} class="emoji-grid" role="group" aria-label={words.emoji.title} onKeyDown={move}>
        {shown.map((one) => (
          <button
            key={one.unicode}
            type="button"
            aria-label={one.label}
            title={one.label}
            onClick={() => onPick(one.unicode)}
          >
            {one.unicode}
          </button>
        ))}
      </div>
      {shown.length === 0 ? <p class="quiet">{words.emoji.none}</p> : null}
    </div>
  );
}
