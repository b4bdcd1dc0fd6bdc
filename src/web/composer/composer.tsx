import type { JSX } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { RoomModel } from "../../ui/models.ts";
import { problemText } from "../../ui/words/choose.ts";
import { EmojiPanel } from "../emoji/emoji-panel.tsx";
import { Icon } from "../icon.tsx";
import { useWords } from "../language.ts";
import { useWatched } from "../watched.ts";
import { CompletionList } from "./completion-list.tsx";
import { ComposerMode } from "./composer-mode.tsx";

interface Props {
  readonly room: RoomModel;
  /** Puts the focus into the messages. */
  readonly toTimeline: () => void;
}

/** Where one writes: grows with the text; Enter sends, Shift+Enter begins a line. */
export function Composer({ room, toTimeline }: Props): JSX.Element {
  const words = useWords();
  const view = useWatched(room.composer.view);
  const field = useRef<HTMLTextAreaElement>(null);
  const [picking, setPicking] = useState(false);
  const { completion, mode } = view;
  const about = mode.is === "reply" ? mode.to.key : mode.is === "edit" ? mode.of.key : null;

  useLayoutEffect(() => {
    const area = field.current;
    if (area === null) return;
    if (area.value !== view.text) area.value = view.text;
    area.style.blockSize = "auto";
    area.style.blockSize = `${area.scrollHeight}px`;
  }, [view.text, room]);
  // Before the next key can fall where the focus was.
  useLayoutEffect(() => {
    // A phone would open its keyboard over the messages.
    if (matchMedia("(hover: hover)").matches || about !== null) field.current?.focus();
  }, [room, about]);

  const put = (next: { readonly text: string; readonly caret: number } | null) => {
    const area = field.current;
    if (next === null || area === null) return;
    area.value = next.text;
    area.setSelectionRange(next.caret, next.caret);
    area.focus();
  };
  const input = () => {
    const area = field.current;
    if (area !== null) room.composer.input(area.value, area.selectionStart);
  };
  const submit = () => {
    if (room.composer.submit()) field.current?.focus();
  };
  const keyDown = (event: KeyboardEvent) => {
    const area = field.current;
    // Enter and arrows that choose among an input method's suggestions are not for us.
    if (area === null || event.isComposing) return;
    const { key } = event;
    // Who wrote a name to its end has chosen: Enter sends.
    const isChosen = completion !== null &&
      completion.items[completion.selected]?.insert.trim() ===
        view.text.slice(completion.from, completion.to);
    if (completion !== null && (key === "ArrowDown" || key === "ArrowUp")) {
      room.composer.moveCompletion(key === "ArrowDown" ? 1 : -1);
    } else if (completion !== null && (key === "Tab" || (key === "Enter" && !isChosen)) && !event.shiftKey) {
      put(room.composer.complete());
    } else if (key === "Enter" && !event.shiftKey) submit();
    else if (key === "Escape") {
      if (!room.composer.cancel()) return;
    } else if (key === "ArrowUp" && area.value === "") {
      if (event.altKey || event.ctrlKey) return;
      if (!room.composer.editLast()) toTimeline();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <ComposerMode composer={room.composer} mode={mode} />
      {completion === null
        ? null
        : <CompletionList completion={completion} pick={(index) => put(room.composer.complete(index))} />}
      <div class="composer-line">
        <button
          type="button"
          class="quiet-button"
          aria-label={words.composer.emoji}
          title={words.composer.emoji}
          aria-expanded={picking}
          onClick={() => setPicking(!picking)}
        >
          <Icon name="smile" size={22} />
        </button>
        <textarea
          ref={field}
          id="composer"
          dir="auto"
          rows={1}
          enterkeyhint="send"
          autocomplete="off"
          aria-label={words.composer.label(room.name)}
          placeholder={words.composer.placeholder(room.name)}
          aria-autocomplete="list"
          aria-controls={completion === null ? undefined : "completions"}
          aria-activedescendant={completion === null ? undefined : `completion-${completion.selected}`}
          aria-invalid={view.bytesOver > 0}
          aria-describedby="composer-says"
          onInput={input}
          onSelect={input}
          onKeyDown={keyDown}
        />
        <button
          type="submit"
          class="send"
          aria-label={words.composer.send}
          title={words.composer.send}
          disabled={view.text.trim() === "" || view.bytesOver > 0}
        >
          <Icon name="send" size={20} />
        </button>
      </div>
      <p id="composer-says" class="problem" role="status">
        {view.bytesOver > 0
          ? words.composer.tooLong(view.bytesOver)
          : view.problem === null
          ? ""
          : problemText(view.problem, words)}
      </p>
      {picking
        ? (
          <EmojiPanel
            onPick={(emoji) => {
              const at = field.current?.selectionStart ?? view.text.length;
              put(room.composer.insert(emoji, at));
              setPicking(false);
            }}
            onClose={(byKey) => {
              setPicking(false);
              if (byKey) field.current?.focus();
            }}
          />
        )
        : null}
    </form>
  );
}
