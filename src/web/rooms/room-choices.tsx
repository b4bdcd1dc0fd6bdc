import type { JSX } from "preact";
import { useId } from "preact/hooks";
import type { ChatModel } from "../../ui/models.ts";
import type { Notify, RoomSummary } from "../../ui/view.ts";
import { useWords } from "../language.ts";

/** What the menu of a room offers; loaded when somebody opens it. */
export default function RoomChoices(
  { model, room, isOnly, close }: {
    model: ChatModel;
    room: RoomSummary;
    isOnly: boolean;
    close: () => void;
  },
): JSX.Element {
  const words = useWords();
  const id = useId();
  const choices: readonly (readonly [Notify, string])[] = [
    ["all", words.rooms.notifyAll],
    ["mentions", words.rooms.notifyMentions],
    ["none", words.rooms.notifyNone],
  ];
  return (
    <>
      <fieldset class="choices">
        <legend>{words.rooms.notify}</legend>
        {choices.map(([value, label]) => (
          <label key={value}>
            <input
              type="radio"
              name={`notify-${id}`}
              checked={room.notify === value}
              onChange={() => model.setNotify(room.name, value)}
            />
            {label}
          </label>
        ))}
      </fieldset>
      {isOnly ? <p class="hint">{words.rooms.leaveOnly}</p> : (
        <button
          type="button"
          class="menu-item"
          onClick={() => {
            close();
            model.leave(room.name);
          }}
        >
          {words.rooms.leave}
        </button>
      )}
    </>
  );
}
