/** Somebody in a process of his own. Takes his part as JSON, writes a transcript, and obeys what comes by
 * standard input, one word a line. */
import { TextLineStream } from "./text-lines.ts";
import { addressOf } from "../../src/client/dial/address.ts";
import { connect } from "../../src/client/connect.ts";
import type { Dial } from "../../src/client/dial/dial.ts";
import { browserDial } from "../../src/client/dial/dial-browser.ts";
import { denoDial } from "../../src/client/dial/dial-deno.ts";
import { FileStore } from "../../src/client/outbox/store-file.ts";
import { dialWebSocket } from "../../src/transport/websocket/websocket-dial.ts";
import { dialWebTransport } from "../../src/transport/webtransport/webtransport-dial.ts";
import { Talker } from "./talker.ts";
import type { Line, Part } from "./transcript.ts";

export type Way = "quic" | "webtransport" | "websocket" | "any";

export interface Casting {
  readonly part: Part;
  readonly way: Way;
  readonly port: number;
  readonly outboxDir: string;
  readonly transcript: string;
}

/** How far this machine's calendar goes wrong: `set-clock` is told the milliseconds. */
let aheadMs = 0;

function dialOf({ way, port }: Casting): Dial {
  const address = addressOf(`http://127.0.0.1:${port}`);
  switch (way) {
    case "quic":
      return denoDial(addressOf(`quic://127.0.0.1:${port}`));
    case "any":
      return denoDial(address);
    case "webtransport":
    case "websocket":
      return browserDial(address, {}, {
        hasWebTransport: way === "webtransport",
        hasWebSocket: true,
        fetch,
        webTransport: dialWebTransport,
        webSocket: way === "websocket" ? dialWebSocket : () => Promise.reject(new Error("there is none")),
      });
  }
}

const casting: Casting = JSON.parse(Deno.args[0] ?? "");
const transcript = Deno.openSync(casting.transcript, { create: true, append: true });
const encoder = new TextEncoder();
const record = (line: Line) => void transcript.writeSync(encoder.encode(`${JSON.stringify(line)}\n`));

const talker: Talker = new Talker(
  connect("http://127.0.0.1:1", {
    name: casting.part.name,
    store: new FileStore(casting.outboxDir),
    dial: dialOf(casting),
    wallMs: () => Date.now() + aheadMs,
    onStatus: (status) => record(Talker.statusLine(status)),
    onNotice: (says) => {
      if (Talker.isOld(says)) queueMicrotask(() => talker.resume());
    },
  }),
  casting.part,
  record,
);
console.log("ready");

const lines = Deno.stdin.readable.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream());
for await (const line of lines) {
  const [word = "", value = ""] = line.split(" ");
  if (word === "quiet") talker.quiet(value === "true");
  else if (word === "set-clock") aheadMs = Number(value);
  else if (word === "standing") console.log(JSON.stringify(talker.standing()));
  else if (word === "views") console.log(JSON.stringify(talker.views()));
  else if (word === "close") break;
  else throw new Error(`${casting.part.name} does not know the word ${word}`);
}
await talker.close();
transcript.close();
Deno.exit();
