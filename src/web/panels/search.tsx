import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { SearchModel } from "../../ui/models.ts";
import type { FoundView } from "../../ui/view.ts";
import { problemText } from "../../ui/words/choose.ts";
import { fullTimeOf, shortTimeOf } from "../dates.ts";
import { Icon } from "../icon.tsx";
import { useWords } from "../language.ts";
import { takeFocus, useReturnFocus } from "../return-focus.ts";
import { useWatched } from "../watched.ts";

interface Props {
  readonly model: SearchModel;
  readonly jump: (found: FoundView) => void;
  readonly close: () => void;
}

/** The search beside the messages: newest first; Enter or a click leads to the place. */
export function Search({ model, jump, close }: Props): JSX.Element {
  const words = useWords();
  const view = useWatched(model.view);
  const [query, setQuery] = useState(view.state === "idle" ? "" : view.query);
  const [at, setAt] = useState(0);
  useReturnFocus();
  const found = view.state === "looking" || view.state === "found" ? view.found : [];
  const keyDown = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    const chosen = found[at];
    if (event.key === "ArrowDown") setAt(Math.min(found.length - 1, at + 1));
    else if (event.key === "ArrowUp") setAt(Math.max(0, at - 1));
    else if (event.key === "Enter" && chosen !== undefined) jump(chosen);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <search class="search">
      <div class="search-line">
        <Icon name="search" size={18} />
        <input
          ref={takeFocus}
          type="search"
          dir="auto"
          maxLength={200}
          autocomplete="off"
          aria-label={words.search.label}
          placeholder={words.search.placeholder}
          aria-controls="found"
          aria-activedescendant={found.length > 0 ? `found-${at}` : undefined}
          value={query}
          onInput={(event) => {
            setQuery(event.currentTarget.value);
            setAt(0);
            model.look(event.currentTarget.value);
          }}
          onKeyDown={keyDown}
        />
        <button
          type="button"
          class="quiet-button"
          aria-label={words.search.close}
          title={words.search.close}
          onClick={close}
        >
          <Icon name="close" />
        </button>
      </div>
      <p class="hint" role="status">
        {view.state === "looking"
          ? words.search.looking
          : view.state === "failed"
          ? `${words.search.failed} ${problemText(view.problem, words)}`
          : view.state === "found"
          ? found.length === 0 ? words.search.nothing : words.search.results(found.length)
          : ""}
        {view.state === "found" && view.isBehind ? ` ${words.search.behind}` : null}
      </p>
      <ul id="found" class="found" role="listbox" aria-label={words.search.label}>
        {found.map((one, index) => (
          <li
            key={`${one.room} ${one.offset}`}
            id={`found-${index}`}
            role="option"
            aria-selected={index === at}
            onClick={() => jump(one)}
          >
            <span class="found-head">
              <bdi class="sender">{one.sender}</bdi> <bdi>#{one.room}</bdi>{" "}
              <time dateTime={new Date(one.tsMs).toISOString()} title={fullTimeOf(one.tsMs, words.code)}>
                {shortTimeOf(one.tsMs, words.code)}
              </time>
            </span>
            <span class="found-text" dir="auto">
              {one.parts.map((part, n) =>
                part.hit ? <mark key={n}>{part.text}</mark> : <span key={n}>{part.text}</span>
              )}
            </span>
          </li>
        ))}
      </ul>
      {view.state === "found" && view.more
        ? <button type="button" class="text-button" onClick={() => model.more()}>{words.search.more}</button>
        : null}
    </search>
  );
}
