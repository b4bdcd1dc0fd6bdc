/** The yardstick: a relay on the same transport that gathers per turn, with no store, no rules and no checks.
 * What it costs is what this runtime costs; the rest is the chat. Speaks just enough of the wire for
 * `../load/quicchat-voice.ts`. Arguments: certificate file, key file. Prints its port. */
import { setImmediate } from "node:timers";
import { encodePdu } from "../../src/protocol/wire.ts";
import type { Link } from "../../src/transport/link.ts";
import { guardProcess } from "../../src/transport/process-guard.ts";
import { listenQuic } from "../../src/transport/quic/quic-listener.ts";

guardProcess(({ says }) => console.error(says));
const [certFile = "", keyFile = ""] = Deno.args;
const decoder = new TextDecoder();
const links = new Set<Link>();
let gathered: Uint8Array[] = [];
let offset = 0;

function relay(): void {
  const all = new Uint8Array(gathered.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const line of gathered) {
    all.set(line, at);
    at += line.length;
  }
  gathered = [];
  for (const link of links) link.push(all);
}

const listener = listenQuic({
  hostname: "127.0.0.1",
  port: 0,
  cert: await Deno.readTextFile(certFile),
  key: await Deno.readTextFile(keyFile),
  wires: ["quicchat/1"],
  onTrouble: ({ says }) => console.error(says),
  onLink: (link) => {
    links.add(link);
    let rest = "";
    link.open({
      bytes: (chunk) => {
        const lines = (rest + decoder.decode(chunk)).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) {
          const pdu = JSON.parse(line);
          if (pdu.type === "CHAT_HELLO") link.push(encodePdu({ type: "CHAT_JOINED" }, "quicchat/1"));
          if (pdu.type !== "CHAT_MESSAGE") continue;
          link.push(encodePdu({ type: "CHAT_RECEIPT", ack: pdu.seq }, "quicchat/1"));
          if (gathered.push(encodePdu({ ...pdu, offset: ++offset }, "quicchat/1")) === 1) setImmediate(relay);
        }
      },
      datagram: () => {},
      closed: () => void links.delete(link),
    });
  },
});
console.log(listener.port);
