import assert from "node:assert/strict";
import fc from "fast-check";
import { isRoomName } from "../protocol/words.ts";
import { formatPlace, parsePlace } from "./place.ts";

Deno.test("every room and offset comes back from its link", () => {
  const room = fc.string({ unit: "grapheme" }).map((text) => text.normalize("NFC")).filter(isRoomName);
  const offset = fc.option(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }));
  fc.assert(fc.property(fc.record({ room, offset }), (place) => {
    assert.deepEqual(parsePlace(formatPlace(place)), { ...place });
  }));
});

Deno.test("links from strangers: a place or null, never a throw", () => {
  const bad = ["", "#", "#/room/", "#/room/%", "#/room/%ff", "#/room/a/0", "#/room/a/-1", "#/room/a/1e9"];
  bad.push("#/room/a/9999999999999999", "#/room/%0a", "#/room/%20a", `#/room/${"a".repeat(65)}`, "#/rooms/a");
  bad.push("#/room/a%E2%80%AEb", "#/room/a/1/2", "#invite=x&key=y");
  for (const fragment of bad) assert.equal(parsePlace(fragment), null, fragment);
  fc.assert(fc.property(fc.string(), (text) => void parsePlace(`#/room/${text}`)));
});
