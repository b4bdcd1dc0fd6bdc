import { Component, type ComponentChildren, type ComponentType, type JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useWords } from "../language.ts";

/** Above it a message is folded: about a screen of text. */
const FOLD_CHARS = 1_800;
const FOLD_LINES = 24;

/** As many emoji as are shown large. */
const EMOJI_MAX = 3;
/** Three families with skin tones, as UTF-16. */
const EMOJI_UNITS_MAX = 75;
const ONLY_EMOJI =
  /^(?=.*[\p{Extended_Pictographic}\p{Regional_Indicator}])(?:\p{Extended_Pictographic}|\p{Emoji_Modifier}|\p{Regional_Indicator}|[\u200d\ufe0f\s])+$/u;

interface MarkdownProps {
  readonly text: string;
}

/** What may be markdown at all; most of talk is not, and never waits for the renderer. */
const MAYBE_MARKDOWN = /[*_`~[\]>#|\\]|:\/\/|www\.|@[\w.-]+\.|^\s*(?:[-+]|\d+[.)])\s/m;

let Markdown: ComponentType<MarkdownProps> | null = null;
let loading: Promise<void> | null = null;

/** Loads the renderer, once; until then, and without a network, a text is shown as it was written. */
function loadMarkdown(): Promise<void> {
  loading ??= import("../markdown/markdown.tsx").then(
    (loaded) => void (Markdown = loaded.Markdown),
    () => void (loading = null),
  );
  return loading;
}

/** A text that the renderer fails on is shown as it was written; the others are not concerned. */
class AsWrittenOnFailure
  extends Component<{ text: string; children: ComponentChildren }, { failed: boolean }> {
  static override getDerivedStateFromError(thrown: unknown): { failed: boolean } {
    console.warn("a message is shown without markdown:", thrown);
    return { failed: true };
  }
  render() {
    return this.state.failed ? <p class="plain">{this.props.text}</p> : this.props.children;
  }
}

/** A message's text: markdown where it has any, folded where it is long. */
export function MessageText({ text }: { text: string }): JSX.Element {
  const words = useWords();
  const [unfolded, setUnfolded] = useState(false);
  const [, redraw] = useState(0);
  const isMarkdown = MAYBE_MARKDOWN.test(text);
  useEffect(() => {
    if (isMarkdown && Markdown === null) loadMarkdown().then(() => redraw((n) => n + 1));
  }, [isMarkdown]);
  const long = text.length > FOLD_CHARS || linesOf(text) > FOLD_LINES;
  const shown = long && !unfolded ? folded(text) : text;
  return (
    <div class="message-text" dir="auto">
      {isMarkdown && Markdown !== null
        ? (
          <AsWrittenOnFailure text={shown}>
            <Markdown text={shown} />
          </AsWrittenOnFailure>
        )
        : <p class={isEmojiOnly(text) ? "plain emoji-only" : "plain"}>{shown}</p>}
      {long
        ? (
          <button
            type="button"
            class="text-button"
            aria-expanded={unfolded}
            onClick={() => setUnfolded(!unfolded)}
          >
            {unfolded ? words.timeline.showLess : words.timeline.showAll}
          </button>
        )
        : null}
    </div>
  );
}

function linesOf(text: string): number {
  let lines = 1;
  for (let at = text.indexOf("\n"); at >= 0 && lines <= FOLD_LINES; at = text.indexOf("\n", at + 1)) lines++;
  return lines;
}

function folded(text: string): string {
  const start = text.slice(0, FOLD_CHARS);
  const lines = start.split("\n");
  if (lines.length > FOLD_LINES) return lines.slice(0, FOLD_LINES).join("\n");
  // Not in the middle of a character that takes two units.
  return `${/[\ud800-\udbff]$/.test(start) ? start.slice(0, -1) : start}…`;
}

/** Whether a text is a face or two and nothing else: that is said louder. */
function isEmojiOnly(text: string): boolean {
  if (text.length > EMOJI_UNITS_MAX || !ONLY_EMOJI.test(text)) return false;
  return [...new Intl.Segmenter().segment(text.replaceAll(/\s/g, ""))].length <= EMOJI_MAX;
}
