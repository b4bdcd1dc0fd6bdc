import type { JSX } from "preact";
import { useId, useState } from "preact/hooks";
import type { ChatModel } from "../../ui/models.ts";
import type { RoomSummary } from "../../ui/view.ts";
import { Icon } from "../icon.tsx";
import { useWords } from "../language.ts";
import { later } from "../later.ts";
import { Popover } from "../popover.tsx";

const RoomChoices = later(() => import("./room-choices.tsx").then((part) => part.default));

/** What one may want of a room besides talking: when to be told, and leaving. */
export function RoomMenu(
  { model, room, isOnly }: { model: ChatModel; room: RoomSummary; isOnly: boolean },
): JSX.Element {
  const words = useWords();
  const id = useId();
  const [open, setOpen] = useState(false);
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
      {(close) => <RoomChoices model={model} room={room} isOnly={isOnly} close={close} />}
    </Popover>
  );
}
