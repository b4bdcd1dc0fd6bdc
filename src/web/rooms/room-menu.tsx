import type { JSX } from "preact";
import { useId, useState } from "preact/hooks";
import type { ChatModel } from "../../ui/models.ts";
import type { Notify, RoomSummary } from "../../ui/view.ts";
import { Icon } from "../icon.tsx";
import { useWords } from "../language.ts";
import { Popover } from "../popover.tsx";

/** What one may want of a room besides talking: when to be told, and leaving. */
export function RoomMenu(
  { model, room, isOnly }: { model: ChatModel; room: RoomSummary; isOnly: boolean },
): JSX.Element {
  const words = useWords();
  const id = useId();
  const [open, setOpen] = useState(false);
  const choices: readonly (readonly [Notify, string])[] = [
    ["all", words.rooms.notifyAll],
    ["mentions", words.rooms.notifyMentions],
    ["none", words.rooms.notifyNone],
  ];
  return (
    <Popover
      id={`room-menu-${id}`}
      label={words.rooms.menu(room.name)}
      buttonLabel={words.rooms.menu(room.name)}
      buttonClass="quiet-button room-more"
      button={<Icon name="more" size={18} />}
      open={open}
      setOpen={setOpen}
    >
      {(close) => (
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
      )}
    </Popover>
  );
}
