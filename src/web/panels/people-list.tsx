import type { JSX } from "preact";
import type { RoomView } from "../../ui/view.ts";
import { PEERS } from "../../ui/words/peers.ts";
import { useWords } from "../language.ts";
import { AuthorMark } from "../timeline/author-mark.tsx";

/** Who is in the room now, by name; loaded when somebody looks. */
export default function PeopleList({ view }: { view: RoomView }): JSX.Element {
  const words = useWords();
  const { here, hereCount } = view;
  return (
    <>
      <h2>{words.people.title}</h2>
      {here === null ? <p>{words.people.tooMany(hereCount)}</p> : (
        <ul class="people-list">
          {here.map((person) => (
            <li key={person.author}>
              <AuthorMark author={person.author} name={person.name} />
              <bdi>{person.name}</bdi>
              {here.some((other) => other.name === person.name && other.author !== person.author)
                ? (
                  <code title={PEERS[words.code === "de" ? "de" : "en"].sameName}>
                    {person.author.slice(0, 8)}
                  </code>
                )
                : null}
              {person.me ? <span class="quiet">({words.people.me})</span> : null}
              {person.typing ? <span class="quiet">{words.people.typing}…</span> : null}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
