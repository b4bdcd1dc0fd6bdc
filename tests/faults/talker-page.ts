/** Somebody in a browser's page: what `talker-process.ts` is for a process. */
import { addressOf } from "../../src/client/dial/address.ts";
import { connect } from "../../src/client/connect.ts";
import { browserDial } from "../../src/client/dial/dial-browser.ts";
import { IndexedDbStore } from "../../src/client/outbox/store-indexeddb.ts";
import { Talker } from "./talker.ts";
import type { Line, Part } from "./transcript.ts";

declare global {
  // Handed in by who drives the page.
  var recordLine: (line: string) => Promise<void>;
  // For who drives the page.
  var talker: Talker;
}

/** Talks to the server at a port of this machine, over WebTransport. The page's own server has the discovery. */
export function start(part: Part, port: number): void {
  const record = (line: Line) => void globalThis.recordLine(JSON.stringify(line));
  const address = addressOf(`http://127.0.0.1:${port}`);
  globalThis.talker = new Talker(
    connect(location.origin, {
      name: part.name,
      store: new IndexedDbStore("quicchat-outbox faults"),
      dial: browserDial({ ...address, origin: location.origin }),
      onStatus: (status) => record(Talker.statusLine(status)),
      onNotice: (says) => {
        if (Talker.isOld(says)) queueMicrotask(() => globalThis.talker.resume());
      },
    }),
    part,
    record,
  );
}
