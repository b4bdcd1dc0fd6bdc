import type { JSX } from "preact";
import type { RoomModel } from "../../ui/models.ts";
import type { UndoneView } from "../../ui/view.ts";
import { problemText } from "../../ui/words/choose.ts";
import { useWords } from "../language.ts";

/** What one wanted besides messages and what was not done: each can be tried again or thrown away. */
export function Undone(
  { room, undone }: { room: RoomModel; undone: readonly UndoneView[] },
): JSX.Element {
  const words = useWords();
  return (
    <ul class="undone" role="alert">
      {undone.map(({ seq, what, problem }) => (
        <li key={seq} class="problem in-room">
          {words.undone[what]}: {problem === null ? words.undone.stale : problemText(problem, words)}{" "}
          <button type="button" class="text-button" onClick={() => room.retry(seq)}>
            {words.message.retry}
          </button>
          <button type="button" class="text-button" onClick={() => room.discard(seq)}>
            {words.message.discard}
          </button>
        </li>
      ))}
    </ul>
  );
}
