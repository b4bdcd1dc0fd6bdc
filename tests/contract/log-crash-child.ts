/**
 * Appends to the log in the directory given, as fast as it can until it is killed, and prints what was
 * acknowledged: `epoch EPOCH WHY`, then `SEQ OFFSET` a line. Arguments: directory, first seq.
 */
import { openSqliteLog } from "../../src/log/sqlite/sqlite-log.ts";

const [directory = "", first = "1"] = Deno.args;
const log = await openSqliteLog({ directory });
console.log(`epoch ${log.epoch} ${log.renewed ?? "-"}`);

/** Appends in flight: enough that commits gather several. */
const WINDOW = 8;
const device = "d".repeat(32);
const sender = { sender: "Ann", author: "a".repeat(24), device, targetMust: null, target: null };
let seq = Number(first);

function batch(): { seq: number }[] & Parameters<typeof log.append>[0] {
  return Array.from({ length: 1 + seq % 4 }, () => ({
    ...sender,
    room: "lobby",
    tsMs: 1_790_000_000_000,
    type: "CHAT_MESSAGE" as const,
    seq: seq++,
    body: JSON.stringify({ text: "x".repeat(100) }),
  }));
}

async function appendForever(): Promise<void> {
  for (;;) {
    const entries = batch();
    const outcomes = await log.append(entries);
    const lines = entries.map(({ seq }, at) => {
      const outcome = outcomes[at];
      return `${seq} ${outcome?.status === "stored" ? outcome.offset : outcome?.status}\n`;
    });
    Deno.stdout.writeSync(new TextEncoder().encode(lines.join("")));
  }
}

await Promise.all(Array.from({ length: WINDOW }, appendForever));
