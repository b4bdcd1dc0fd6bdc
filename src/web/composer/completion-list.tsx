import type { JSX } from "preact";
import type { Completion } from "../../ui/view.ts";
import { useWords } from "../language.ts";

/** What the word at the caret may become; the field keeps the focus (ARIA combobox with a listbox). */
export function CompletionList(
  { completion, pick }: { completion: Completion; pick: (index: number) => void },
): JSX.Element {
  const words = useWords();
  return (
    <ul id="completions" class="completions" role="listbox" aria-label={words.composer.suggestions}>
      {completion.items.map((item, index) => (
        <li
          key={item.insert}
          id={`completion-${index}`}
          role="option"
          aria-selected={index === completion.selected}
          // The click must not take the focus from the field.
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => pick(index)}
        >
          <bdi>{item.label}</bdi>
        </li>
      ))}
    </ul>
  );
}
