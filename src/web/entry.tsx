import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { ChatModel } from "../ui/models.ts";
import type { EntryView, Problem } from "../ui/view.ts";
import { problemText } from "../ui/words/choose.ts";
import { useWords } from "./language.ts";
import { takeFocus } from "./return-focus.ts";

interface Props {
  readonly model: ChatModel;
  readonly entry: Exclude<EntryView, { state: "in" }>;
}

/** What stands between a visitor and the first room: a name, and on a shared server an invite. */
export function Entry({ model, entry }: Props): JSX.Element {
  return (
    <main class="entry">
      <div class="entry-card">
        <img class="entry-mark" src="/icons/quicchat.svg" alt="" width="56" height="56" />
        {entry.state === "needs-name"
          ? <NameForm model={model} entry={entry} />
          : <TokenForm model={model} entry={entry} />}
      </div>
    </main>
  );
}

function NameForm(
  { model, entry }: { model: ChatModel; entry: Extract<EntryView, { state: "needs-name" }> },
): JSX.Element {
  const words = useWords();
  const [name, setName] = useState(entry.suggested);
  const submit = (event: Event) => {
    event.preventDefault();
    if (name.trim() !== "") model.enter(name.trim());
  };
  return (
    <form onSubmit={submit}>
      <h1>{words.entry.title}</h1>
      <p class="quiet">{words.entry.about}</p>
      <label for="name">{words.entry.name}</label>
      <input
        id="name"
        name="name"
        autocomplete="nickname"
        dir="auto"
        maxLength={64}
        required
        ref={takeFocus}
        value={name}
        onInput={(event) => setName(event.currentTarget.value)}
        aria-describedby="name-hint"
      />
      <p id="name-hint" class="hint">{words.entry.nameHint}</p>
      <Says problem={entry.says} />
      <button type="submit" class="primary">{words.entry.go}</button>
    </form>
  );
}

function TokenForm(
  { model, entry }: { model: ChatModel; entry: Extract<EntryView, { state: "needs-token" }> },
): JSX.Element {
  const words = useWords();
  const [token, setToken] = useState("");
  const submit = (event: Event) => {
    event.preventDefault();
    if (token.trim() !== "") model.giveToken(token.trim());
  };
  return (
    <form onSubmit={submit}>
      <h1>{words.entry.tokenTitle}</h1>
      <label for="token">{words.entry.token}</label>
      <input
        id="token"
        autocomplete="off"
        spellcheck={false}
        required
        ref={takeFocus}
        value={token}
        onInput={(event) => setToken(event.currentTarget.value)}
        aria-describedby="token-hint"
      />
      <p id="token-hint" class="hint">{words.entry.tokenHint}</p>
      <Says problem={entry.says} />
      <div class="entry-actions">
        <button type="submit" class="primary">{words.entry.giveToken}</button>
        <button type="button" onClick={() => model.rename()}>{words.entry.otherName}</button>
      </div>
    </form>
  );
}

function Says({ problem }: { problem: Problem | null }): JSX.Element {
  const words = useWords();
  return <p class="problem" role="alert">{problem === null ? "" : problemText(problem, words)}</p>;
}
