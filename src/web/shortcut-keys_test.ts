import assert from "node:assert/strict";
import { type KeyPress, shortcutOf } from "./shortcut-keys.ts";

const press = (key: string, more: Partial<KeyPress> = {}) =>
  shortcutOf({ key, ctrlKey: false, metaKey: false, altKey: false, target: null, ...more });

Deno.test("keys of the page: with Control anywhere, alone only where nobody writes", () => {
  assert.equal(press("k", { ctrlKey: true }), "search");
  assert.equal(press("K", { metaKey: true, target: { tagName: "TEXTAREA" } }), "search");
  assert.equal(press("ArrowDown", { altKey: true }), "next-room");
  assert.equal(press("/"), "search");
  assert.equal(press("?"), "help");
  for (const tagName of ["TEXTAREA", "INPUT", "select"]) {
    assert.equal(press("?", { target: { tagName } }), null);
    assert.equal(press("Escape", { target: { tagName } }), null);
  }
  assert.equal(press("k"), null);
  assert.equal(press("k", { ctrlKey: true, isComposing: true }), null);
});
