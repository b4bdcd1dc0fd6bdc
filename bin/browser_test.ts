import assert from "node:assert/strict";
import { findBrowser } from "./browser.mjs";

const PATH = "/usr/local/bin:/usr/bin";

Deno.test("a browser with windows of its own comes before what opens any; a named one before all", () => {
  const env = { PATH, DISPLAY: ":0" };
  const among = (...programs: string[]) => (path: string) => programs.includes(path);
  assert.equal(
    findBrowser("linux", env, among("/usr/bin/xdg-open", "/usr/bin/google-chrome")),
    "/usr/bin/google-chrome",
  );
  assert.equal(findBrowser("linux", env, among("/usr/bin/xdg-open")), "/usr/bin/xdg-open");
  assert.equal(findBrowser("linux", env, among()), null);
  assert.equal(findBrowser("linux", { PATH }, () => true), null, "no screen");
  assert.equal(findBrowser("linux", { PATH, QUICCHAT_BROWSER: "/opt/x" }, () => false), "/opt/x");
  const chrome = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";
  assert.equal(findBrowser("darwin", {}, among(chrome, "/usr/bin/open")), chrome);
  assert.equal(findBrowser("darwin", {}, among("/usr/bin/open")), "/usr/bin/open");
  const edge = "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe";
  const windows = { ProgramFiles: "C:\\Program Files", "ProgramFiles(x86)": "C:\\Program Files (x86)" };
  assert.equal(findBrowser("win32", windows, among(edge)), edge);
  assert.equal(
    findBrowser("win32", windows, (path) => path.includes("rundll32")),
    "C:\\Windows\\System32\\rundll32.exe",
  );
});
