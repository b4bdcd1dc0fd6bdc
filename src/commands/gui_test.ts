import assert from "node:assert/strict";
import { addressOf } from "../client/dial/address.ts";
import { browserArguments, portFor } from "./gui.ts";

Deno.test("each program is told in its own way what to open", () => {
  const url = "http://127.0.0.1:50000/open/x";
  const app = [`--app=${url}`];
  const own = ["--user-data-dir=/s/gui", "--no-first-run", "--no-default-browser-check"];
  assert.deepEqual(browserArguments("/usr/bin/chromium", url, "/s/gui"), [...app, ...own]);
  assert.deepEqual(browserArguments("/snap/bin/chromium", url, null), app);
  assert.deepEqual(browserArguments("C:\\Edge\\msedge.exe", url, null), app);
  assert.deepEqual(
    browserArguments("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", url, null),
    app,
  );
  assert.deepEqual(browserArguments("/usr/bin/xdg-open", url, null), [url]);
  assert.deepEqual(browserArguments("/home/chromista/bin/firefox", url, null), [url]);
  const windows = browserArguments("C:\\Windows\\System32\\rundll32.exe", url, null);
  assert.deepEqual(windows, ["url.dll,FileProtocolHandler", url]);
});

Deno.test("a server's page has the same port each time, and another server's another", () => {
  const port = portFor(addressOf("https://chat.example:4433/#invite=a"));
  assert.equal(port, portFor(addressOf("https://chat.example:4433")));
  assert.notEqual(port, portFor(addressOf("https://chat.example:4434")));
  assert.ok(port >= 49_152 && port <= 65_535);
});
