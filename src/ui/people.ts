import type { PersonView } from "./view.ts";

interface Person {
  readonly name: string;
  readonly author: string;
}

/** Who is here: oneself first, then by name. Null where the room is too big for a list. */
export function peopleOf(
  members: readonly Person[] | null,
  me: string,
  typing: readonly Person[],
): readonly PersonView[] | null {
  if (members === null) return null;
  const typists = new Set(typing.map(({ author }) => author));
  return members.map(({ name, author }) => ({ name, author, me: author === me, typing: typists.has(author) }))
    .sort((a, b) => Number(b.me) - Number(a.me));
}
