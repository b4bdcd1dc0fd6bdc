import assert from "node:assert/strict";
import { places } from "./places.mjs";

Deno.test("each platform's own places are used", () => {
  assert.deepEqual(places("linux", {}, "/home/a"), {
    data: "/home/a/.local/share/quicchat",
    state: "/home/a/.local/state/quicchat",
  });
  assert.deepEqual(places("linux", { XDG_DATA_HOME: "/d", XDG_STATE_HOME: "/s" }, "/home/a"), {
    data: "/d/quicchat",
    state: "/s/quicchat",
  });
  assert.deepEqual(places("darwin", {}, "/Users/a"), {
    data: "/Users/a/Library/Application Support/quicchat/server",
    state: "/Users/a/Library/Application Support/quicchat/client",
  });
  assert.deepEqual(places("win32", { LOCALAPPDATA: "C:\\L" }, "C:\\Users\\a"), {
    data: "C:\\L\\quicchat\\server",
    state: "C:\\L\\quicchat\\client",
  });
});

Deno.test("a relative XDG value is ignored, ours is resolved", () => {
  assert.equal(places("linux", { XDG_DATA_HOME: "d" }, "/home/a").data, "/home/a/.local/share/quicchat");
  assert.equal(places("linux", { QUICCHAT_DATA: "d" }, "/home/a", "/here").data, "/here/d");
  assert.equal(places("darwin", { QUICCHAT_STATE: "/s" }, "/home/a").state, "/s");
});
