import type { JSX } from "preact";
import { lazy, Suspense } from "preact/compat";
import { useState } from "preact/hooks";
import type { RoomView } from "../../ui/view.ts";
import { Icon } from "../icon.tsx";
import { useWords } from "../language.ts";
import { Popover } from "../popover.tsx";

const PeopleList = lazy(() => import("./people-list.tsx"));

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
      {() => (
        <Suspense fallback={null}>
          <PeopleList view={view} />
        </Suspense>
      )}
    </Popover>
  );
}
