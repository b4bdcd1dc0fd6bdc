import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { RoomView } from "../../ui/view.ts";
import { Icon } from "../icon.tsx";
import { useWords } from "../language.ts";
import { later } from "../later.ts";
import { Popover } from "../popover.tsx";

const PeopleList = later(() => import("./people-list.tsx").then((part) => part.default));

/** Who is in the room now. */
export function People({ view }: { view: RoomView }): JSX.Element {
  const words = useWords();
  const [open, setOpen] = useState(false);
  const { hereCount } = view;
  return (
    <Popover
      id="people"
      label={words.people.title}
      buttonLabel={`${words.people.title}: ${words.people.count(hereCount)}`}
      button={
        <>
          <Icon name="people" /> <span>{hereCount}</span>
        </>
      }
      open={open}
      setOpen={setOpen}
    >
      {() => <PeopleList view={view} />}
    </Popover>
  );
}
