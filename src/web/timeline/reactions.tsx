import type { JSX } from "preact";
import type { RoomModel } from "../../ui/models.ts";
import type { MessageView } from "../../ui/view.ts";
import { useWords } from "../language.ts";

/** Who reacted with what; each is a switch for one's own. */
export function Reactions({ message, room }: { message: MessageView; room: RoomModel }): JSX.Element | null {
  const words = useWords();
  const { offset, reactions } = message;
  if (offset === null || reactions.length === 0) return null;
  return (
    <ul class="reactions">
      {reactions.map(({ reaction, count, mine, names }) => (
        <li key={reaction}>
          <button
            type="button"
            class="reaction"
            aria-pressed={mine}
            aria-label={words.message.reaction(reaction, count, names.join(", "))}
            title={names.join(", ")}
            onClick={() => room.react(offset, reaction, !mine)}
          >
            <span class="reaction-emoji">{reaction}</span> <span>{count}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}
