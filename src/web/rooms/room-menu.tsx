import type { JSX } from "preact";
import { lazy, Suspense } from "preact/compat";
import { useId, useState } from "preact/hooks";
import type { ChatModel } from "../../ui/models.ts";
import type { RoomSummary } from "../../ui/view.ts";
import { Icon } from "../icon.tsx";
import { useWords } from "../language.ts";
import { Popover } from "../popover.tsx";

const RoomChoices = lazy(() => import("./room-choices.tsx"));

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
      {(close) => (
        <Suspense fallback={null}>
          <RoomChoices model={model} room={room} isOnly={isOnly} close={close} />
        </Suspense>
      )}
    </Popover>
  );
}
