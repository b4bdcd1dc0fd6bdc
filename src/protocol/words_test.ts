import assert from "node:assert/strict";
import fc from "fast-check";
import * as v from "valibot";
import { LIMITS } from "./limits.ts";
import {
  Count,
  Device,
  isName,
  isRoomName,
  LOBBY,
  Offset,
  Reaction,
  Seconds,
  Text,
  textFits,
  utf8BytesAtMost,
} from "./words.ts";

const LONE = "\ud800";

Deno.test("isName: one line of 1 to 64 UTF-16 units, whatever the script", () => {
  for (const name of ["a", "Žofie", "李 小龍", "👩‍👩‍👧", "a b", "x".repeat(64), "constructor", "<b>"]) {
    assert(isName(name), name);
  }
  const refused = [
    "",
    " a",
    "a ",
    "\ta",
    "x".repeat(65),
    "a\nb",
    "a\u0000b",
    "a\u001bb",
    "a\u0085b",
    "a\u2028b",
  ];
  refused.push("a\u007fb", `a${LONE}b`, "\ufeffa", "a\u202eb", "a\u2066b", "👍".repeat(33));
  for (const name of refused) assert(!isName(name), JSON.stringify(name));
});

Deno.test("isRoomName: a name that is already in NFC", () => {
  assert(isRoomName(LOBBY));
  assert(isRoomName("caf\u00e9"));
  assert(!isRoomName("cafe\u0301"), "decomposed");
  assert(!isRoomName("\u212b"), "a compatibility character with another canonical form");
  assert(isName("cafe\u0301"), "people may be called so");
});

Deno.test("utf8BytesAtMost agrees with the encoder for any text and bound", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "binary", maxLength: 20 }),
      fc.integer({ min: 0, max: 80 }),
      (text, max) => {
        assert.equal(utf8BytesAtMost(text, max), new TextEncoder().encode(text).length <= max);
      },
    ),
    { seed: 6, numRuns: 2_000 },
  );
});

Deno.test("textFits: 16,384 bytes of UTF-8 and not one more", () => {
  for (const character of ["x", "é", "€", "😀", '"', "\n"]) {
    const bytes = new TextEncoder().encode(character).length;
    const fitting = character.repeat(Math.floor(LIMITS.textBytesMax / bytes));
    assert(textFits(fitting), JSON.stringify(character));
    assert(!textFits(fitting + character), JSON.stringify(character));
  }
});

Deno.test("textFits: a text of control characters is as long as its JSON", () => {
  const most = (LIMITS.textJsonBytesMax - 2) / 6;
  assert(textFits("\u0001".repeat(Math.floor(most))));
  assert(!textFits("\u0001".repeat(Math.floor(most) + 1)));
  assert(!textFits("\u0001".repeat(LIMITS.textBytesMax)));
});

const words: [string, v.GenericSchema, unknown[], unknown[]][] = [
  ["Count", Count, [0, 1, 1.0, -0, Number.MAX_SAFE_INTEGER], [
    -1,
    0.5,
    2 ** 53,
    1e300,
    Infinity,
    NaN,
    "1",
    null,
    true,
    [],
    {},
  ]],
  ["Offset", Offset, [1, Number.MAX_SAFE_INTEGER], [0, -0, -1, 1.5, 2 ** 53, "1", null]],
  ["Seconds", Seconds, [0, -1, 1763853792.123, 1e300], [Infinity, NaN, "0", null]],
  ["Device", Device, ["0".repeat(32), "0123456789abcdef0123456789abcdef"], [
    "",
    "0".repeat(31),
    "0".repeat(33),
    "A".repeat(32),
    "g".repeat(32),
    "0".repeat(32) + "\n",
    0,
    null,
  ]],
  ["Text", Text, ["", "a\nb\u0000", "€😀"], [LONE, `${LONE}${LONE}`, "\udc00", 1, null, ["a"]]],
  ["Reaction", Reaction, ["👍", "+1", "👩🏽‍❤️‍💋‍👨🏿", "x".repeat(64)], [
    "",
    "x".repeat(65),
    "👍".repeat(17),
    LONE,
    "a\nb",
    1,
  ]],
];

for (const [name, schema, good, bad] of words) {
  Deno.test(`${name}: takes what it should and refuses the rest`, () => {
    for (const value of good) assert(v.is(schema, value), String(value));
    for (const value of bad) assert(!v.is(schema, value), String(value));
  });
}
