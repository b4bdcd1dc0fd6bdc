import type { JSX } from "preact";
import type { ComposerModel } from "../../ui/models.ts";
import type { ComposerView } from "../../ui/view.ts";
import { Icon } from "../icon.tsx";
import { useWords } from "../language.ts";

/** What is being answered or changed, above the field. */
export function ComposerMode(
  { composer, mode }: { composer: ComposerModel; mode: ComposerView["mode"] },
): JSX.Element | null {
  const words = useWords();
  if (mode.is === "write") return null;
  const message = mode.is === "reply" ? mode.to : mode.of;
  return (
    <div class="composer-mode">
      <Icon name={mode.is === "reply" ? "reply" : "edit"} size={16} />
      <span class="composer-mode-title">
        {mode.is === "reply" ? words.composer.replying(message.sender) : words.composer.editing}
      </span>
      <bdi class="quote-text">{message.text}</bdi>
      <button
        type="button"
        class="quiet-button"
        aria-label={words.composer.cancel}
        title={words.composer.cancel}
        onClick={() => void composer.cancel()}
      >
        <Icon name="close" size={16} />
      </button>
    </div>
  );
}
