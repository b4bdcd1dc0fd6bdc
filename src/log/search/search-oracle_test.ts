import assert from "node:assert/strict";
import { SearchDesk } from "../../../tests/fixtures/search-desk.ts";
import { Seeded } from "../../../tests/fixtures/seeded.ts";

/** What is found, by looking at each text; shares nothing with the index. Words of the made-up talk are divided by
 * one space, and each is either of Latin letters or of Chinese ones. */
function naive(texts: readonly string[], query: readonly string[]): string[] {
  const plain = (text: string) => text.toLowerCase().replaceAll("é", "e");
  return texts.filter((text) => {
    const words = plain(text).split(" ");
    return query.every((part) => {
      const wanted = plain(part);
      if (wanted.startsWith('"')) return ` ${words.join(" ")} `.includes(` ${wanted.slice(1, -1)} `);
      return words.some((word) => /[a-z]/.test(wanted) ? word.startsWith(wanted) : word.includes(wanted));
    });
  });
}

Deno.test("search index: finds what a look at each text finds, whatever is said, edited and deleted", () => {
  const seed = crypto.getRandomValues(new Uint32Array(1))[0] ?? 1;
  const chance = new Seeded(seed);
  const latin = () =>
    Array.from({ length: chance.from(1, 3) }, () => chance.pick(["a", "b", "É", "e"])).join("");
  const chinese = () =>
    Array.from({ length: chance.from(1, 4) }, () => chance.pick(["東", "京", "𠮷"])).join("");
  const word = () => chance.from(0, 2) > 0 ? latin() : chinese();
  const textOf = () => Array.from({ length: chance.from(1, 5) }, word).join(" ");
  for (let world = 0; world < 12; world++) {
    using desk = new SearchDesk();
    const alive = new Map<number, { offset: number; room: string; text: string }>();
    let id = 0;
    for (let step = 0; step < 60; step++) {
      const old = chance.pick([...alive.keys()]);
      const target = old === null ? undefined : alive.get(old);
      const what = chance.from(0, 9);
      id++;
      if (target === undefined || old === null || what < 6) {
        const [room, text] = [chance.pick(["x", "y"]) ?? "x", textOf()];
        alive.set(id, { room, text, offset: desk.say(text, room) });
      } else if (what < 8) {
        const text = textOf();
        desk.edit(target.offset, text, target.room);
        alive.set(old, { ...target, text });
      } else {
        desk.delete(target.offset, target.room);
        alive.delete(old);
      }
      if (chance.from(0, 4) === 0) desk.catchUp();
      if (chance.from(0, 19) === 0) desk.reopen();
    }
    for (let asked = 0; asked < 30; asked++) {
      const query = Array.from(
        { length: chance.from(1, 3) },
        () =>
          chance.from(0, 3) > 0 ? word() : `"${Array.from({ length: chance.from(1, 3) }, latin).join(" ")}"`,
      );
      const rooms = chance.pick([["x"], ["y"], ["x", "y"]]) ?? [];
      const there = [...alive].sort(([a], [b]) => b - a).map(([, one]) => one)
        .filter(({ room }) => rooms.includes(room)).map(({ text }) => text);
      assert.deepEqual(
        desk.find(query.join(" "), rooms),
        naive(there, query),
        `seed ${seed}: ${query.join(" ")}`,
      );
    }
  }
});
