import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { RoomView } from "../../ui/view.ts";
import { AuthorMark } from "../timeline/author-mark.tsx";
import { Icon } from "../icon.tsx";
import { useWords } from "../language.ts";
import { Popover } from "../popover.tsx";

/** Who is in the room now. */
export function People({ view }: { view: RoomView }): JSX.Element {
  const words = useWords();
  const [open, setOpen] = useState(false);
  const { here, hereCount } = view;
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
        <>
          <h2>{words.people.title}</h2>
          {here === null ? <p>{words.people.tooMany(hereCount)}</p> : (
            <ul class="people-list">
              {here.map((person) => (
                <li key={person.author}>
                  <AuthorMark author={person.author} name={person.name} />
                  <bdi>{person.name}</bdi>
                  {here.some((other) => other.name === person.name && other.author !== person.author)
                    ? <code title={words.people.sameName}>{person.author.slice(0, 8)}</code>
                    : null}
                  {person.me ? <span class="quiet">({words.people.me})</span> : null}
                  {person.typing ? <span class="quiet">{words.people.typing}…</span> : null}
                </li>
              ))}
            </ul>
          )}
        </>
      )}
    </Popover>
  );
}
