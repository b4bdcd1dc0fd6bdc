import type { JSX } from "preact";
import { Icon } from "../icon.tsx";
import { useWords } from "../language.ts";
import { takeFocus, useReturnFocus } from "../return-focus.ts";

/** The list of keys; beside the page, and gone with Escape. */
export function Shortcuts({ close }: { close: () => void }): JSX.Element {
  const words = useWords();
  useReturnFocus();
  const rows: readonly (readonly [string, readonly string[]])[] = [
    [words.shortcuts.send, ["Enter"]],
    [words.shortcuts.newLine, ["Shift+Enter"]],
    [words.shortcuts.editLast, ["↑"]],
    [words.shortcuts.search, ["Ctrl+K", "/"]],
    [words.shortcuts.nextRoom, ["Alt+↓"]],
    [words.shortcuts.previousRoom, ["Alt+↑"]],
    [words.shortcuts.timeline, ["↑", "↓"]],
    [words.shortcuts.reply, ["r"]],
    [words.shortcuts.react, ["+"]],
    [words.shortcuts.edit, ["e"]],
    [words.shortcuts.actions, ["Enter"]],
    [words.shortcuts.newest, ["End"]],
    [words.shortcuts.toComposer, ["Esc"]],
    [words.shortcuts.help, ["?"]],
  ];
  return (
    <section
      ref={takeFocus}
      class="shortcuts popover"
      tabIndex={-1}
      aria-label={words.shortcuts.title}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        close();
      }}
    >
      <header>
        <h2>{words.shortcuts.title}</h2>
        <button
          type="button"
          class="quiet-button"
          aria-label={words.close}
          title={words.close}
          onClick={close}
        >
          <Icon name="close" />
        </button>
      </header>
      <dl>
        {rows.map(([what, keys]) => (
          <div key={what}>
            <dt>{what}</dt>
            <dd>
              {keys.map((key, at) => (
                <span key={key}>
                  {at > 0 ? ` ${words.shortcuts.or} ` : ""}
                  <kbd>{key}</kbd>
                </span>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
